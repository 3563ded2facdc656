"""What a rollback undid and the file still asks for: it is not done again unless a person says so."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from msgspec.structs import replace

from umap_bot.model.base import Undone
from umap_bot.model.canon import Canon, canonical, canonical_geometry
from umap_bot.model.change import Change, Create, Delete, Update
from umap_bot.model.layer import GEOMETRY, Feature
from umap_bot.model.plan import Objection, Plan
from umap_bot.model.undo import Redo
from umap_bot.reconcile.guard.question import Question, features
from umap_bot.reconcile.sides import Sides
from umap_bot.reconcile.slices import cells_of
from umap_bot.reconcile.threeway import cell_canonical, feature_name
from umap_bot.reconcile.undo.trace import written
from umap_bot.text import say


def marked(plan: Plan, sides: Sides) -> Plan:
    """Return the plan with the parts of its changes that would do again what a rollback undid."""
    undone = sides.base.undone if sides.base else {}
    found = [
        redo for change in plan.effects.changes for redo in _again(change, undone.get(change.key, {}), sides)
    ]
    return replace(plan, context=replace(plan.context, undone=tuple(found))) if found else plan


def remembered(sides: Sides) -> dict[str, dict[str, Undone]]:
    """Return what a settled run still remembers as undone: where the file says what it said, and the map not.

    Where the map says so too, it was done again, at a person's word, or by one. A row that can't be read says
    nothing: all of it is remembered.
    """
    found: dict[str, dict[str, Undone]] = {}
    for key, cells in (sides.base.undone if sides.base else {}).items():
        waits = key not in sides.desired.rows and sides.desired.waits(key)
        left = {cell: one for cell, one in cells.items() if waits or _is_undone(key, cell, one.value, sides)}
        if left:
            found[key] = left
    return found


def redo(question: Question) -> Iterator[Objection]:
    """The sync would do again what a rollback undid."""
    runs = sorted(question.plan.context.undone, key=lambda each: (each.run, each.by))
    for (run, by), group in groupby(runs, key=lambda each: (each.run, each.by)):
        found = list(group)
        parts = question.parts((each.key, each.field) for each in found)
        if not parts:
            continue
        names = tuple({each.key: each.name for each in found}.values())
        text = say(
            "The file still asks for changes of run {run} that run {by} rolled back, in {features}.",
            run=run,
            by=by,
            features=features(len(names)),
        )
        yield Objection("redo", text, count=len(names), features=names, parts=parts)


def _again(change: Change, undone: dict[str, Undone], sides: Sides) -> Iterator[Redo]:
    row = sides.desired.rows.get(change.key)
    if isinstance(change, Update):
        for name, live, desired in written(change):
            one = undone.get(name)
            if one and one.value == cell_canonical(name, desired):
                told = _redo(change, name, one, sides)
                yield replace(told, desired=desired, live=live)
    elif isinstance(change, Delete):
        one = undone.get("")
        if change.why == "row" and one and one.value is None:
            yield _redo(change, "", one, sides)
    elif row is not None:
        # A feature that would be added holds all its cells, also those that were undone one by one.
        asked = [one for cell, one in undone.items() if _says(row, cell, one.value)]
        yield from (replace(_redo(change, "", one, sides), desired=True) for one in asked[:1])


def _redo(change: Create | Update | Delete, field: str, one: Undone, sides: Sides) -> Redo:
    standing = sides.identities.ours.get(change.key)
    return Redo(
        key=change.key,
        name=feature_name(None, standing.feature, change.key) if standing else change.name,
        field=field,
        run=one.run,
        by=one.by,
        line=sides.desired.lines.get(change.key),
        header=sides.desired.headers.get(field, field),
        at=change.at,
    )


def _is_undone(key: str, cell: str, value: Canon, sides: Sides) -> bool:
    row, standing = sides.desired.rows.get(key), sides.identities.ours.get(key)
    if cell == "" and value is None:
        return row is None and standing is not None
    if row is None or not _says(row, cell, value):
        return False
    if cell == "" or standing is None:
        return standing is None
    return cell_canonical(cell, cells_of(standing.feature).get(cell)) != value


def _says(row: Feature, cell: str, value: Canon) -> bool:
    """Tell whether a row says in a cell, or of the whole feature, what it said then."""
    if cell == "":
        return isinstance(value, dict) and all(_cell(row, name) == then for name, then in value.items())
    return _cell(row, cell) == value


def _cell(row: Feature, name: str) -> Canon:
    return canonical_geometry(row.geometry) if name == GEOMETRY else canonical(row.properties.get(name))
