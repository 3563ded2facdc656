"""What one run did to the map, feature by feature, and which later runs wrote there since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import UNSET

from umap_bot.model.canon import Canon, Geometry, Value
from umap_bot.model.change import Change, Create, Delete, Field, Move, Update
from umap_bot.model.drift import Drift
from umap_bot.model.layer import GEOMETRY
from umap_bot.model.run import Run
from umap_bot.reconcile.identity import key_of
from umap_bot.reconcile.slices import decode
from umap_bot.reconcile.threeway import cell_canonical


class Cell(msgspec.Struct, frozen=True):
    """A cell that a run wrote: what it found there at last, what it left, and what base held before it."""

    before: Value
    after: Value
    base: Value


class Trace(msgspec.Struct, frozen=True):
    """What a run did to one feature. `created` and `deleted` are of the whole of it, `cells` of parts.

    Of a created feature `cells` are what the run wrote into it after that.
    """

    key: str
    name: str
    created: Create | None = None
    deleted: Delete | None = None
    cells: dict[str, Cell] = {}

    @property
    def made(self) -> dict[str, Value]:
        """Return the cells of a created feature as the run left them; what it left empty is missing."""
        if self.created is None:
            return {}
        own = {**self.created.properties, GEOMETRY: self.created.geometry}
        return {**own, **{name: cell.after for name, cell in self.cells.items()}}


def traces(run: Run) -> dict[str, Trace]:
    """Return what a run did to the features of the file, by their keys.

    Second copies that it removed are no loss; what people had drawn and a rollback brought back is theirs.
    """
    found: dict[str, Trace] = {}
    for change in run.applied:
        if run.plan and is_of_file(change, run.plan.context.key):
            found[change.key] = _follow(found.get(change.key) or Trace(change.key, change.name), change, run)
    return found


def is_of_file(change: Change, key: str) -> bool:
    """Tell whether a change is of a feature of the file, and of the only one of its key."""
    if isinstance(change, Delete):
        return change.why in {"row", "undo"}
    if isinstance(change, Create) and change.raw:
        stood = decode(change.raw.encode())
        # People's own go by their uMap id. One of the file's may have come without its key: somebody took it.
        return key_of(stood, key) == change.key or change.key != (stood.umap_id or "")
    return True


def unmanaged_removed(run: Run) -> Iterator[Delete]:
    """Return the features of people's own that a run removed."""
    return (change for change in run.applied if isinstance(change, Delete) and change.why == "foreign")


def _follow(trace: Trace, change: Change, run: Run) -> Trace:
    """Add a change. One that applied, was changed by a person and applied again counts from that person
    on."""
    if isinstance(change, Delete):
        return msgspec.structs.replace(trace, deleted=change)
    if isinstance(change, Create):
        stood = trace.created is None and (trace.cells or trace.deleted)
        return trace if stood else msgspec.structs.replace(trace, created=trace.created or change)
    cells = dict(trace.cells)
    for name, before, after in written(change):
        base = cells[name].base if name in cells else _base(change.key, name, before, run.drift)
        cells[name] = Cell(before, after, base)
    return msgspec.structs.replace(trace, cells=cells)


def written(update: Update) -> Iterator[tuple[str, Value, Value]]:
    """Return the cells of an update, each with what stood before and after it; None for nothing."""
    for field in update.fields:
        yield field.name, _value(field.before), _value(field.after)
    if update.move:
        yield GEOMETRY, update.move.before, update.move.after


def back(name: str, live: Value, cell: Cell) -> Field | Move:
    """Return what puts a cell back as the run found it."""
    if name == GEOMETRY:
        return Move(_geometry(live), _geometry(cell.before))
    return Field(name, UNSET if live is None else live, UNSET if cell.before is None else cell.before)


def _base(key: str, name: str, before: Value, drift: Iterable[Drift]) -> Value:
    """Return what base held before the run: what it found, unless a person had written that."""
    found = cell_canonical(name, before)
    edits = (
        each for each in drift if (each.key, each.field) == (key, name) and each.kind in {"drift", "conflict"}
    )
    put_back = (each for each in edits if each.outcome != "keep")
    edit = next((each for each in put_back if cell_canonical(name, each.live) == found), None)
    return edit.base if edit else before


def writer(later: Iterable[Run], key: str, cell: str, value: Canon) -> int:
    """Return the newest of later runs that left this value in a cell; 0 if none did.

    The cell "" is the feature itself: None if it was removed, else "there".
    """
    for run in sorted(later, key=lambda one: -one.number):
        for change in run.applied:
            if change.key == key and _left(change, cell) == [value]:
                return run.number
    return 0


def _left(change: Change, cell: str) -> list[Canon]:
    """Return what a change left in a cell, if it wrote there."""
    if isinstance(change, Update):
        return [cell_canonical(name, after) for name, _, after in written(change) if name == cell]
    if isinstance(change, Delete):
        return [None] if cell == "" and change.why in {"row", "undo"} else []
    if cell == "":
        return ["there"]
    value = change.geometry if cell == GEOMETRY else change.properties.get(cell)
    return [cell_canonical(cell, value)]


def _value(value: Value | msgspec.UnsetType) -> Value:
    return None if value is UNSET else value


def _geometry(value: Value) -> Geometry | None:
    return value if isinstance(value, dict) else None
