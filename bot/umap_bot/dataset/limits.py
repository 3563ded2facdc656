"""How much of anything a file may hold: reading stops there before the memory does (1 GiB is enough)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from umap_bot.dataset.findings import Findings
from umap_bot.model.canon import Value
from umap_bot.model.decoding import is_expansion
from umap_bot.text import say

MOST_BYTES: Final = 100 * 2**20
"""Of a file. The largest layers that uMap takes are a third of it."""
MOST_ROWS: Final = 500_000
MOST_CELLS: Final = 6_000_000
"""Cells that hold something: each takes some 100 bytes."""
MOST_COLUMNS: Final = 1_000
MOST_IN_CELL: Final = 16 * 2**20
"""Characters of a cell: csv's own limit (131 072) is less than a polygon's outline may take."""
MOST_POSITIONS: Final = 1_000_000
"""Positions of all outlines that are written in cells: reading one takes some 3 µs."""
MOST_NESTED: Final = 32
"""Lists and objects in one another, in a property. The comparison of values recurses."""


def refuse_expansion(body: bytes, findings: Findings) -> None:
    """Raise FileError for JSON that would take far more memory than its text does."""
    if is_expansion(body):
        findings.fatal(say("the file has more values than a map can show; split it"))


def levels(value: Value) -> Iterator[list[Value]]:
    """Return the members of a list or an object, then all their members, and so on to the deepest ones."""
    level = [value]
    while level := [
        member
        for outer in level
        if isinstance(outer, (dict, list))
        for member in (outer.values() if isinstance(outer, dict) else outer)
    ]:
        yield level


def refuse_columns(count: int, findings: Findings) -> None:
    """Raise FileError for a table of too many columns."""
    findings.fatal(
        say(
            "the file has {count} columns, and at most {most} are allowed; check that it is the right file",
            count=count,
            most=MOST_COLUMNS,
        )
    )


def refuse_number_of_cells(rows: int, cells: int, findings: Findings) -> None:
    """Raise FileError for a table that is too large."""
    if rows > MOST_ROWS:
        findings.fatal(say("the file has more than {most} rows; split it", most=MOST_ROWS))
    if cells > MOST_CELLS:
        findings.fatal(say("the file has more than {most} non-empty cells; split it", most=MOST_CELLS))
