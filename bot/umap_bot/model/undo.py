"""What undoing a run means for base, and what of an undone run a sync would do again."""

from __future__ import annotations

import msgspec

from umap_bot.model.base import Known
from umap_bot.model.canon import Canon, Value
from umap_bot.model.change import Point


class Undo(msgspec.Struct, frozen=True):
    """What the plan of a rollback carries beside its changes: which run it undoes, and what base becomes.

    `said`: key → cell → what run `run` had written there, canonical; the cell "" is the whole feature (see
    `Undone`). `rows`: key → what base held there before that run, only those cells of it, or the whole row;
    None for no row. `left`: key → cell → what the run had written, where somebody changed it since: it stays
    as it is on the map, and is remembered as undone too. An undone adoption has none of these.
    """

    run: int
    said: dict[str, dict[str, Canon]] = {}
    rows: dict[str, Known | None] = {}
    left: dict[str, dict[str, Canon]] = {}


class Redo(msgspec.Struct, frozen=True, kw_only=True):
    """A change of run `run` that run `by` undid, and that the file still asks for.

    `field` is a property's name, GEOMETRY, or "" for the whole feature: `desired` is then True if the file
    has its row, so that it would be added again, and None if it would be removed again.
    """

    key: str
    name: str
    field: str
    run: int
    by: int
    desired: Value = None
    live: Value = None
    line: int | None = None
    header: str = ""
    at: Point | None = None
