"""The parts of a spreadsheet's archive, and the XML in them. It knows no other room."""

from __future__ import annotations

import lzma
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final, Protocol
from xml.parsers import expat

_CHUNK: Final = 2**20
_MOST_ELEMENTS: Final = 200_000
"""Sheets, references or styles; Excel writes at most 65 000 of these."""
UNPACKING: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    ValueError,
    NotImplementedError,
    EOFError,
    OSError,
)
"""What opening an archive, or unpacking a part of it, raises."""


class DamagedError(Exception):
    """What is in the archive is no spreadsheet that can be read. The text says why, in a few words."""


class DoctypeError(Exception):
    """A part has a document type, which may define entities that grow. The text is the part's name."""


class EnoughError(Exception):
    """What was looked for in a part has been found."""


class Handler(Protocol):
    """Is handed the elements and texts of a part, in order. Names are those of expat: URI, space, name."""

    def start(self, name: str, attributes: dict[str, str], /) -> None: ...
    def end(self, name: str, /) -> None: ...
    def text(self, text: str, /) -> None: ...


class Names(dict[str, str]):
    """Elements and attributes without their namespaces, which there are few of."""

    def __missing__(self, name: str) -> str:
        self[name] = name.rpartition(" ")[2]
        return self[name]


def plain_name(name: str) -> str:
    """Return a part's name as it is looked for: some programs write backslashes, or other capitals."""
    return name.replace("\\", "/").lstrip("/").lower()


class Parts:
    """The parts of an archive, by name."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = {plain_name(name): name for name in archive.namelist()}

    def __contains__(self, name: str) -> bool:
        return plain_name(name) in self._names

    def stored(self, name: str) -> str:
        """Return a part's name as it stands in the archive. Raise KeyError."""
        return self._names[plain_name(name)]

    def parse(self, name: str, handler: Handler) -> None:
        """Hand a part to a handler, which may raise EnoughError. Raise DamagedError, DoctypeError."""
        if name not in self:
            raise DamagedError(f"there is no {name} in it")
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = handler.start
        parser.EndElementHandler = handler.end
        parser.CharacterDataHandler = handler.text

        def refuse(*_: object) -> None:
            raise DoctypeError(self._names[plain_name(name)])

        parser.StartDoctypeDeclHandler = refuse
        try:
            with suppress(EnoughError):
                for chunk in self._chunks(name, _CHUNK):
                    parser.Parse(chunk)
                parser.Parse(b"", True)  # the end
        except expat.ExpatError as error:
            raise DamagedError(f"{name}: {error}") from error
        except LookupError as error:
            if type(error) is not LookupError:  # else it is an encoding that nobody knows
                raise
            raise DamagedError(f"{name}: {error}") from error

    def elements(self, name: str, *wanted: str) -> list[tuple[str, dict[str, str]]]:
        """Return the elements of these names in a part, each with its attributes; [] if there is no part."""
        elements = _Elements(wanted)
        if name in self:
            self.parse(name, elements)
        return elements.found

    def links(self, name: str) -> dict[str, tuple[str, str]]:
        """Return what a part ("": the whole) refers to, by the reference's id: the kind, and the part."""
        folder, file = posixpath.split(plain_name(name))
        found = self.elements(posixpath.join(folder, "_rels", f"{file}.rels"), "Relationship")
        return {
            link.get("Id", ""): (
                link.get("Type", "").rpartition("/")[2],
                _resolved(folder, link.get("Target", "")),
            )
            for _, link in found
        }

    def _chunks(self, name: str, size: int) -> Iterator[bytes]:
        try:
            with self._archive.open(self._names[plain_name(name)]) as part:
                while chunk := part.read(size):
                    yield chunk
        except UNPACKING as error:
            raise DamagedError(f"{name}: {error}") from error


def _resolved(folder: str, target: str) -> str:
    return plain_name(posixpath.normpath(posixpath.join("/", folder, target.replace("\\", "/"))))


class _Elements:
    """The elements of some names, with their attributes."""

    def __init__(self, wanted: tuple[str, ...]) -> None:
        self.found: list[tuple[str, dict[str, str]]] = []
        self._wanted = wanted
        self._names = Names()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = self._names[name]
        if local in self._wanted:
            if len(self.found) == _MOST_ELEMENTS:
                raise DamagedError(f"{local}: more than {_MOST_ELEMENTS}")
            self.found.append((local, {self._names[key]: value for key, value in attributes.items()}))

    def end(self, name: str) -> None:
        pass

    def text(self, text: str) -> None:
        pass


def whole(text: Any, otherwise: int) -> int:
    """Return the whole number that a text spells, at most 999 999 999; else `otherwise`."""
    if not text or not text.isascii() or not text.isdecimal():
        return otherwise
    return min(int(text[-20:]), 999_999_999) if len(text) <= 20 else 999_999_999  # noqa: PLR2004
