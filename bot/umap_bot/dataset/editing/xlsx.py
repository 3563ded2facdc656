"""A sheet of Office Open XML (.xlsx) with edits: only their cells are written."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import Final
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
from umap_bot.dataset.findings import Findings
from umap_bot.dataset.sheets.parts import Parts, whole
from umap_bot.dataset.sheets.xlsx import part_named, reference
from umap_bot.model.canon import number_text

_SPANS: Final = re.compile(rb'\s+spans\s*=\s*("[^"]*"|\'[^\']*\')')
_RANGE: Final = re.compile(r"\$?[A-Z]{1,3}\$?\d+:\$?([A-Z]{1,3})\$?(\d+)", re.ASCII)
_OF_BLOCKS: Final = ("array", "dataTable")
"""Kinds of formulas that only their first cell holds, and that fill others."""
_SPELT: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""What would be read as a character that is spelt by its number."""


def write(data: bytes, sheet: str, cells: Cells, findings: Findings) -> bytes:
    """Return the workbook with these cells of a sheet, by the numbers of their rows and columns (from 0).

    Raise FileError if one of them has a formula, or belongs to one.
    """
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = Parts(archive)
        part = parts.stored(part_named(parts, sheet))
    content = content_of(data, part)
    found = _Places(content, cells, findings)
    walk(content, found.start, found.end)
    return rewritten(data, part, found.splices)


class _Places:
    """Goes through a worksheet, and notes what is to be written where."""

    def __init__(self, content: bytes, cells: Cells, findings: Findings) -> None:
        self.splices: Splices = []
        self._content = content
        self._cells = cells
        self._findings = findings
        self._rows = sorted(cells)  # those that are still to come
        self._last = max(column for row in cells.values() for column in row)
        self._bottom = max(cells)
        self._row = 0
        self._columns: list[int] = []  # those of the row that are still to come
        self._blocks: list[Block] = []
        self._at = -1
        self._open: tuple[int, dict[str, str]] | None = None
        self._prefix = ""

    def start(self, name: str, attributes: dict[str, str], at: int) -> None:
        self._prefix, _, local = name.rpartition(":")
        if local == "dimension":
            self._widen(attributes.get("ref", ""), at)
        elif local == "row":
            self._begin_row(whole(attributes.get("r"), self._row + 1), at)
        elif local == "c" and self._columns:
            spot = reference(attributes.get("r", ""))
            self._at = spot[1] if spot else self._at + 1
            self._put_before(self._at, at)
            if self._columns and self._at == self._columns[0]:
                self._open = at, attributes
        elif local == "f":
            self._note_formula(attributes)

    def _begin_row(self, row: int, at: int) -> None:
        self._put_rows(row, at)
        self._row, self._at = row, -1
        if self._rows and self._rows[0] == row:
            self._rows.pop(0)
            self._columns = sorted(self._cells[row])
            self._forget_spans(at)

    def _note_formula(self, attributes: dict[str, str]) -> None:
        """Refuse to lose a formula, and note which cells one fills."""
        ref = attributes.get("ref", "")
        if self._open:
            refuse_formula(ref or self._spot(self._at), self._row, self._findings)
        if ":" in ref and attributes.get("t", "") in _OF_BLOCKS and (block := _block(ref)):
            self._blocks.append(block)

    def end(self, name: str, at: int, whole_end: int) -> None:
        self._prefix, _, local = name.rpartition(":")
        if local == "c" and self._open:
            start, attributes = self._open
            self._open = None
            self.splices.append((start, whole_end, self._cell(self._columns.pop(0), attributes)))
        elif local == "row" and self._columns:
            written = b"".join(self._cell(column, {}) for column in self._columns)
            if at == whole_end:  # a row without an end tag holds nothing
                self.splices.append((at - 2, at, b">" + written + f"</{name}>".encode()))
            else:
                self.splices.append((at, at, written))
            self._columns = []
        elif local == "sheetData":
            self._put_rows(0, at)

    def _put_before(self, column: int, at: int) -> None:
        """Write the cells that come before the one that stands in this column."""
        while self._columns and self._columns[0] < column:
            self.splices.append((at, at, self._cell(self._columns.pop(0), {})))

    def _put_rows(self, row: int, at: int) -> None:
        """Write the rows that come before this one and that the sheet does not have; all if it is 0."""
        while self._rows and (self._rows[0] < row or not row):
            self._row = self._rows.pop(0)
            cells = b"".join(self._cell(column, {}) for column in sorted(self._cells[self._row]))
            tag = self._named("row")
            self.splices.append((at, at, f'<{tag} r="{self._row}">'.encode() + cells + f"</{tag}>".encode()))

    def _cell(self, column: int, attributes: dict[str, str]) -> bytes:
        if block := next((each for each in self._blocks if each.holds(self._row, column)), None):
            refuse_formula(str(block), self._row, self._findings)
        style = f" s={quoteattr(attributes['s'])}" if "s" in attributes else ""
        kind, said = self._value(self._cells[self._row][column])
        name = self._named("c")
        head = f'<{name} r="{self._spot(column)}"{style}{kind}'
        return (f"{head}>{said}</{name}>" if said else f"{head}/>").encode()

    def _value(self, value: CellValue) -> tuple[str, str]:
        """Return the attribute that tells the kind of a value, and its element."""
        if value is None:
            return "", ""
        if not isinstance(value, str):
            tag = self._named("v")
            return "", f"<{tag}>{number_text(value)}</{tag}>"
        words, text = self._named("is"), self._named("t")
        space = ' xml:space="preserve"' if value != " ".join(value.split()) else ""
        said = escape(_SPELT.sub("_x005F_", value))
        return ' t="inlineStr"', f"<{words}><{text}{space}>{said}</{text}></{words}>"

    def _spot(self, column: int) -> str:
        return f"{column_letter(column)}{self._row}"

    def _named(self, local: str) -> str:
        """Return the name of an element in the namespace of the one that was met last."""
        return f"{self._prefix}:{local}" if self._prefix else local

    def _forget_spans(self, at: int) -> None:
        """Take away the hint of which columns a row uses: it would be wrong."""
        if found := _SPANS.search(self._content, at, self._content.index(b">", at)):
            self.splices.append((*found.span(), b""))

    def _widen(self, ref: str, at: int) -> None:
        """Let the hint of which cells the sheet uses reach to the last cell."""
        found = _RANGE.fullmatch(ref)
        last = reference(f"{found[1]}{found[2]}") if found else None
        if found and last and (last[1] < self._last or last[0] < self._bottom):
            row, column = max(last[0], self._bottom), max(last[1], self._last)
            start = self._content.index(ref.encode(), at)
            written = f"{column_letter(column)}{row}".encode()
            self.splices.append((start + found.start(1), start + found.end(2), written))


def _block(ref: str) -> Block | None:
    """Return the cells of a range such as A2:B5, None if it is none."""
    first, last = (reference(corner.replace("$", "")) for corner in ref.split(":", 1))
    return Block(*first, *last) if first and last else None
