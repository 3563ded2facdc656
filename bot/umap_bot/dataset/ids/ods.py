"""Ids in a sheet of OpenDocument (.ods): only their cells are added."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from typing import Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from umap_bot.dataset.findings import Findings
from umap_bot.dataset.ids.package import (
    Block,
    Splices,
    content_of,
    refuse_formula,
    rewritten,
    walk,
)
from umap_bot.dataset.ids.splices import spliced
from umap_bot.dataset.sheets.parts import whole
from umap_bot.text import say

_PART: Final = "content.xml"
_COVERED: Final = "table:covered-table-cell"
_CELLS: Final = ("table:table-cell", _COVERED)
_ROW: Final = "table:table-row"
_COLUMNS: Final = "table:number-columns-repeated"
_ROWS: Final = "table:number-rows-repeated"
_MATRIX_COLUMNS: Final = "table:number-matrix-columns-spanned"
_MATRIX_ROWS: Final = "table:number-matrix-rows-spanned"


class _Cell(NamedTuple):
    """A cell, or equal neighbours written once: where it stands, its first column, how many."""

    start: int
    end: int
    column: int
    repeats: int
    attributes: dict[str, str]
    is_covered: bool


def write(data: bytes, sheet: str, column: int, cells: Mapping[int, str], findings: Findings) -> bytes:
    """Return the file with these texts in one column (from 0) of a sheet, by the numbers of their rows.

    Rows and cells that are written once for several are written one by one where that is needed. Raise
    FileError if one of these cells is part of a matrix, or lies under a merged one.
    """
    content = content_of(data, _PART)
    found = _Places(content, sheet, column, cells, findings)
    walk(content, found.start, found.end)
    return rewritten(data, _PART, found.splices)


class _Places:
    """Goes through the one sheet of that name, and notes what is to be written where."""

    def __init__(
        self, content: bytes, sheet: str, column: int, cells: Mapping[int, str], findings: Findings
    ) -> None:
        self.splices: Splices = []
        self._content = content
        self._sheet = sheet
        self._column = column
        self._texts = cells
        self._numbers = sorted(cells)
        self._findings = findings
        self._matrices: list[Block] = []
        self._within = self._done = False
        self._next = 1
        self._row: tuple[int, int, int] | None = None
        self._cells: list[_Cell] = []
        self._cell: tuple[int, str, dict[str, str]] | None = None
        self._depth = 0

    def start(self, name: str, attributes: dict[str, str], at: int) -> None:
        if self._cell is not None:
            self._depth += 1
        elif name == "table:table" and not self._within:
            self._within = not self._done and attributes.get("table:name") == self._sheet
        elif not self._within:
            return
        elif name == _ROW:
            self._row, self._cells = (at, self._next, _count(attributes, _ROWS)), []
        elif name in _CELLS and self._row:
            self._cell = at, name, attributes

    def end(self, name: str, _at: int, whole_end: int) -> None:
        if self._depth:
            self._depth -= 1
        elif self._cell is not None:
            self._add_cell(whole_end)
        elif name == _ROW and self._row:
            start, first, count = self._row
            self._row, self._next = None, first + count
            self._end_row(start, whole_end, first, count)
        elif name == "table:table" and self._within:
            self._within, self._done = False, True

    def _add_cell(self, end: int) -> None:
        if self._cell and self._row:
            start, name, attributes = self._cell
            column = self._cells[-1].column + self._cells[-1].repeats if self._cells else 0
            repeats = _count(attributes, _COLUMNS)
            self._cells.append(_Cell(start, end, column, repeats, attributes, name == _COVERED))
            if _MATRIX_ROWS in attributes or _MATRIX_COLUMNS in attributes:
                _, row, _ = self._row
                bottom = row + _count(attributes, _MATRIX_ROWS) - 1
                right = column + _count(attributes, _MATRIX_COLUMNS) - 1
                if (row, column) != (bottom, right):
                    self._matrices.append(Block(row, column, bottom, right))
        self._cell = None

    def _end_row(self, start: int, end: int, first: int, count: int) -> None:
        after = bisect_left(self._numbers, first)
        if after == len(self._numbers) or self._numbers[after] >= first + count:
            return  # it may stand for a million empty ones
        self._refuse_parts(self._numbers[after : bisect_left(self._numbers, first + count)])
        numbers = range(first, first + count)
        rows = [self._with_text(start, end, self._texts.get(number)) for number in numbers]
        self.splices.append((start, end, b"".join(rows)))

    def _refuse_parts(self, numbers: list[int]) -> None:
        """Refuse to write into cells of these rows that are not their own."""
        for number in numbers:
            for matrix in self._matrices:
                if matrix.holds(number, self._column):
                    refuse_formula(str(matrix), number, self._findings)
        covering = self._covering()
        if covering and covering.is_covered:
            self._findings.fatal(say("the id cell is part of a merged cell; unmerge it first"), numbers[0])

    def _covering(self) -> _Cell | None:
        """Return the cell of the row that stands for the one in the column, None if it ends before that."""
        return next((cell for cell in self._cells if self._column < cell.column + cell.repeats), None)

    def _with_text(self, start: int, end: int, text: str | None) -> bytes:
        """Return one row, with a text in the column if there is one."""
        row = self._content[start:end]
        head = row.index(b">") + 1
        alone = _without(row[:head], _ROWS) + row[head:]
        if text is None:
            return alone
        cut = len(row) - len(alone)  # what the row's tag is shorter by
        at, until, piece = self._piece(end, text)
        return spliced(alone, [(at - start - cut, until - start - cut, piece)])

    def _piece(self, end: int, text: str) -> tuple[int, int, bytes]:
        covering = self._covering()
        if covering is None:
            last = self._cells[-1] if self._cells else None
            gap = self._column - (last.column + last.repeats if last else 0)
            at = last.end if last else self._content.rindex(b"<", 0, end)
            return at, at, (_empty(gap) if gap else b"") + _written(text, {})
        before = self._column - covering.column
        after = covering.repeats - before - 1
        cell = self._content[covering.start : covering.end]
        piece = _repeated(cell, before) + _written(text, covering.attributes) + _repeated(cell, after)
        return covering.start, covering.end, piece


def _written(text: str, attributes: dict[str, str]) -> bytes:
    style = attributes.get("table:style-name")
    styled = f" table:style-name={quoteattr(style)}" if style else ""
    return (
        f'<table:table-cell{styled} office:value-type="string"><text:p>{escape(text)}</text:p>'
        "</table:table-cell>"
    ).encode()


def _empty(count: int) -> bytes:
    return f'<table:table-cell {_COLUMNS}="{count}"/>'.encode()


def _repeated(cell: bytes, count: int) -> bytes:
    """Return a cell as one that stands for so many."""
    if not count:
        return b""
    head = cell.index(b">") + 1
    tag = _without(cell[:head], _COLUMNS)
    name = re.match(rb"<[\w:-]+", tag)
    cut = name.end() if name else 0
    more = f' {_COLUMNS}="{count}"'.encode() if count > 1 else b""
    return tag[:cut] + more + tag[cut:] + cell[head:]


def _without(tag: bytes, attribute: str) -> bytes:
    return re.sub(rb"\s+" + attribute.encode() + rb"""\s*=\s*("[^"]*"|'[^']*')""", b"", tag)


def _count(attributes: dict[str, str], name: str) -> int:
    return max(1, whole(attributes.get(name), 1))
