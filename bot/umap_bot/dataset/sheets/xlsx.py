"""Office Open XML (.xlsx): its sheets, and what is in the cells of one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from itertools import islice
from typing import Final

from umap_bot.dataset.sheets.answer import TOP
from umap_bot.dataset.sheets.formats import Format, format_of
from umap_bot.dataset.sheets.grid import Grid, Page, Reading, number, plain_number, plain_text
from umap_bot.dataset.sheets.moments import EPOCH, EPOCH_1904, date_text, iso_days, oddity, time_text
from umap_bot.dataset.sheets.parts import DamagedError, EnoughError, Names, Parts, whole

_TRUE: Final = ("1", "true", "on")
_TEXTS: Final = ("str", "inlineStr")
"""The kinds of cells that hold a text themselves."""
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ROW_DIGITS: Final = range(1, 8)
_REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})", re.ASCII)


class Workbook:
    """The sheets of a workbook, in the order of its tabs. Raise DamagedError, DoctypeError."""

    def __init__(self, parts: Parts, main: str) -> None:
        self._parts = parts
        self._sheets = _sheets(parts, main)
        self.pages = [
            Page(sheet.get("name", ""), seen=sheet.get("state") not in ("hidden", "veryHidden"))
            for sheet, _ in self._sheets
        ]
        of_kind = dict(parts.links(main).values())
        self._styles = _styles(parts, of_kind.get("styles", ""))
        self._texts = _texts(parts, of_kind.get("sharedStrings", ""))
        is_1904 = any(each.get("date1904") in _TRUE for _, each in parts.elements(main, "workbookPr"))
        self._epoch = EPOCH_1904 if is_1904 else EPOCH

    def head(self, index: int) -> Grid:
        return self._filled(index, Grid(TOP))

    def read(self, index: int) -> Grid:
        return self._filled(index, Grid())

    def _filled(self, index: int, grid: Grid) -> Grid:
        self._parts.parse(self._sheets[index][1], _Worksheet(grid, self._texts, self._styles, self._epoch))
        return grid


def workbook(parts: Parts) -> Workbook | None:
    """Return the workbook of an archive, None if it has none. Raise DamagedError, DoctypeError."""
    main = _main(parts)
    return Workbook(parts, main) if main else None


def part_named(parts: Parts, name: str) -> str:
    """Return the part that holds the sheet of that name, "" if there is none. Raise as workbook."""
    sheets = _sheets(parts, _main(parts))
    return next((part for sheet, part in sheets if sheet.get("name") == name), "")


def _main(parts: Parts) -> str:
    """Return the part that lists the sheets, "" if there is none."""
    named = [part for kind, part in parts.links("").values() if kind == "officeDocument"]
    return next(
        (part for part in (*named, "xl/workbook.xml") if parts.elements(part, "workbook")),
        "",
    )


def _sheets(parts: Parts, main: str) -> list[tuple[dict[str, str], str]]:
    """Return the worksheets' attributes, and the part that holds each."""
    links = parts.links(main)
    sheets = [attributes for _, attributes in parts.elements(main, "sheet")]
    targets = [(sheet, *links.get(sheet.get("id", ""), ("", ""))) for sheet in sheets]
    return [(sheet, part) for sheet, kind, part in targets if kind == "worksheet"]


def _styles(parts: Parts, part: str) -> list[Format]:
    """Return the formats of the cells' styles, in order."""
    found = parts.elements(part, "numFmt", "cellXfs", "xf", "cellStyles")
    codes = {
        whole(each.get("numFmtId"), -1): each.get("formatCode", "")
        for name, each in found
        if name == "numFmt"
    }
    after = next((at for at, (name, _) in enumerate(found) if name == "cellXfs"), len(found))
    numbers = (whole(each.get("numFmtId"), 0) for name, each in islice(found, after, None) if name == "xf")
    return [format_of(number, codes.get(number)) for number in numbers]


def _texts(parts: Parts, part: str) -> list[str | None]:
    """Return the texts that cells refer to by number."""
    shared = _SharedTexts()
    if part in parts:
        parts.parse(part, shared)
    return shared.found


class _Texts:
    """Gathers the text of the elements `t` and `v`, but for that of how to pronounce it."""

    def __init__(self) -> None:
        self._names = Names()
        self._pieces: list[str] = []
        self._open = self._aside = False

    def text(self, text: str, /) -> None:
        if self._open and not self._aside:
            self._pieces.append(text)


class _SharedTexts(_Texts):
    """Goes through the table of texts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str | None] = []

    def start(self, name: str, _: dict[str, str], /) -> None:
        local = self._names[name]
        if local == "t":
            self._open = True
        elif local == "si":
            self._pieces = []
        elif local == "rPh":
            self._aside = True

    def end(self, name: str, /) -> None:
        local = self._names[name]
        if local == "t":
            self._open = False
        elif local == "si":
            self.found.append(_unescaped("".join(self._pieces)))
        elif local == "rPh":
            self._aside = False


class _Worksheet(_Texts):
    """Goes through a worksheet. Dimensions are not asked: programs write what they like there."""

    def __init__(self, grid: Grid, texts: list[str | None], styles: list[Format], epoch: date) -> None:
        super().__init__()
        self._grid = grid
        self._texts = texts
        self._styles = {str(at): style for at, style in enumerate(styles) if style != Format("number")}
        self._epoch = epoch
        self._row = 0
        self._column = -1
        self._cell: dict[str, str] = {}
        self._columns: dict[str, int] = {}
        self._formula = False
        self._readers: dict[str, Callable[[str], Reading]] = {
            "n": self._number,
            "s": self._shared,
            "b": _boolean,
            "d": _iso,
            **dict.fromkeys(_TEXTS, _text),
        }

    def start(self, name: str, attributes: dict[str, str], /) -> None:
        local = self._names[name]
        if local == "c":
            self._begin_cell(attributes)
        elif local in ("v", "t"):
            self._open = True
        elif local == "f":
            self._formula = True
        elif local == "row":
            self._begin_row(attributes)
        elif local == "rPh":
            self._aside = True
        elif local == "col" and attributes.get("hidden") in _TRUE:
            first = whole(attributes.get("min"), 1)
            self._grid.hide_columns(first - 1, whole(attributes.get("max"), first) - 1)
        elif local == "mergeCell":
            first_cell, _, last_cell = attributes.get("ref", "").partition(":")
            ends = reference(first_cell), reference(last_cell)
            if ends[0] and ends[1]:
                self._grid.merge(*ends[0], *ends[1])

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._cell, self._formula, self._pieces = attributes, False, []
        where = attributes.get("r", "")
        letters = where.rstrip("0123456789")
        row = where[len(letters) :]
        if letters in self._columns and len(row) in _ROW_DIGITS and row[0] != "0":
            self._row, self._column = int(row), self._columns[letters]
        elif found := reference(where):
            self._row, self._column = found
            self._columns[letters] = self._column
        else:
            self._column += 1

    def _begin_row(self, attributes: dict[str, str]) -> None:
        if self._grid.is_full:
            raise EnoughError
        self._row = whole(attributes.get("r"), 0) or self._row + 1
        self._column = -1
        if attributes.get("hidden") in _TRUE:
            self._grid.hide_row(self._row)

    def end(self, name: str, /) -> None:
        local = self._names[name]
        if local in ("v", "t"):
            self._open = False
        elif local == "c":
            value, note = self._reading("".join(self._pieces), self._cell.get("t", "n"))
            if value is not None or note is not None:
                self._grid.put(self._row, self._column, value, note)
        elif local == "rPh":
            self._aside = False

    def _reading(self, text: str, kind: str) -> Reading:
        """Return what a cell holds, and what is to be noted of it."""
        if kind in self._readers and not text.strip() and kind not in _TEXTS:
            return None, ("unknown", "") if self._formula else None
        read = self._readers.get(kind, _error)
        return read(text)

    def _number(self, text: str) -> Reading:
        value = number(text)
        if value is None:
            return None, ("error", text)
        style = self._styles.get(self._cell.get("s", "0"))
        if style is None:
            return plain_number(value), None
        if style.kind == "number":
            is_padded = text.isdecimal() and len(text) < style.digits
            return plain_number(value), ("padded", text.zfill(style.digits)) if is_padded else None
        is_date = style.kind == "date"
        told = date_text(value, self._epoch) if is_date else time_text(value, self._epoch)
        odd = oddity(told, self._epoch) if is_date or told is None else None
        return plain_number(value) if told is None else told, (odd, told or text) if odd else None

    def _shared(self, text: str) -> Reading:
        at = whole(text.strip(), -1)
        if not 0 <= at < len(self._texts):
            raise DamagedError(f"a cell in row {self._row} refers to a text that is not there")
        return self._texts[at], None


def _error(text: str) -> Reading:
    return None, ("error", text or "#?")


def _text(text: str) -> Reading:
    return _unescaped(text), None


def _boolean(text: str) -> Reading:
    return text.strip() in _TRUE, None


def _iso(text: str) -> Reading:
    days = iso_days(text.strip(), EPOCH)
    return text if days is None else date_text(days, EPOCH) or text, None


def _unescaped(text: str) -> str | None:
    """Return a text with the characters that are spelt `_x000D_`; None for an empty one."""
    if "_x" in text and _ESCAPE.search(text):
        units = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
        text = units.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return plain_text(text)


def reference(text: str) -> tuple[int, int] | None:
    """Return the row, from 1, and the column, from 0, of a reference such as B7."""
    match = _REFERENCE.fullmatch(text.upper())
    if match is None:
        return None
    column = 0
    for char in match[1]:
        column = column * 26 + ord(char) - ord("A") + 1
    return int(match[2]), column - 1
