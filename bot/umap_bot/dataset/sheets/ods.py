"""OpenDocument (.ods): its sheets, and what is in the cells of one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from umap_bot.dataset.sheets.answer import MOST_CELLS, MOST_MARKS, Cell
from umap_bot.dataset.sheets.grid import (
    LAST_ROW,
    Grid,
    Page,
    TooLargeError,
    number,
    plain_number,
    plain_text,
)
from umap_bot.dataset.sheets.moments import EPOCH, date_text, iso_days, oddity, time_text
from umap_bot.dataset.sheets.parts import EnoughError, Names, Parts, whole

_CONTENT: Final = "content.xml"
_OASIS: Final = "urn:oasis:names:tc:opendocument:xmlns"
_PREFIXES: Final = {
    **{f"{_OASIS}:{name}:1.0": name for name in ("office", "table", "text", "style")},
    "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0": "calcext",
}
_DURATION: Final = re.compile(
    r"(-?)P(?:(\d{1,9})D)?T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:[.,]\d{1,20})?)S)?", re.ASCII
)
_BOOLEANS: Final = {"of:=TRUE()": True, "of:=FALSE()": False}
"""What LibreOffice makes of the booleans of Excel; it writes them as 1 and 0."""
_ERROR: Final = re.compile(r"(#[A-Z/0!?\d]+[!?A]?|Err:\d+)")
_CELLS: Final = ("table:table-cell", "table:covered-table-cell")
_AROUND_ROWS: Final = (
    *("table:table-rows", "table:table-row-group", "table:table-header-rows"),
    *("table:table-columns", "table:table-column-group", "table:table-header-columns"),
)
_LINKED: Final = "table:dde-links"
"""What is known of other files: it has tables too, which nobody sees."""
_WITHOUT_TEXT: Final = ("text:note", "text:ruby-text", "text:list")


class Document:
    """The sheets of a document, in the order of its tabs. Raise DamagedError, DoctypeError."""

    def __init__(self, parts: Parts, survey: _Survey) -> None:
        self._parts = parts
        self._epoch = survey.epoch
        self._places = [at for at, name in enumerate(survey.tables) if not _is_cache(name)]
        self.pages = [
            Page(survey.tables[at], seen=survey.styles[at] not in survey.hidden) for at in self._places
        ]

    def read(self, index: int, most: int = LAST_ROW) -> Grid:
        """Return the first rows of a sheet. Raise TooLargeError too."""
        grid = Grid(most)
        page = self.pages[index]
        self._parts.parse(_CONTENT, _Table(grid, self._places[index], page.name, self._epoch))
        return grid


def document(parts: Parts) -> Document | None:
    """Return the spreadsheet of an archive, None if it has none. Raise DamagedError, DoctypeError."""
    survey = _Survey()
    if _CONTENT in parts:
        parts.parse(_CONTENT, survey)
    return Document(parts, survey) if survey.is_spreadsheet else None


def _is_cache(name: str) -> bool:
    """Tell whether a table is what formulas need of another file: 'file:///b.ods'#$Sheet1. Nobody sees it."""
    return name.startswith("'") and "'#" in name


class _Survey:
    """Finds the names of the tables, and which of them are hidden."""

    def __init__(self) -> None:
        self.tables: list[str] = []
        self.styles: list[str] = []
        self.hidden: set[str] = set()
        self.epoch = EPOCH
        self.is_spreadsheet = False
        self._names = Names(_PREFIXES)
        self._style = ""
        self._aside = 0

    def start(self, name: str, attributes: dict[str, str], /) -> None:
        if self._aside:
            self._aside += 1
            return
        name = self._names[name]
        named = {self._names[key]: value for key, value in attributes.items()}
        if name == "table:table":
            self.tables.append(named.get("table:name", ""))
            self.styles.append(named.get("table:style-name", ""))
        self._aside = int(name in ("table:table", _LINKED))
        if name == "style:style":
            self._style = named.get("style:name", "")
        elif name == "style:table-properties" and named.get("table:display") == "false":
            self.hidden.add(self._style)
        elif name == "table:null-date":
            self.epoch = _epoch(named.get("table:date-value", ""))
        elif name == "office:spreadsheet":
            self.is_spreadsheet = True

    def end(self, _: str, /) -> None:
        if self._aside:
            self._aside -= 1

    def text(self, text: str, /) -> None:
        pass


def _epoch(text: str) -> date:
    days = iso_days(text, EPOCH)
    return EPOCH if days is None else date.fromordinal(EPOCH.toordinal() + int(days))


class _Table:
    """Goes through one table of a document.

    Only what is known to belong to a row, to a cell and to its text is looked at. All else lies on the sheet,
    not in it: notes, drawings, forms.
    """

    def __init__(self, grid: Grid, wanted: int, sheet: str, epoch: date) -> None:
        self._names = Names(_PREFIXES)
        self._grid = grid
        self._before = wanted
        self._within = False
        self._aside = 0
        self._sheet = sheet
        self._epoch = epoch
        self._row = self._rows = 0
        self._column = self._columns = 0
        self._cell: dict[str, str] | None = None
        self._lines: list[str] = []
        self._depth = 0

    def start(self, name: str, attributes: dict[str, str], /) -> None:
        if self._aside:
            self._aside += 1
            return
        name = self._names[name]
        if not self._within:
            self._start_outside(name)
        elif self._cell is not None:
            self._start_inside(name, attributes)
        elif name in _CELLS:
            self._cell = {self._names[key]: value for key, value in attributes.items()}
            self._lines = []
        elif name == "table:table-row":
            self._begin_row({self._names[key]: value for key, value in attributes.items()})
        elif name == "table:table-column":
            self._begin_columns({self._names[key]: value for key, value in attributes.items()})
        elif name not in _AROUND_ROWS:
            self._aside = 1

    def _start_outside(self, name: str) -> None:
        if name == "table:table" and not self._before:
            self._within = True
        elif name in ("table:table", _LINKED):
            self._before -= name == "table:table"
            self._aside = 1

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._row += self._rows or 1
        self._rows = _repeat(attributes, "table:number-rows-repeated")
        self._column = 0
        if _is_hidden(attributes):
            for row in range(self._row, self._row + min(self._rows, MOST_MARKS)):
                self._grid.hide_row(row)

    def _begin_columns(self, attributes: dict[str, str]) -> None:
        first, self._columns = self._columns, self._columns + _repeat(attributes)
        if _is_hidden(attributes):
            self._grid.hide_columns(first, self._columns - 1)

    def _start_inside(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0 and name == "text:p":
            self._lines.append("")
            self._depth = 1
        elif self._depth == 0 or not name.startswith("text:") or name in _WITHOUT_TEXT:
            self._aside = 1
        else:
            self._depth += 1
            self._start_in_text(name, attributes)

    def _start_in_text(self, name: str, attributes: dict[str, str]) -> None:
        if name == "text:s":
            named = {self._names[key]: value for key, value in attributes.items()}
            self._lines[-1] += " " * min(_repeat(named, "text:c"), 10_000)
        elif name == "text:tab":
            self._lines[-1] += "\t"
        elif name == "text:line-break":
            self._lines[-1] += "\n"
        elif name == "text:sheet-name":  # the text in it is what the sheet was called once
            self._lines[-1] += self._sheet
            self._aside, self._depth = 1, self._depth - 1

    def text(self, text: str, /) -> None:
        if self._depth and not self._aside:
            self._lines[-1] += text

    def end(self, name: str, /) -> None:
        if self._aside:
            self._aside -= 1
        elif self._depth:
            self._depth -= 1
        elif self._cell is not None:
            self._take(self._cell, "\n".join(self._lines))
            self._column += _repeat(self._cell)
            self._cell = None
        elif self._within and self._names[name] == "table:table":
            raise EnoughError

    def _take(self, cell: dict[str, str], shown: str) -> None:
        """Put what a cell holds, or note why there is nothing."""
        kind = cell.get("office:value-type", "")
        formula = cell.get("table:formula")
        if cell.get("calcext:value-type") == "error" or (
            formula is not None and kind in ("", "string") and _ERROR.fullmatch(shown)
        ):
            self._each(self._grid.error, shown or "#?")
        elif formula is not None and not kind and not self._lines:
            self._each(self._grid.unknown)
        else:
            value = self._value(cell, kind, shown)
            if value is not None:
                self._each(self._grid.put, value)
        rows, columns = (_repeat(cell, f"table:number-{what}-spanned") for what in ("rows", "columns"))
        if rows > 1 or columns > 1:
            self._grid.merge(self._row, self._column, self._row + rows - 1, self._column + columns - 1)

    def _value(self, cell: dict[str, str], kind: str, shown: str) -> Cell:
        match kind:
            case "string" | "":
                return plain_text(cell.get("office:string-value", shown))
            case "float" | "percentage" | "currency":
                return self._number(cell, shown)
            case "date" | "time":
                return self._moment(cell, kind, shown)
            case "boolean":
                return cell.get("office:boolean-value") == "true"
            case "void":
                return None
        self._each(self._grid.error, shown or kind)
        return None

    def _number(self, cell: dict[str, str], shown: str) -> Cell:
        text = cell.get("office:value", "")
        value = number(text)
        if value is None:
            self._each(self._grid.error, text or shown or "#?")
            return None
        if cell.get("table:formula") in _BOOLEANS:
            return _BOOLEANS[cell["table:formula"]]
        if shown.startswith("0") and _is_padded(value, shown):
            self._each(self._grid.odd, "padded", shown)
        return plain_number(value)

    def _moment(self, cell: dict[str, str], kind: str, shown: str) -> Cell:
        text = cell.get(f"office:{kind}-value", "")
        days = iso_days(text, self._epoch) if kind == "date" else _duration(text)
        if days is None:
            self._each(self._grid.error, text or shown or "#?")
            return None
        told = (date_text if kind == "date" else time_text)(days, self._epoch)
        if told is None:
            self._each(self._grid.odd, "no date", text)
        elif kind == "date" and oddity(told, self._epoch) == "zero date":
            self._each(self._grid.odd, "zero date", told)
        return plain_number(days) if told is None else told

    def _each(self, note: Callable[..., None], *values: Any) -> None:
        """Note it of the cell, and of its repetitions: ODS writes equal neighbours once."""
        repeat = _repeat(self._cell or {})
        if self._rows * repeat > MOST_CELLS:
            raise TooLargeError
        for row in range(self._row, self._row + self._rows):
            for column in range(self._column, self._column + repeat):
                note(row, column, *values)


def _duration(text: str) -> float | None:
    """Return the days of a duration such as PT27H30M00S, None if it is none."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes = (int(match[part] or 0) for part in (2, 3, 4))
    seconds = float((match[5] or "0").replace(",", "."))
    total = days + (hours * 3600 + minutes * 60 + seconds) / 86_400
    return -total if match[1] else total


def _is_padded(value: float, shown: str) -> bool:
    """Tell whether a whole number is shown with zeros in front: 01000, 06 12 34 56 78."""
    digits = "".join(filter(str.isdecimal, shown))
    if not value:
        return len(digits) > 1 and not any(mark in shown for mark in ".,%")
    return value.is_integer() and len(digits) > 1 and digits.lstrip("0") == str(int(value))


def _is_hidden(attributes: dict[str, str]) -> bool:
    return attributes.get("table:visibility") in ("collapse", "filter")


def _repeat(attributes: dict[str, str], name: str = "table:number-columns-repeated") -> int:
    return max(1, whole(attributes.get(name), 1))
