"""The sides compared: what the tables make of each feature and row, and the plan of it all."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

import msgspec

from umap_bot.model.area import likely_area
from umap_bot.model.base import Known, geometries
from umap_bot.model.canon import canonical
from umap_bot.model.change import Change, Create, Delete, Update, point_of
from umap_bot.model.drift import Drift, DriftOutcome, Rowless
from umap_bot.model.layer import GEOMETRY, Commit, Feature, Layer, Reading
from umap_bot.model.plan import Context, Effects, Kind, Plan, sort_changes
from umap_bot.model.policy import Area, Policy
from umap_bot.reconcile.columns import gone_columns, places_gone
from umap_bot.reconcile.identity import Standing, key_of
from umap_bot.reconcile.lost.notice import found_anew
from umap_bot.reconcile.renumbered import renumbered
from umap_bot.reconcile.sides import Sides
from umap_bot.reconcile.slices import id_for, kept_ids
from umap_bot.reconcile.threeway import Pair, Scope, edited, feature_name, settle
from umap_bot.reconcile.unmanaged import deletion, doubles, duplicates, orphans, removed, unmanaged

CONTEXT: Final = 2
"""How many unchanged columns stand beside a change, so that a person knows which feature it is."""


class Found(msgspec.Struct, frozen=True):
    """What one feature or row comes to."""

    changes: tuple[Change, ...] = ()
    drift: tuple[Drift, ...] = ()


def compare(
    sides: Sides, commit: Commit, policy: Policy, asked: Collection[tuple[str, str, str]] = ()
) -> Plan:
    """Read the tables for every feature and row, and return the plan. `asked` is as in Scope."""
    absent = _rows_without_feature(sides)
    found = [*_standing(sides, policy, asked), *_missing(absent, sides, policy)]
    changes = [change for one in found for change in one.changes]
    changes += [*doubles(sides), *removed(sides, policy)]
    drift = [drift for one in found for drift in one.drift]
    plan = describe(sides, commit, policy, changes, "sync")
    context = msgspec.structs.replace(
        plan.context,
        drift=tuple(sorted(drift, key=lambda one: (one.name, one.key, one.field))),
        unmanaged=unmanaged(sides, policy),
        duplicates=duplicates(sides),
        unplaced=tuple(sorted(key for key in absent if sides.desired.rows[key].geometry is None)),
        awaited=tuple(feature_name(None, sides.identities.ours[key].feature, key) for key in awaited(sides)),
        moved=tuple(sorted(sides.desired.moved)),
        bad_rows=sides.desired.bad_rows.told,
        bad_row_count=sides.desired.bad_rows.count,
        rowless=tuple(_rowless(sides)),
        gone_columns=gone_columns(sides),
        places_gone=places_gone(sides),
        renumbered=renumbered(sides),
        area=_area(sides, changes),
        orphans=tuple(
            feature_name(None, each.feature, key_of(each.feature, sides.desired.key) or "")
            for each in orphans(sides)
        ),
    )
    return msgspec.structs.replace(plan, context=context)


def _area(sides: Sides, changes: list[Change]) -> Area | None:
    """Return the area of the points as last published, at first contact of the file's, if any is placed."""
    placed = any(isinstance(each, Create) or (isinstance(each, Update) and each.move) for each in changes)
    if not placed:
        return None
    placed_then = (
        geometries(sides.base.known.values())
        if sides.base
        else [row.geometry for row in sides.desired.rows.values()]
    )
    return likely_area([point for geometry in placed_then if (point := point_of(geometry))])


def describe(sides: Sides, commit: Commit, policy: Policy, changes: list[Change], kind: Kind) -> Plan:
    """Return a plan of these changes, with all that tells which layer, file and version it is of."""
    entry = sides.live.entry
    kept = kept_ids(sides.ids) if changes else []
    staying = _ids_that_stay(sides, changes, kept)
    effects = Effects(
        kind=kind,
        layer_id=entry.layer_id,
        policy=policy,
        changes=_with_ids(sort_changes(changes), sides, kept, {umap_id for umap_id in staying if umap_id}),
        ids=staying.count(None),
    )
    context = Context(
        layer_name=entry.name,
        map_name=entry.map_name,
        map_url=entry.map_url,
        version=sides.live.version,
        commit=commit,
        file=sides.desired.file,
        key=sides.desired.key,
        first=sides.base is None,
        published=sides.base.commit if sides.base else "",
        anew=sides.base is not None and sides.base.origin is not None,
        ours=sides.ours,
        total=len(sides.live.carried.features),
        rows=len(sides.desired.rows),
        decimal=sides.desired.decimal,
        headers=sides.desired.headers,
        warnings=sides.desired.warnings + found_anew(sides.base),
        guess=_guess(sides),
    )
    return Plan(effects=effects, context=context)


def _guess(sides: Sides) -> Reading | None:
    """Return how the file was read, if that was guessed and nobody has published it so before."""
    reading, before = sides.desired.reading, sides.base.encoding if sides.base else ""
    return reading if reading.words and reading.encoding != before else None


def _standing(sides: Sides, policy: Policy, asked: Collection[tuple[str, str, str]]) -> Iterator[Found]:
    """Features of ours that stand on the map: update or delete."""
    scope = _scope(sides, policy, asked)
    for key, standing in sides.identities.ours.items():
        base = sides.base.known.get(key) if sides.base else None
        row = sides.desired.rows.get(key)
        if row is not None:
            yield _update(Pair(key, base, row, standing.feature), standing.place, scope, sides)
        elif base is not None and not sides.desired.waits(key):
            yield _delete(key, base, standing, sides, policy)


def awaited(sides: Sides) -> list[str]:
    """Return the keys of features of ours that stay until another layer has them."""
    return sorted(sides.waiting & sides.desired.awaited & sides.identities.ours.keys())


def _rowless(sides: Sides) -> Iterator[Rowless]:
    for key in sorted(sides.waiting & sides.identities.ours.keys()):
        if sides.desired.is_rowless(key):
            feature = sides.identities.ours[key].feature
            yield Rowless(key, feature_name(None, feature, key), point_of(feature.geometry))


def _scope(sides: Sides, policy: Policy, asked: Collection[tuple[str, str, str]]) -> Scope:
    vanished = [name for name in sides.base_columns if name not in sides.desired.columns]
    columns = (*sides.desired.owned, *vanished)
    return Scope(sides.desired, columns, policy.drift, first=sides.base is None, asked=asked)


def _update(pair: Pair, place: int, scope: Scope, sides: Sides) -> Found:
    kept = sides.base.kept.cells.get(pair.key, {}) if sides.base else {}
    settled = settle(pair, scope, kept)
    if not settled.fields and settled.move is None:
        return Found(drift=settled.drift)
    touched = {field.name for field in settled.fields}
    update = Update(
        key=pair.key,
        name=feature_name(pair.row, pair.live, pair.key),
        fields=settled.fields,
        move=settled.move,
        umap_id=pair.live.umap_id,
        place=place,
        at=point_of(settled.move.after if settled.move else pair.live.geometry),
        context=_context(pair.row, sides.desired, touched),
    )
    return Found((update,), settled.drift)


def _context(row: Feature, desired: Layer, touched: set[str]) -> dict[str, str]:
    """Return the first unchanged columns that say something, to know the feature by."""
    context: dict[str, str] = {}
    for name in desired.owned:
        value = canonical(row.properties.get(name))
        if name in touched or name in {desired.key, "name"} or not isinstance(value, str):
            continue
        context[name] = value
        if len(context) == CONTEXT:
            break
    return context


def _delete(key: str, known: Known, standing: Standing, sides: Sides, policy: Policy) -> Found:
    """A row is gone from the file. If a person edited the feature, that is a conflict."""
    live = standing.feature
    cells = edited(known, live, sides.base_columns, geometry=_both_own_geometry(sides))
    name = feature_name(None, live, key)
    # If base is only the likeliest one, nobody knows whether a person wrote this, or it never was published.
    guessed = sides.base is not None and sides.base.is_guess
    outcome: DriftOutcome = "keep" if guessed or policy.drift == "propose" else policy.drift
    drift = tuple(
        Drift(
            key=key,
            name=name,
            field=cell,
            kind="edited",
            outcome=outcome,
            base=known.geometry if cell == GEOMETRY else known.properties.get(cell),
            live=live.geometry if cell == GEOMETRY else live.properties.get(cell),
            header=sides.desired.headers.get(cell, cell),
            at=point_of(live.geometry),
        )
        for cell in cells
    )
    if drift and outcome == "keep":
        return Found(drift=drift)  # it stays, and is a person's from now on
    return Found((deletion(key, name, standing, sides),), drift)


def _both_own_geometry(sides: Sides) -> bool:
    return bool(sides.base and sides.base.places and sides.desired.owns_geometry)


def _missing(absent: set[str], sides: Sides, policy: Policy) -> Iterator[Found]:
    """Rows that have no feature on the map (`absent`): create, or a person deleted it."""
    for key in sorted(absent):
        row = sides.desired.rows[key]
        if row.geometry is None:
            continue  # not on the map yet
        if sides.base and key in sides.base.known:
            yield _deleted_by_person(key, row, sides, policy)
        else:
            yield Found((_creation(key, row),))


def _rows_without_feature(sides: Sides) -> set[str]:
    return set(sides.desired.rows) - set(sides.identities.ours) - set(sides.unchanged.aside)


def _creation(key: str, row: Feature, *, recreates: bool = False) -> Create:
    properties = {name: value for name, value in row.properties.items() if canonical(value) is not None}
    return Create(
        key=key,
        name=feature_name(row, None, key),
        properties=properties,
        geometry=row.geometry,
        at=point_of(row.geometry),
        recreates=recreates,
    )


def _deleted_by_person(key: str, row: Feature, sides: Sides, policy: Policy) -> Found:
    standing = bool(sides.base and key in sides.base.kept.deleted)
    outcomes: dict[str, DriftOutcome] = {"recreate": "overwrite", "keep": "keep"}
    outcome = outcomes.get(policy.deleted, "keep" if standing else "hold")
    drift = Drift(
        key=key,
        name=feature_name(row, None, key),
        field="",
        kind="deleted",
        outcome=outcome,
        standing=standing,
        line=sides.desired.lines.get(key),
        at=point_of(row.geometry),
    )
    changes = () if outcome == "keep" else (_creation(key, row, recreates=True),)
    return Found(changes, (drift,))


def _with_ids(
    changes: tuple[Change, ...], sides: Sides, kept: list[str | None], staying: set[str]
) -> tuple[Change, ...]:
    """Return the changes with the uMap ids that their features will have. `kept` are the ids of all features
    of the layer that the editor keeps, `staying` those of the features that stay.

    A new one without an id gets one: derived from layer and key, unique in the layer. An id that another
    feature keeps, or gets, is none of this one's: base would take that one for it.
    """
    taken = {umap_id for umap_id in kept if umap_id}
    layer_id = sides.live.entry.layer_id
    given = set(staying)

    def with_id(change: Change) -> Change:
        if isinstance(change, Create):
            if not change.umap_id or change.umap_id in given:
                change = msgspec.structs.replace(change, umap_id=id_for(layer_id, change.key, taken))
            given.add(change.umap_id or "")
            taken.add(change.umap_id or "")
        elif isinstance(change, Update) and kept[change.place] is None and change.umap_id in taken:
            change = msgspec.structs.replace(change, umap_id=None)
        return change

    return tuple(map(with_id, changes))


def _ids_that_stay(sides: Sides, changes: list[Change], kept: list[str | None]) -> list[str | None]:
    """Return the uMap ids of the features that stay; None for one that has none of its own."""
    going = {change.place for change in changes if isinstance(change, Delete)}
    if not going:
        return kept
    return kept_ids(umap_id for place, umap_id in enumerate(sides.ids) if place not in going)
