"""Rows that can't be read, and wait while all others are published (DATASET_BAD_ROWS=wait)."""

from __future__ import annotations

from typing import Final

from umap_bot.dataset.findings import FileError
from umap_bot.dataset.keys import record_key
from umap_bot.dataset.table import Table
from umap_bot.model.layer import BadRows, Layer
from umap_bot.text import say

MOST: Final = 20
"""One row of so many may wait, and one in any case: more are a file that went wrong."""

TOO_MANY: Final = say(
    "Nothing was changed, because DATASET_BAD_ROWS=wait allows at most 5 % of the rows to wait."
)


def set_apart(table: Table, error: FileError, key: str) -> tuple[Table, BadRows]:
    """Return the table without the rows in which `error` found problems, and these rows.

    A row that has the id of one of them goes with it: nobody knows which of the two is the feature's. `key`
    is the column of the ids.
    """
    ids = {record.number: record_key(record, key) for record in table.records}
    keys = {ids[number] for number in error.rows if ids.get(number)}
    numbers = {number for number, found in ids.items() if found in keys} | error.rows.keys()
    table.records = [record for record in table.records if record.number not in numbers]
    unknown = any(not ids.get(number) or key in columns for number, columns in error.rows.items())
    told = (*error.lines, error.way_out) if error.way_out else error.lines
    return table, BadRows(len(numbers), told, frozenset(keys), unknown)


def may_wait(layer: Layer) -> bool:
    """Tell whether so few rows of a layer wait that the others can be relied on."""
    waiting = layer.bad_rows.count
    return bool(layer.rows) and waiting <= max(1, (len(layer.rows) + waiting) // MOST)
