"""A sheet of OpenDocument (.ods) with edits: only their cells are written."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from umap_bot.dataset.delimited import column_letter
from umap_bot.dataset.editing.package import (
    Block,
    Cells,
    CellValue,
    Splices,
    content_of,
    refuse_formula,
    rewritten,
    walk,
)
from umap_bot.dataset.editing.splices import spliced
from umap_bot.dataset.findings import Findings
from umap_bot.dataset.sheets.parts import whole
from umap_bot.model.canon import number_text
from umap_bot.text import say

_PART: Final = "content.xml"
_COVERED: Final = "table:covered-table-cell"
_CELLS: Final = ("table:table-cell", _COVERED)
_ROW: Final = "table:table-row"
_COLUMNS: Final = "table:number-columns-repeated"
_ROWS: Final = "table:number-rows-repeated"
_MATRIX_COLUMNS: Final = "table:number-matrix-columns-spanned"
_MATRIX_ROWS: Final = "table:number-matrix-rows-spanned"
_NOTE: Final = "office:annotation"
_FORMULA: Final = "table:formula"
_OF_VALUE: Final = re.compile(r"office:.*|calcext:value-type|table:number-columns-repeated")
"""Attributes of a cell that tell its value, or of how many it is one."""
_GAP: Final = re.compile(r"^ +| {2,}| +$")
_TAG: Final = re.compile(rb"""<(?:"[^"]*"|'[^']*'|[^"'>])*>""")


class _Cell(NamedTuple):
    """A cell, or equal neighbours written once: where it stands, its first column, how many. `notes` are
    where comments stand in it."""

    start: int
    end: int
    column: int
    repeats: int
    attributes: dict[str, str]
    is_covered: bool
    notes: tuple[tuple[int, int], ...] = ()


def write(data: bytes, sheet: str, cells: Cells, findings: Findings) -> bytes:
    """Return the file with these cells of a sheet, by the numbers of their rows and columns (from 0).

    Rows and cells that are written once for several are written one by one where that is needed. Raise
    FileError if one of these cells has a formula or belongs to one, or lies under a merged one.
    """
    content = content_of(data, _PART)
    found = _Places(content, sheet, cells, findings)
    walk(content, found.start, found.end)
    return rewritten(data, _PART, found.splices)


class _Places:
    """Goes through the one sheet of that name, and notes what is to be written where."""

    def __init__(self, content: bytes, sheet: str, cells: Cells, findings: Findings) -> None:
        self.splices: Splices = []
        self._content = content
        self._sheet = sheet
        self._wanted = cells
        self._numbers = sorted(cells)
        self._findings = findings
        self._matrices: list[Block] = []
        self._within = self._done = False
        self._next = 1
        self._end = 0  # of the last row
        self._row: tuple[int, int, int] | None = None
        self._cells: list[_Cell] = []
        self._cell: tuple[int, str, dict[str, str]] | None = None
        self._notes: list[tuple[int, int]] = []
        self._note = 0
        self._depth = 0

    def start(self, name: str, attributes: dict[str, str], at: int) -> None:
        if self._cell is not None:
            if self._depth == 0 and name == _NOTE:
                self._note = at
            self._depth += 1
        elif name == "table:table" and not self._within:
            self._within = not self._done and attributes.get("table:name") == self._sheet
        elif not self._within:
            return
        elif name == _ROW:
            self._row, self._cells = (at, self._next, _count(attributes, _ROWS)), []
        elif name in _CELLS and self._row:
            self._cell, self._notes = (at, name, attributes), []

    def end(self, name: str, _at: int, whole_end: int) -> None:
        if self._depth:
            self._depth -= 1
            if self._depth == 0 and name == _NOTE:
                self._notes.append((self._note, whole_end))
        elif self._cell is not None:
            self._add_cell(whole_end)
        elif name == _ROW and self._row:
            start, first, count = self._row
            self._row, self._next, self._end = None, first + count, whole_end
            self._end_row(start, whole_end, first, count)
        elif name == "table:table" and self._within:
            self._within, self._done = False, True
            self._add_rows()

    def _add_cell(self, end: int) -> None:
        if self._cell and self._row:
            start, name, attributes = self._cell
            column = self._cells[-1].column + self._cells[-1].repeats if self._cells else 0
            repeats = _count(attributes, _COLUMNS)
            covered, notes = name == _COVERED, tuple(self._notes)
            self._cells.append(_Cell(start, end, column, repeats, attributes, covered, notes))
            if _MATRIX_ROWS in attributes or _MATRIX_COLUMNS in attributes:
                _, row, _ = self._row
                bottom = row + _count(attributes, _MATRIX_ROWS) - 1
                right = column + _count(attributes, _MATRIX_COLUMNS) - 1
                if (row, column) != (bottom, right):
                    self._matrices.append(Block(row, column, bottom, right))
        self._cell = None

    def _add_rows(self) -> None:
        """Write the rows that come after the last one of the sheet."""
        for number in self._numbers[bisect_left(self._numbers, self._next) :]:
            between = number - self._next
            gap = f'<{_ROW} {_ROWS}="{between}">{_empty(1).decode()}</{_ROW}>' if between else ""
            row = b"".join(self._beyond(0, self._wanted[number]))
            self.splices.append(
                (self._end, self._end, f"{gap}<{_ROW}>".encode() + row + f"</{_ROW}>".encode())
            )
            self._next = number + 1

    def _end_row(self, start: int, end: int, first: int, count: int) -> None:
        numbers = self._numbers[bisect_left(self._numbers, first) : bisect_left(self._numbers, first + count)]
        if not numbers:
            return  # it may stand for a million empty ones
        for number in numbers:
            self._refuse_parts(number)
        row = self._content[start:end]
        self.splices.append((start, end, b"".join(self._parted(row, start, numbers, first, count))))

    def _parted(
        self, row: bytes, start: int, numbers: Sequence[int], first: int, count: int
    ) -> Iterator[bytes]:
        """Return a row that stands for `count`, those that change one by one."""
        done = first
        for number in numbers:
            yield _times(row, _ROWS, number - done)
            yield self._with_cells(row, start, self._wanted[number])
            done = number + 1
        yield _times(row, _ROWS, first + count - done)

    def _refuse_parts(self, number: int) -> None:
        """Refuse to write into cells of this row that are not their own."""
        for column in self._wanted[number]:
            for matrix in self._matrices:
                if matrix.holds(number, column):
                    refuse_formula(str(matrix), number, self._findings)
            covering = self._covering(column)
            if covering and covering.is_covered:
                self._findings.fatal(
                    say("the cell to be changed is part of a merged cell; unmerge it first"), number
                )
            if covering and _FORMULA in covering.attributes:
                refuse_formula(f"{column_letter(column)}{number}", number, self._findings)

    def _covering(self, column: int) -> _Cell | None:
        """Return the cell of the row that stands for the one in the column, None if it ends before that."""
        return next((cell for cell in self._cells if column < cell.column + cell.repeats), None)

    def _with_cells(self, row: bytes, start: int, wanted: Mapping[int, CellValue]) -> bytes:
        """Return one row with these cells."""
        alone = _times(row, _ROWS, 1)
        cut = len(row) - len(alone)  # what the row's tag is shorter by
        splices: Splices = []
        for cell in self._cells:
            own = {column: wanted[column] for column in sorted(wanted) if self._covering(column) is cell}
            if own:
                piece = b"".join(self._pieces(cell, own))
                splices.append((cell.start - start - cut, cell.end - start - cut, piece))
        last = self._cells[-1] if self._cells else None
        width = last.column + last.repeats if last else 0
        if beyond := {column: value for column, value in wanted.items() if column >= width}:
            at = last.end - start - cut if last else alone.rindex(b"<")
            splices.append((at, at, b"".join(self._beyond(width, beyond))))
        return spliced(alone, splices)

    def _pieces(self, cell: _Cell, wanted: Mapping[int, CellValue]) -> Iterator[bytes]:
        """Return a cell that stands for several, those that change one by one."""
        whole_cell = self._content[cell.start : cell.end]
        notes = b"".join(self._content[start:end] for start, end in cell.notes)
        done = cell.column
        for column, value in wanted.items():
            yield _times(whole_cell, _COLUMNS, column - done)
            yield _written(value, cell.attributes, notes)
            done = column + 1
        yield _times(whole_cell, _COLUMNS, cell.column + cell.repeats - done)

    def _beyond(self, width: int, wanted: Mapping[int, CellValue]) -> Iterator[bytes]:
        """Return the cells of a row from a column on that it did not reach."""
        for column in sorted(wanted):
            yield _empty(column - width)
            yield _written(wanted[column], {})
            width = column + 1


def _written(value: CellValue, attributes: Mapping[str, str], notes: bytes = b"") -> bytes:
    """Return a cell with a value, and with the attributes that are not about its value."""
    kept = {name: each for name, each in attributes.items() if not _OF_VALUE.fullmatch(name)}
    said = ""
    if isinstance(value, str):
        kept["office:value-type"] = "string"
        said = "".join(f"<text:p>{_spaced(line)}</text:p>" for line in value.split("\n"))
    elif value is not None:
        kept |= {"office:value-type": "float", "office:value": number_text(value)}
        said = f"<text:p>{number_text(value)}</text:p>"
    tag = "".join(f" {name}={quoteattr(each)}" for name, each in kept.items())
    inside = notes + said.encode()
    head = f"<table:table-cell{tag}".encode()
    return head + b">" + inside + b"</table:table-cell>" if inside else head + b"/>"


def _spaced(line: str) -> str:
    """Return a line of text with the blanks spelt out that XML would take away."""
    spaced = _GAP.sub(lambda gap: f'<text:s text:c="{len(gap[0])}"/>', escape(line))
    return spaced.replace("\t", "<text:tab/>")


def _empty(count: int) -> bytes:
    return f'<table:table-cell {_COLUMNS}="{count}"/>'.encode() if count else b""


def _times(element: bytes, attribute: str, count: int) -> bytes:
    """Return a row or a cell as one that stands for so many."""
    if not count:
        return b""
    found = _TAG.match(element)
    head = found.end() if found else 0
    tag = _without(element[:head], attribute)
    named = re.match(rb"<[\w:-]+", tag)
    cut = named.end() if named else 0
    more = f' {attribute}="{count}"'.encode() if count > 1 else b""
    return tag[:cut] + more + tag[cut:] + element[head:]


def _without(tag: bytes, attribute: str) -> bytes:
    return re.sub(rb"\s+" + attribute.encode() + rb"""\s*=\s*("[^"]*"|'[^']*')""", b"", tag)


def _count(attributes: Mapping[str, str], name: str) -> int:
    return max(1, whole(attributes.get(name), 1))
