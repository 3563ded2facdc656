"""A layer as an Excel workbook (.xlsx) of one sheet, every cell of it text."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from types import ModuleType
from typing import Final

from umap_bot.dataset.findings import excerpt
from umap_bot.dataset.writing.cells import Losses
from umap_bot.dataset.writing.grid import Grid, Row
from umap_bot.dataset.writing.place_columns import PlaceColumns, rows_of_text
from umap_bot.errors import DatasetError, UsageError
from umap_bot.text import say

MOST_CHARACTERS: Final = 32_767
MOST_ROWS: Final = 1_048_575
MOST_COLUMNS: Final = 16_384
_WAY_OUT: Final = say("Write CSV or GeoJSON instead: --format csv or --format geojson")
_MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001  the same workbook each time, for git


def library() -> ModuleType:
    """Return XlsxWriter. Raise UsageError if the extra is not installed."""
    try:
        import xlsxwriter  # noqa: PLC0415  an extra, and 40 ms that only this format needs
    except ImportError:
        raise UsageError(
            say("Writing .xlsx requires a library that is not installed."),
            way_out=say("To install it: pip install XlsxWriter. Or write CSV or GeoJSON: --format csv"),
        ) from None
    module: ModuleType = xlsxwriter
    return module


def write(grid: Grid, places: PlaceColumns, losses: Losses) -> bytes:
    """Write the table. All cells are text: no formula, no link, no number or date that Excel would respell.

    Raise DatasetError for what no workbook can hold, UsageError without the extra.
    """
    columns = (*grid.columns, *places.columns)
    if len(grid.rows) > MOST_ROWS or len(columns) > MOST_COLUMNS:
        raise DatasetError(say("The layer is too large for an Excel sheet."), way_out=_WAY_OUT)
    cells = rows_of_text(grid, places, losses, workbook=True)
    rows = (
        [cell and _short(cell, columns[index], row) for index, cell in enumerate(found)]
        for row, found in zip(grid.rows, cells, strict=True)
    )
    return sheet("layer", columns, rows)


def sheet(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a workbook of one sheet: a bold line of columns that stays in sight, and rows of text.

    Raise UsageError without the extra.
    """
    file = io.BytesIO()
    book = library().Workbook(file, {"in_memory": True})
    book.set_properties({"created": _MADE})
    text, bold = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "bold": True})
    page = book.add_worksheet(title)
    page.set_column(0, len(columns) - 1, 20, text)
    page.freeze_panes(1, 0)
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{MOST_ROWS + 1}"})
    for index, column in enumerate(columns):
        page.write_string(0, index, column, bold)
    for number, cells in enumerate(rows, start=1):
        for index, cell in enumerate(cells):
            if cell:
                page.write_string(number, index, cell[:MOST_CHARACTERS], text)
    book.close()
    return file.getvalue()


def _short(text: str, column: str, row: Row) -> str:
    length = len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2  # as Excel counts
    if length > MOST_CHARACTERS:
        raise DatasetError(
            say(
                '"{column}" of "{key}" has {length} characters, but an Excel cell holds at most {most}.',
                column=excerpt(column),
                key=excerpt(row.key),
                length=length,
                most=MOST_CHARACTERS,
            ),
            way_out=_WAY_OUT,
        )
    return text
