"""The marks of a sheet of Office Open XML (.xlsx)."""

from __future__ import annotations

import re
import zipfile
from itertools import islice
from pathlib import PurePosixPath
from typing import Final

from umap_bot.dataset.sheets.marks import Found, elements, parse, speaks, whole

_PADDED_FORMAT: Final = re.compile(r"0[0#]+")
_DECORATION: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|[ _*]')
_XLSX_WORDS: Final = re.compile(
    rb"""\bt\s*=\s*["']e["']|[<:]f[\s/>]|hidden\s*=\s*["'](?:1|true)|mergeCell[\s>]"""
)


def find(archive: zipfile.ZipFile, index: int, found: Found) -> None:
    """Find the marks of the sheet with that index in the workbook."""
    part = _part_of(archive, index)
    padded = _padded_styles(archive)
    if part and (padded or speaks(archive, part, _XLSX_WORDS)):
        parse(archive, part, _Xlsx(found, padded))


def part_named(archive: zipfile.ZipFile, name: str) -> str:
    """Return the part that holds the sheet of that name, "" if there is none."""
    names = [attributes.get("name") for _, attributes in elements(archive, "xl/workbook.xml", "sheet")]
    return _part_of(archive, names.index(name)) if name in names else ""


def _part_of(archive: zipfile.ZipFile, index: int) -> str:
    sheets = elements(archive, "xl/workbook.xml", "sheet")
    links = elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")
    targets = {link.get("Id", ""): link.get("Target", "") for _, link in links}
    if index >= len(sheets):
        return ""
    attributes = sheets[index][1]
    wanted = next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id"), "")
    target = targets.get(wanted, "")
    return target[1:] if target.startswith("/") else str(PurePosixPath("xl") / target)


def _padded_styles(archive: zipfile.ZipFile) -> dict[str, int]:
    """Return the styles whose numbers are shown with zeros in front, and to how many digits."""
    if not speaks(archive, "xl/styles.xml", re.compile(rb"formatCode\s*=\s*.[^>]*?0[0#]")):
        return {}
    styles = elements(archive, "xl/styles.xml", "numFmt", "cellXfs", "xf", "cellStyles")
    formats = [each for name, each in styles if name == "numFmt"]
    digits = {each.get("numFmtId", ""): _digits(each.get("formatCode", "")) for each in formats}
    after = next((at for at, (name, _) in enumerate(styles) if name == "cellXfs"), len(styles))
    cells = [each for name, each in islice(styles, after, None) if name == "xf"]
    widths = {str(at): digits.get(each.get("numFmtId", ""), 0) for at, each in enumerate(cells)}
    return {style: width for style, width in widths.items() if width}


def _digits(code: str) -> int:
    bare = _DECORATION.sub("", code.partition(";")[0])
    return len(bare) if _PADDED_FORMAT.fullmatch(bare) else 0


class _Xlsx:
    """Goes through a worksheet of Office Open XML."""

    def __init__(self, found: Found, padded: dict[str, int]) -> None:
        self._found = found
        self._padded = padded
        self._row = 0
        self._column = -1
        self._cell: dict[str, str] = {}
        self._formula = False
        self._value: list[str] | None = None
        self._read = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self._begin(attributes)
        elif local == "v":
            self._value = []
        elif local == "f":
            self._formula = True
        elif local == "row":
            self._row = whole(attributes.get("r"), self._row + 1)
            self._column = -1
            if attributes.get("hidden") in ("1", "true"):
                self._found.hide_row(self._row)
        elif local == "col" and attributes.get("hidden") in ("1", "true"):
            first = whole(attributes.get("min"), 1)
            self._found.hide_columns(first - 1, whole(attributes.get("max"), first) - 1)
        elif local == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _begin(self, attributes: dict[str, str]) -> None:
        self._cell = attributes
        self._row, self._column = reference(attributes.get("r", "")) or (self._row, self._column + 1)
        self._formula, self._value, self._read = False, None, ""

    def _merge(self, ref: str) -> None:
        first, _, last = ref.partition(":")
        ends = reference(first), reference(last)
        if ends[0] and ends[1]:
            self._found.merge(*ends[0], *ends[1])

    def text(self, text: str) -> None:
        if self._value is not None:
            self._value.append(text)

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "v" and self._value is not None:
            self._read, self._value = "".join(self._value), None
        elif local == "c":
            self._judge(self._cell.get("t", "n"))

    def _judge(self, kind: str) -> None:
        if kind == "e":
            self._found.error(self._row, self._column, self._read or "#?")
        elif self._formula and not self._read.strip() and kind != "str":
            self._found.unknown(self._row, self._column)
        elif kind == "n" and self._padded:
            width = self._padded.get(self._cell.get("s", "0"), 0)
            if self._read.isdecimal() and len(self._read) < width:
                self._found.pad(self._row, self._column, self._read.zfill(width))


_REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})", re.ASCII)


def reference(text: str) -> tuple[int, int] | None:
    """Return the row, from 1, and the column, from 0, of a reference such as B7."""
    match = _REFERENCE.fullmatch(text.upper())
    if match is None:
        return None
    column = 0
    for char in match[1]:
        column = column * 26 + ord(char) - ord("A") + 1
    return int(match[2]), column - 1
