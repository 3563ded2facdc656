"""A layer as CSV: UTF-8 and commas for git, or as the Excel of most of Europe opens it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from umap_bot.dataset.delimited import choose_delimiter
from umap_bot.dataset.writing.cells import Losses
from umap_bot.dataset.writing.grid import Grid
from umap_bot.dataset.writing.place_columns import PlaceColumns, rows_of_text

BOM: Final = "\ufeff"
_FORMULA: Final = re.compile(r"[=@+\-\t\r]")
_NUMBER: Final = re.compile(r"[+-][\d.,]+")


def write(grid: Grid, places: PlaceColumns, losses: Losses, *, excel: bool = False) -> bytes:
    """Write the table, each cell's text as it is; line breaks are \\n.

    `excel`: a byte order mark, semicolons, and decimal commas in latitude and longitude.
    """
    table = [[*grid.columns, *places.columns], *rows_of_text(grid, places, losses, comma=excel)]
    delimiter = ";" if excel else ","
    text = _text(table, delimiter, csv.QUOTE_MINIMAL)
    if choose_delimiter(text) != delimiter:
        # Quotes around every cell leave but one delimiter that the file can be read with.
        text = _text(table, delimiter, csv.QUOTE_ALL)
    return ((BOM if excel else "") + text).encode()


def formulas(grid: Grid) -> int:
    """Count the cells that a spreadsheet would take for formulas."""
    texts = (value for row in grid.rows for value in row.cells.values() if isinstance(value, str))
    return sum(map(_is_formula, texts))


def inert(rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table to be read in a spreadsheet, and never to be synced: what would be a formula there has
    an apostrophe before it."""
    table = [[f"'{cell}" if _is_formula(cell) else cell for cell in cells] for cells in rows]
    return _text(table, ",", csv.QUOTE_MINIMAL).encode()


def _is_formula(text: str) -> bool:
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None


def _text(table: list[list[str]], delimiter: str, quoting: Literal[0, 1]) -> str:
    lines = io.StringIO()
    csv.writer(lines, delimiter=delimiter, lineterminator="\n", quoting=quoting).writerows(table)
    return lines.getvalue()
