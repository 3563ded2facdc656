"""Ids in a sheet of Office Open XML (.xlsx): only their cells are added."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from umap_bot.dataset.delimited import column_letter
from umap_bot.dataset.findings import Findings
from umap_bot.dataset.ids.package import (
    Block,
    Splices,
    content_of,
    refuse_formula,
    rewritten,
    walk,
)
from umap_bot.dataset.sheets.parts import Parts, whole
from umap_bot.dataset.sheets.xlsx import part_named, reference

_SPANS: Final = re.compile(rb'\s+spans\s*=\s*("[^"]*"|\'[^\']*\')')
_RANGE: Final = re.compile(r"\$?[A-Z]{1,3}\$?\d+:\$?([A-Z]{1,3})\$?(\d+)", re.ASCII)
_OF_BLOCKS: Final = ("array", "dataTable")
"""Kinds of formulas that only their first cell holds, and that fill others."""


def write(data: bytes, sheet: str, column: int, cells: Mapping[int, str], findings: Findings) -> bytes:
    """Return the workbook with these texts in one column (from 0) of a sheet, by their rows' numbers.

    Raise FileError if one of these cells has the formula of others.
    """
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = Parts(archive)
        part = parts.stored(part_named(parts, sheet))
    content = content_of(data, part)
    found = _Places(content, column, cells, findings)
    walk(content, found.start, found.end)
    return rewritten(data, part, found.splices)


class _Places:
    """Goes through a worksheet, and notes what is to be written where."""

    def __init__(self, content: bytes, column: int, cells: Mapping[int, str], findings: Findings) -> None:
        self.splices: Splices = []
        self._content = content
        self._column = column
        self._cells = cells
        self._findings = findings
        self._row = 0
        self._blocks: list[Block] = []
        self._at = -1
        self._open: tuple[int, dict[str, str]] | None = None
        self._within = False
        self._written = False

    def start(self, name: str, attributes: dict[str, str], at: int) -> None:
        local = name.rpartition(":")[2]
        if local == "dimension":
            self._widen(attributes.get("ref", ""), at)
        elif local == "row":
            self._row, self._at = whole(attributes.get("r"), self._row + 1), -1
            self._within, self._written = True, self._row not in self._cells
            if not self._written:
                self._forget_spans(at)
        elif local == "c" and self._within:
            spot = reference(attributes.get("r", ""))
            self._at = spot[1] if spot else self._at + 1
            if self._written:
                return
            if self._at == self._column:
                self._open = at, attributes
            elif self._at > self._column:
                self._put(at, at, name, {})
        elif local == "f" and ":" in attributes.get("ref", ""):
            self._note_formula(attributes["ref"], attributes.get("t", ""))

    def _note_formula(self, ref: str, kind: str) -> None:
        """Refuse to lose a formula that other cells have too, and note which cells one fills."""
        if self._open:
            refuse_formula(ref, self._row, self._findings)
        if kind in _OF_BLOCKS and (block := _block(ref)):
            self._blocks.append(block)

    def end(self, name: str, at: int, whole_end: int) -> None:
        local = name.rpartition(":")[2]
        if local == "c" and self._open:
            start, attributes = self._open
            self._open = None
            self._put(start, whole_end, name, attributes)
        elif local == "row" and self._within:
            self._within = False
            if not self._written and at == whole_end:  # a row without an end tag holds nothing
                self._put(at - 2, at, _beside(name, "c"), {}, before=b">", after=f"</{name}>".encode())
            elif not self._written:
                self._put(at, at, _beside(name, "c"), {})

    def _put(
        self,
        start: int,
        end: int,
        name: str,
        attributes: dict[str, str],
        *,
        before: bytes = b"",
        after: bytes = b"",
    ) -> None:
        self._written = True
        if block := next((each for each in self._blocks if each.holds(self._row, self._column)), None):
            refuse_formula(str(block), self._row, self._findings)
        spot = f"{column_letter(self._column)}{self._row}"
        style = f" s={quoteattr(attributes['s'])}" if "s" in attributes else ""
        words, text = _beside(name, "is"), _beside(name, "t")
        said = escape(self._cells[self._row])
        cell = f'<{name} r="{spot}"{style} t="inlineStr"><{words}><{text}>{said}</{text}></{words}></{name}>'
        self.splices.append((start, end, before + cell.encode() + after))

    def _forget_spans(self, at: int) -> None:
        """Take away the hint of which columns a row uses: it would be wrong."""
        if found := _SPANS.search(self._content, at, self._content.index(b">", at)):
            self.splices.append((*found.span(), b""))

    def _widen(self, ref: str, at: int) -> None:
        """Let the hint of which cells the sheet uses reach to the column."""
        found = _RANGE.fullmatch(ref)
        last = reference(f"{found[1]}1") if found else None
        if found and last and last[1] < self._column:
            start = self._content.index(ref.encode(), at) + found.start(1)
            end = start + len(found[1])
            self.splices.append((start, end, column_letter(self._column).encode()))


def _block(ref: str) -> Block | None:
    """Return the cells of a range such as A2:B5, None if it is none."""
    first, last = (reference(corner.replace("$", "")) for corner in ref.split(":", 1))
    return Block(*first, *last) if first and last else None


def _beside(name: str, local: str) -> str:
    """Return the name of an element in the same namespace."""
    prefix, colon, _ = name.rpartition(":")
    return f"{prefix}{colon}{local}"
