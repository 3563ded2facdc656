"""OpenDocument (.ods): its sheets, and what is in the cells of one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from umap_bot.dataset.sheets.answer import MOST_CELLS, MOST_MARKS, TOP
from umap_bot.dataset.sheets.grid import Grid, Page, Reading, TooLargeError, number, plain_number, plain_text
from umap_bot.dataset.sheets.moments import EPOCH, date_text, iso_days, oddity, time_text
from umap_bot.dataset.sheets.parts import DamagedError, Parts, whole

_CONTENT: Final = "content.xml"
_MOST_TABLES: Final = 10_000
_SPACES: Final = {
    **{
        name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"
        for name in ("office", "table", "text", "style")
    },
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}


def _named(name: str) -> str:
    """Return the name of an element or attribute as expat has it: which prefix a file has for it is free."""
    prefix, _, local = name.partition(":")
    return f"{_SPACES[prefix]} {local}"


_SPREADSHEET: Final = _named("office:spreadsheet")
_NULL_DATE: Final = _named("table:null-date")
_STYLE: Final = _named("style:style")
_TABLE_PROPERTIES: Final = _named("style:table-properties")
_TABLE: Final = _named("table:table")
_LINKED: Final = _named("table:dde-links")
"""What is known of other files: it has tables too, which nobody sees."""
_ROW: Final = _named("table:table-row")
_COLUMN: Final = _named("table:table-column")
_CELLS: Final = (_named("table:table-cell"), _named("table:covered-table-cell"))
_GROUPS: Final = frozenset(
    _named(f"table:table-{name}")
    for name in ("rows", "row-group", "header-rows", "columns", "column-group", "header-columns")
)
_PARAGRAPH: Final = _named("text:p")
_IN_TEXT: Final = _named("text:")
_WITHOUT_TEXT: Final = frozenset(map(_named, ("text:note", "text:ruby-text", "text:list")))
_SPACE: Final = _named("text:s")
_SHEET_NAME: Final = _named("text:sheet-name")
_BREAKS: Final = {_named("text:tab"): "\t", _named("text:line-break"): "\n"}

_NAME: Final = _named("table:name")
_STYLE_NAME: Final = _named("table:style-name")
_NAME_OF_STYLE: Final = _named("style:name")
_DISPLAY: Final = _named("table:display")
_VISIBILITY: Final = _named("table:visibility")
_COLUMNS_REPEATED: Final = _named("table:number-columns-repeated")
_ROWS_REPEATED: Final = _named("table:number-rows-repeated")
_COLUMNS_SPANNED: Final = _named("table:number-columns-spanned")
_ROWS_SPANNED: Final = _named("table:number-rows-spanned")
_COUNT: Final = _named("text:c")
_FORMULA: Final = _named("table:formula")
_KIND: Final = _named("office:value-type")
_KIND_OF_CALC: Final = _named("calcext:value-type")
_VALUE: Final = _named("office:value")
_STRING: Final = _named("office:string-value")
_BOOLEAN: Final = _named("office:boolean-value")
_DATE: Final = _named("office:date-value")
_DURATION: Final = _named("office:time-value")

_ISO_DURATION: Final = re.compile(
    r"(-?)P(?:(\d{1,9})D)?T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:[.,]\d{1,20})?)S)?", re.ASCII
)
_TRUTHS: Final = ("of:=TRUE()", "of:=FALSE()", "TRUE", "FALSE", "VRAI", "FAUX")
"""Formulas, or what cells with formulas show, that are true or false: LibreOffice writes them as 1 and 0."""
_ERROR: Final = re.compile(r"(#[A-Z/0!?\d]+[!?A]?|Err:\d+)")


class Document:
    """The sheets of a document, in the order of its tabs."""

    def __init__(self, parts: Parts, content: _Content) -> None:
        self._parts = parts
        self._content = content
        self._tables = [at for at, page in enumerate(content.pages) if not _is_cache(page.name)]
        self.pages = [content.pages[at] for at in self._tables]

    def head(self, index: int) -> Grid:
        return self._content.grids[self._tables[index]]

    def read(self, index: int) -> Grid:
        at = self._tables[index]
        if at != self._content.whole:
            self._content = _Content(at)
            self._parts.parse(_CONTENT, self._content)
        return self._content.grids[at]


def document(parts: Parts) -> Document | None:
    """Return the spreadsheet of an archive, None if it has none. Raise DamagedError, DoctypeError."""
    content = _Content()
    if _CONTENT in parts:
        parts.parse(_CONTENT, content)
    return Document(parts, content) if content.is_spreadsheet else None


def _is_cache(name: str) -> bool:
    """Tell whether a table is what formulas need of another file: 'file:///b.ods'#$Sheet1. Nobody sees it."""
    return name.startswith("'") and "'#" in name


class _Content:
    """Goes through a document: one table as a whole, if none is named the first that people see; the others
    are begun.

    Only what is known to belong to a row, to a cell and to its text is looked at. All else lies on the sheet,
    not in it: notes, drawings, forms.
    """

    def __init__(self, whole: int | None = None) -> None:
        self.whole = whole
        self.is_spreadsheet = False
        self.pages: list[Page] = []
        self.grids: list[Grid] = []
        self._hidden: set[str] = set()
        self._style = ""
        self._epoch = EPOCH
        self._aside = 0
        self._grid: Grid | None = None
        self._row = self._rows = 0
        self._column = self._columns = 0
        self._cell: dict[str, str] | None = None
        self._lines: list[str] = []
        self._depth = 0

    def start(self, name: str, attributes: dict[str, str], /) -> None:
        if self._aside:
            self._aside += 1
        elif self._cell is not None:
            self._start_inside(name, attributes)
        elif self._grid is None:
            self._start_outside(name, attributes)
        elif name in _CELLS:
            self._cell, self._lines = attributes, []
        elif name == _ROW:
            self._begin_row(attributes, self._grid)
        elif name == _COLUMN:
            self._begin_columns(attributes, self._grid)
        elif name not in _GROUPS:
            self._aside = 1

    def _start_outside(self, name: str, attributes: dict[str, str]) -> None:
        if name == _TABLE:
            self._begin_table(attributes)
        elif name == _LINKED:
            self._aside = 1
        elif name == _SPREADSHEET:
            self.is_spreadsheet = True
        elif name == _STYLE:
            self._style = attributes.get(_NAME_OF_STYLE, "")
        elif name == _TABLE_PROPERTIES and attributes.get(_DISPLAY) == "false":
            self._hidden.add(self._style)
        elif name == _NULL_DATE:
            days = iso_days(attributes.get(_named("table:date-value"), ""), EPOCH)
            self._epoch = EPOCH if days is None else date.fromordinal(EPOCH.toordinal() + int(days))

    def _begin_table(self, attributes: dict[str, str]) -> None:
        at = len(self.pages)
        if at == _MOST_TABLES:
            raise DamagedError(f"more than {_MOST_TABLES} sheets")
        page = Page(attributes.get(_NAME, ""), seen=attributes.get(_STYLE_NAME) not in self._hidden)
        if self.whole is None and page.seen and not _is_cache(page.name):
            self.whole = at
        self._grid = Grid() if at == self.whole else Grid(TOP)
        self.pages.append(page)
        self.grids.append(self._grid)
        self._row = self._rows = self._columns = 0

    def _begin_row(self, attributes: dict[str, str], grid: Grid) -> None:
        self._row += self._rows or 1
        self._rows = _times(attributes, _ROWS_REPEATED)
        self._column = 0
        if grid.is_full:
            self._aside = 1
        elif _is_hidden(attributes):
            for row in range(self._row, self._row + min(self._rows, MOST_MARKS)):
                grid.hide_row(row)

    def _begin_columns(self, attributes: dict[str, str], grid: Grid) -> None:
        first, self._columns = self._columns, self._columns + _times(attributes, _COLUMNS_REPEATED)
        if _is_hidden(attributes):
            grid.hide_columns(first, self._columns - 1)

    def _start_inside(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0 and name == _PARAGRAPH:
            self._lines.append("")
            self._depth = 1
        elif self._depth == 0 or not name.startswith(_IN_TEXT) or name in _WITHOUT_TEXT:
            self._aside = 1
        elif name == _SHEET_NAME:  # the text in it is what the sheet was called once
            self._lines[-1] += self.pages[-1].name
            self._aside = 1
        else:
            self._depth += 1
            if name == _SPACE:
                self._lines[-1] += " " * min(_times(attributes, _COUNT), 10_000)
            elif name in _BREAKS:
                self._lines[-1] += _BREAKS[name]

    def text(self, text: str, /) -> None:
        if self._depth and not self._aside:
            self._lines[-1] += text

    def end(self, name: str, /) -> None:
        if self._aside:
            self._aside -= 1
        elif self._depth:
            self._depth -= 1
        elif self._cell is not None and self._grid is not None:
            self._put(self._cell, self._grid)
            self._cell = None
        elif name == _TABLE:
            self._grid = None

    def _put(self, cell: dict[str, str], grid: Grid) -> None:
        """Put a cell, and its repetitions: ODS writes equal neighbours once."""
        row, column, times = self._row, self._column, _times(cell, _COLUMNS_REPEATED)
        self._column += times
        value, note = _reading(cell, self._lines, self._epoch)
        if value is None and note is None:
            pass
        elif self._rows * times > MOST_CELLS:
            raise TooLargeError
        else:
            for each in range(row, row + self._rows):
                for place in range(column, column + times):
                    grid.put(each, place, value, note)
        if _ROWS_SPANNED in cell or _COLUMNS_SPANNED in cell:
            rows, columns = _times(cell, _ROWS_SPANNED), _times(cell, _COLUMNS_SPANNED)
            if rows > 1 or columns > 1:
                grid.merge(row, column, row + rows - 1, column + columns - 1)


def _reading(cell: dict[str, str], lines: list[str], epoch: date) -> Reading:
    """Return what a cell holds, and what is to be noted of it. `lines` are what it shows."""
    kind, shown = cell.get(_KIND, ""), "\n".join(lines)
    if cell.get(_KIND_OF_CALC) == "error":
        return None, ("error", shown or "#?")
    if _FORMULA in cell:
        if kind in ("", "string") and _ERROR.fullmatch(shown):
            return None, ("error", shown)
        if not kind and not lines:
            return None, ("unknown", "")
    read = _READERS.get(kind)
    return read(cell, shown, epoch) if read else (None, ("error", shown or kind))


def _text(cell: dict[str, str], shown: str, _: date) -> Reading:
    return plain_text(cell.get(_STRING, shown)), None


def _boolean(cell: dict[str, str], _: str, __: date) -> Reading:
    return cell.get(_BOOLEAN) == "true", None


def _nothing(_: dict[str, str], __: str, ___: date) -> Reading:
    return None, None


def _number(cell: dict[str, str], shown: str, _: date) -> Reading:
    text = cell.get(_VALUE, "")
    value = number(text)
    if value is None:
        return None, ("error", text or shown or "#?")
    if _FORMULA in cell and value in (0, 1) and (shown in _TRUTHS or cell[_FORMULA] in _TRUTHS):
        return value == 1, None
    is_padded = shown.startswith("0") and _is_padded(value, shown)
    return plain_number(value), ("padded", shown) if is_padded else None


def _date(cell: dict[str, str], shown: str, epoch: date) -> Reading:
    text = cell.get(_DATE, "")
    days = iso_days(text, epoch)
    if days is None:
        return None, ("error", text or shown or "#?")
    told = date_text(days, epoch)
    return told, ("zero date", told) if told and oddity(told, epoch) == "zero date" else None


def _time(cell: dict[str, str], shown: str, epoch: date) -> Reading:
    text = cell.get(_DURATION, "")
    days = _days(text)
    if days is None:
        return None, ("error", text or shown or "#?")
    told = time_text(days, epoch)
    return (plain_number(days), ("no date", text)) if told is None else (told, None)


_READERS: Final[dict[str, Callable[[dict[str, str], str, date], Reading]]] = {
    **dict.fromkeys(("string", ""), _text),
    **dict.fromkeys(("float", "percentage", "currency"), _number),
    "date": _date,
    "time": _time,
    "boolean": _boolean,
    "void": _nothing,
}


def _days(text: str) -> float | None:
    """Return the days of a duration such as PT27H30M00S, None if it is none."""
    match = _ISO_DURATION.fullmatch(text)
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
    return attributes.get(_VISIBILITY) in ("collapse", "filter")


def _times(attributes: dict[str, str], name: str) -> int:
    return max(1, whole(attributes[name], 1)) if name in attributes else 1
