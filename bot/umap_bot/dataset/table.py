"""What every decoder gives: the records of a file, with the columns' names as the file has them (NFC)."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final, TypeVar

import msgspec

from umap_bot import progress
from umap_bot.dataset.findings import excerpt
from umap_bot.model.canon import Geometry, Value
from umap_bot.text import Text, say, say_n

_LISTED: Final = 20

T = TypeVar("T")


class Record(msgspec.Struct):
    """A row or a feature. `number` is what a spreadsheet shows (GeoJSON: from 1). Empty cells are not there.

    `own_id` is the `id` of a GeoJSON feature itself, beside its properties. `source` is the digest that the
    row is known by, "" if there is none.
    """

    number: int
    cells: dict[str, Value]
    geometry: Geometry | None = None
    own_id: str | int | float | None = None
    source: str = ""


class Table(msgspec.Struct):
    """`columns` are in the file's order. `places` tells whether the file says where things are.

    `unchanged` goes from key to number, of rows that are as base has them: there is no record of them.
    `has_header` tells whether the columns are known without a record: true of a header row, not of GeoJSON.
    `sheet` is the name of the sheet that was read, if people see others beside it. `decimal` is the separator
    that the file's coordinates have.
    """

    columns: tuple[str, ...]
    records: list[Record]
    places: bool = False
    has_header: bool = True
    unchanged: dict[str, int] = {}
    sheet: str = ""
    decimal: str = "."


def read_so_far(records: Iterable[T]) -> Iterable[T]:
    """Return the records of a file; while they are gone through, it is said how many were read."""
    return progress.counted(
        records, lambda count: say_n("Reading the file: {count} row", "Reading the file: {count} rows", count)
    )


def nearest(name: str, names: tuple[str, ...]) -> Text:
    """Return an offer that can end a sentence about an unknown column: the nearest name, and all of them."""
    near = get_close_matches(name.casefold(), [other.casefold() for other in names], n=1)
    meant = next((other for other in names if near and other.casefold() == near[0]), None)
    columns = (*(excerpt(other) for other in names[:_LISTED]), *(("…",) if names[_LISTED:] else ()))
    if meant:
        return say('did you mean "{column}"? Columns: {columns:, }', column=excerpt(meant), columns=columns)
    return say("columns: {columns:, }", columns=columns)
