"""A spreadsheet's archive with one part replaced, and where elements stand in the bytes of a part."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from copy import copy
from io import BytesIO
from typing import NamedTuple, NoReturn, TypeAlias
from xml.parsers import expat

from umap_bot.dataset.delimited import column_letter
from umap_bot.dataset.editing.splices import spliced
from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.text import say

Splices = list[tuple[int, int, bytes]]
CellValue: TypeAlias = str | int | float | None
"""What is written into a cell; None empties it, and its style stays."""
Cells: TypeAlias = Mapping[int, Mapping[int, CellValue]]
"""Cells by the numbers of their rows (from 1) and columns (from 0)."""


class Block(NamedTuple):
    """The cells that one formula fills: first and last row, from 1, and column, from 0."""

    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def __str__(self) -> str:
        return f"{column_letter(self.left)}{self.top}:{column_letter(self.right)}{self.bottom}"


def refuse_formula(block: str, row: int, findings: Findings) -> NoReturn:
    """Raise FileError for a cell to be written that is part of what one formula fills: without it the others
    would be empty, or the file damaged."""
    findings.fatal(
        say(
            "the cell to be changed belongs to the formula of {range}; replace {range} with its values "
            "(copy, then paste as values)",
            range=excerpt(block),
        ),
        row,
    )


def rewritten(data: bytes, part: str, splices: Splices) -> bytes:
    """Return the archive with splices done in one part; the others, and the order of all, stay."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as copied:
        copied.comment = archive.comment
        for info in archive.infolist():
            content = _unpacked(archive, info)
            if info.filename == part:
                content = spliced(content, splices)
            copied.writestr(copy(info), content, info.compress_type)
    return out.getvalue()


def content_of(data: bytes, part: str) -> bytes:
    """Return the bytes of a part. Raise KeyError if there is none, and what unpacking raises."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return _unpacked(archive, archive.getinfo(part))


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Return the bytes of a part. Raise BadZipFile if there are more of them than the archive says, which is
    what the sum of all was judged by.

    Unlike `archive.read`, this never unpacks more than that.
    """
    with archive.open(info) as part:
        return part.read(info.file_size + 1)


Start = Callable[[str, dict[str, str], int], None]
End = Callable[[str, int, int], None]


def walk(content: bytes, start: Start, end: End) -> None:
    """Tell where each element begins, and where its end tag begins and ends.

    An element without an end tag (`<c/>`) has it begin and end where the element ends. Raise
    expat.ExpatError.
    """
    parser = expat.ParserCreate()

    def ended(name: str) -> None:
        at = parser.CurrentByteIndex
        tag = f"</{name}".encode()
        whole = content.index(b">", at) + 1 if content.startswith(tag, at) else at
        end(name, at, whole)

    parser.StartElementHandler = lambda name, attributes: start(name, attributes, parser.CurrentByteIndex)
    parser.EndElementHandler = ended
    parser.Parse(content, True)
