"""The marks of a sheet of OpenDocument (.ods), and its cells that the library reads wrongly."""

from __future__ import annotations

import re
import zipfile
from typing import Any, Final

from umap_bot.dataset.sheets.answer import MOST_CELLS, MOST_MARKS
from umap_bot.dataset.sheets.marks import Found, TooLargeError, parse, speaks, whole

_DURATION: Final = re.compile(
    r"(-?)P(?:(\d{1,9})D)?T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:[.,]\d+)?S)?"
)
_SHOWN_ZERO: Final = re.compile(r"0\d+", re.ASCII)
_BOOLEANS: Final = {"of:=TRUE()": True, "of:=FALSE()": False}
"""What LibreOffice makes of the booleans of Excel; it writes them as 1 and 0."""
_ERROR: Final = re.compile(r"(#[A-Z/0!?\d]+[!?A]?|Err:\d+)")
_ODS_WORDS: Final = re.compile(
    rb"""table:formula|["']error["']|visibility\s*=\s*["'](?:collapse|filter)|-spanned\s*="""
    rb"""|text:line-break|text:tab\b|time-value"""
)
_ODS_PADDED: Final = re.compile(rb"""min-integer-digits\s*=\s*["'](?:[2-9]|\d\d)""")


def find(archive: zipfile.ZipFile, name: str, found: Found) -> None:
    """Find the marks of the sheet of that name. Raise TooLargeError."""
    padded = speaks(archive, "content.xml", _ODS_PADDED) or speaks(archive, "styles.xml", _ODS_PADDED)
    if padded or speaks(archive, "content.xml", _ODS_WORDS):
        parse(archive, "content.xml", _Ods(found, name))


class _Ods:
    """Goes through the one sheet of that name in an OpenDocument spreadsheet."""

    def __init__(self, found: Found, name: str) -> None:
        self._found = found
        self._name = name
        self._within = self._done = False
        self._row = self._rows = 0
        self._column = self._columns = 0
        self._cell: dict[str, str] | None = None
        self._lines: list[str] = []
        self._aside = 0
        self._paragraph = self._odd = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table" and not self._within:
            self._within = not self._done and attributes.get("table:name") == self._name
        elif not self._within:
            return
        elif self._cell is not None:
            self._inside(name, attributes)
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cell, self._lines, self._odd = attributes, [], False
        elif name == "table:table-row":
            self._begin_row(attributes)
        elif name == "table:table-column":
            first, self._columns = self._columns, self._columns + _repeat(attributes)
            if _is_hidden(attributes):
                self._found.hide_columns(first, self._columns - 1)

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._row += self._rows or 1
        self._rows = _repeat(attributes, "table:number-rows-repeated")
        self._column = 0
        if _is_hidden(attributes):
            for row in range(self._row, self._row + min(self._rows, MOST_MARKS)):
                self._found.hide_row(row)

    def _inside(self, name: str, attributes: dict[str, str]) -> None:
        if self._aside or name in ("office:annotation", "draw:frame", "table:detective"):
            self._aside += 1
        elif name == "text:p":
            self._lines.append("")
            self._paragraph = True
        elif self._paragraph and name == "text:s":
            self._add(" " * min(_repeat(attributes, "text:c"), 10_000))
        elif self._paragraph and name in ("text:line-break", "text:tab"):
            self._odd = True
            self._add("\t" if name == "text:tab" else "\n")

    def _add(self, text: str) -> None:
        if self._lines:
            self._lines[-1] += text

    def text(self, text: str) -> None:
        if self._paragraph and not self._aside:
            self._add(text)

    def end(self, name: str) -> None:
        if not self._within:
            return
        if self._aside:
            self._aside -= 1
        elif name == "text:p":
            self._paragraph = False
        elif name in ("table:table-cell", "table:covered-table-cell") and self._cell is not None:
            self._judge(self._cell, "\n".join(self._lines))
            self._column += _repeat(self._cell)
            self._cell = None
        elif name == "table:table" and self._cell is None:
            self._within, self._done = False, True

    def _judge(self, cell: dict[str, str], shown: str) -> None:
        kind = cell.get("office:value-type", "")
        if cell.get("calcext:value-type") == "error" or (
            "table:formula" in cell and kind in ("", "string") and _ERROR.fullmatch(shown)
        ):
            self._each(self._found.error, shown or "#?")
        elif "table:formula" in cell and not kind and not self._lines:
            self._each(self._found.unknown)
        elif kind == "time":
            self._patch(cell.get("office:time-value", ""))
        elif kind == "string" and self._odd and "office:string-value" not in cell:
            self._each(self._found.correct, shown)
        elif kind == "float" and cell.get("table:formula") in _BOOLEANS:
            self._each(self._found.correct, _BOOLEANS[cell["table:formula"]])
        elif kind == "float" and _SHOWN_ZERO.fullmatch(shown):
            self._each(self._found.pad, shown)
        rows, columns = (_repeat(cell, f"table:number-{what}-spanned") for what in ("rows", "columns"))
        if rows > 1 or columns > 1:
            self._found.merge(self._row, self._column, self._row + rows - 1, self._column + columns - 1)

    def _patch(self, duration: str) -> None:
        """Write a duration of a day or more as spreadsheets show it: the library gives PT27H30M00S."""
        match = _DURATION.fullmatch(duration)
        if match is None:
            return
        days, hours, minutes, seconds = (int(match[part] or 0) for part in range(2, 6))
        hours += days * 24
        if match[1] or hours >= 24:  # noqa: PLR2004
            self._each(self._found.correct, f"{match[1]}{hours}:{minutes:02}:{seconds:02}")

    def _each(self, note: Any, *values: str | bool) -> None:
        """Note it of the cell, and of its repetitions: ODS writes equal neighbours once."""
        repeat = _repeat(self._cell or {})
        if self._rows * repeat > MOST_CELLS:
            raise TooLargeError
        for row in range(self._row, self._row + self._rows):
            for column in range(self._column, self._column + repeat):
                note(row, column, *values)


def _is_hidden(attributes: dict[str, str]) -> bool:
    return attributes.get("table:visibility") in ("collapse", "filter")


def _repeat(attributes: dict[str, str], name: str = "table:number-columns-repeated") -> int:
    return max(1, whole(attributes.get(name), 1))
