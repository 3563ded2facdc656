"""What the library that reads spreadsheets does not tell: errors, formulas without a result, merged cells…

It is found in the XML itself. A sheet that has none of it is not parsed: a search for a few words proves it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Any, Final, TypeVar
from xml.parsers import expat

from umap_bot.dataset.sheets.answer import MOST_CELLS, MOST_MARKS, Marks, Padded

_CHUNK: Final = 2**20
_OVERLAP: Final = 100
_XML: Final = (".xml", ".rels", ".vml")
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
"""How UTF-16 begins: no search for ASCII words proves anything in it."""


T = TypeVar("T")


class TooLargeError(Exception):
    """The sheet has more cells than are read."""


class Found:
    """The marks of a sheet, and cells that the library reads wrongly, by row and column."""

    def __init__(self) -> None:
        self.marks = Marks()
        self.cells: dict[int, dict[int, str | bool]] = {}
        self._padded: dict[int, Padded] = {}
        self._count = 0

    def error(self, row: int, column: int, text: str) -> None:
        _add(self.marks.errors, (row, column, text[:20]))

    def unknown(self, row: int, column: int) -> None:
        _add(self.marks.unknown, (row, column))

    def merge(self, first_row: int, first: int, last_row: int, last: int) -> None:
        _add(self.marks.merged, (first_row, first, last_row, last))

    def hide_row(self, row: int) -> None:
        _add(self.marks.hidden_rows, row)

    def hide_columns(self, first: int, last: int) -> None:
        self.marks.hidden_columns += range(first, min(last, first + MOST_MARKS) + 1)

    def pad(self, row: int, column: int, shown: str) -> None:
        if column in self._padded:
            self._padded[column].count += 1
        elif len(self._padded) < MOST_MARKS:
            self._padded[column] = Padded(column, 1, row, shown[:20])
            self.marks.padded.append(self._padded[column])

    def correct(self, row: int, column: int, value: str | bool) -> None:
        self._count += 1
        if self._count > MOST_CELLS:
            raise TooLargeError
        self.cells.setdefault(row, {})[column] = value


def _add(marks: list[T], mark: T) -> None:
    if len(marks) < MOST_MARKS:
        marks.append(mark)


def holds_doctype(archive: zipfile.ZipFile) -> str:
    """Return the first part with a document type, which may define entities that grow, or ""."""
    for name in archive.namelist():
        if name.lower().endswith(_XML) and _has_doctype(archive, name):
            return name
    return ""


def _has_doctype(archive: zipfile.ZipFile, name: str) -> bool:
    """Tell whether a document type stands before the root element; what is no XML has none."""
    found = []
    ended = False

    def begun(*_: object) -> None:
        nonlocal ended
        ended = True

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: found.append(name)
    parser.StartElementHandler = begun
    for chunk in _chunks(archive, name, 2**12):
        try:
            parser.Parse(chunk)
        except expat.ExpatError:
            return bool(found)
        if found or ended:
            break
    return bool(found)


def _chunks(archive: zipfile.ZipFile, name: str, size: int = _CHUNK) -> Iterator[bytes]:
    with archive.open(name) as part:
        while chunk := part.read(size):
            yield chunk


def speaks(archive: zipfile.ZipFile, name: str, words: re.Pattern[bytes]) -> bool:
    """Tell whether a part may hold one of the words."""
    if name not in archive.namelist():
        return False
    last = b""
    for chunk in _chunks(archive, name):
        if (not last and chunk.startswith(_WIDE)) or words.search(last + chunk):
            return True
        last = chunk[-_OVERLAP:]
    return False


def parse(archive: zipfile.ZipFile, name: str, handler: Any) -> None:
    """Hand a part's elements and texts to a handler. What is no XML the library has refused before."""
    if name not in archive.namelist():
        return
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    try:
        for chunk in _chunks(archive, name):
            parser.Parse(chunk)
        parser.Parse(b"", True)  # the end
    except expat.ExpatError as error:
        raise zipfile.BadZipFile(f"{name}: {error}") from error


class _Elements:
    """The elements of one name of a small part, with their attributes."""

    def __init__(self, *names: str) -> None:
        self.found: list[tuple[str, dict[str, str]]] = []
        self._names = names

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local in self._names:
            self.found.append((local, attributes))

    def end(self, name: str) -> None:
        pass

    def text(self, text: str) -> None:
        pass


def elements(archive: zipfile.ZipFile, part: str, *names: str) -> list[tuple[str, dict[str, str]]]:
    """Return the elements of these names in a part, each with its name and attributes."""
    elements = _Elements(*names)
    parse(archive, part, elements)
    return elements.found


def whole(text: str | None, otherwise: int) -> int:
    """Return the whole number that a text spells in at most nine digits, else `otherwise`."""
    return int(text) if text and len(text) < 10 and text.isascii() and text.isdecimal() else otherwise  # noqa: PLR2004
