"""The text of a CSV or TSV with edits: delimiter, quotes, line ends and encoding stay as they are."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from umap_bot.dataset.charset import BOM_8
from umap_bot.dataset.delimited import EXCELS_MARK, opened
from umap_bot.dataset.editing.edits import Edits
from umap_bot.dataset.editing.splices import Splice, spliced
from umap_bot.dataset.findings import Findings
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.writing.cells import cell_text
from umap_bot.model.canon import Value, nfc
from umap_bot.text import say

_BOMS: Final = (
    (BOM_8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""A byte order mark, and the encoding of what follows it. UTF-32's begins like UTF-16's."""


class _Line(NamedTuple):
    """A record: its number, where its cells stand, and where the next record begins."""

    number: int
    spans: list[tuple[int, int]]
    after: int


def write(data: bytes, recipe: Recipe, edits: Edits, findings: Findings) -> bytes:
    """Return the file with these edits. A new column comes first, new records come last.

    Raise FileError for an encoding that can't be written back, or lacks a letter.
    """
    _, delimiter = opened(data, recipe, findings)
    mark, encoding = next(
        ((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", findings.reading.encoding)
    )
    body = data[len(mark) :]
    text = body.decode(encoding)
    edited = spliced(text, _Editor(text, delimiter, edits).splices())
    written = _encoded(edited, encoding) if _encoded(text, encoding) == body else None
    if written is None:
        findings.fatal(
            say(
                "the new values can't be written in the file's encoding ({encoding}); save the file as CSV "
                "UTF-8",
                encoding=encoding,
            )
        )
    return mark + written


def _encoded(text: str, encoding: str) -> bytes | None:
    try:
        return text.encode(encoding)
    except UnicodeError:
        return None


class _Editor:
    """Goes through the records of a text, and finds what is to be replaced by what.

    New cells are quoted if they must be, or if the header's cells all are.
    """

    def __init__(self, text: str, delimiter: str, edits: Edits) -> None:
        self._text = text
        self._delimiter = delimiter
        self._edits = edits
        self._names: list[str] = []
        self._quoted = False
        self._line_end = "\n"

    def splices(self) -> Iterator[Splice]:
        for line in _records(self._text, self._delimiter):
            cells = [_unquoted(self._text[start:end]) for start, end in line.spans]
            if not any(cells) and (len(cells) == 1 or not self._names):
                continue  # an empty line, or one before the header
            if not self._names:
                self._read_header(line, cells)
                if column := self._edits.column:
                    yield self._first_cell(line, column)
            elif line.number in self._edits.removed:
                yield line.spans[0][0], line.after, ""
            else:
                yield from self._edited(line)
        yield from self._added()

    def _read_header(self, line: _Line, cells: list[str]) -> None:
        """Note what the header, the first row with anything in it, tells of all rows."""
        self._names = [nfc(cell).strip() for cell in cells]
        self._quoted = all(self._text.startswith('"', start) for start, _ in line.spans)
        self._line_end = self._text[line.spans[-1][1] : line.after] or "\n"

    def _edited(self, line: _Line) -> Iterator[Splice]:
        wanted = self._edits.cells.get(line.number, {})
        if column := self._edits.column:
            yield self._first_cell(line, wanted.get(column))
        at = {self._names.index(name): value for name, value in wanted.items() if name in self._names}
        for index in sorted(at):
            start, end = line.spans[index]
            yield start, end, self._cell(at[index], quoted=self._text.startswith('"', start, end))

    def _first_cell(self, line: _Line, value: Value) -> Splice:
        start = line.spans[0][0]
        return start, start, self._cell(value) + self._delimiter

    def _added(self) -> Iterator[Splice]:
        lines = [
            self._delimiter.join(self._cell(record.cells.get(name)) for name in self._names)
            for record in self._edits.added
        ]
        if not lines:
            return
        end = len(self._text)
        whole = self._line_end.join(lines)
        if self._text.endswith(("\n", "\r")):
            yield end, end, whole + self._line_end
        else:
            yield end, end, self._line_end + whole

    def _cell(self, value: Value, *, quoted: bool = False) -> str:
        text = cell_text(value)
        must = any(char in text for char in (self._delimiter, '"', "\r", "\n"))
        if must or quoted or (self._quoted and value is not None):
            return '"' + text.replace('"', '""') + '"'
        return text


def _records(text: str, delimiter: str) -> Iterator[_Line]:
    """Return the records, numbered as the reader numbers them."""
    apart = re.escape(delimiter)
    cell = re.compile(rf'"[^"]*(?:""[^"]*)*"|(?:[^"{apart}\r\n][^{apart}\r\n]*)?')
    at = len("\ufeff") if text.startswith("\ufeff") else 0
    if mark := EXCELS_MARK.match(text, at):
        at = mark.end()
    number = 1
    spans: list[tuple[int, int]] = []
    while True:
        found = cell.match(text, at)
        end = found.end() if found else at
        spans.append((at, end))
        if text.startswith(delimiter, end):
            at = end + 1
            continue
        at = min(end + (2 if text.startswith("\r\n", end) else 1), len(text))
        yield _Line(number, spans, at)
        if at >= len(text):
            return
        number, spans = number + 1, []


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell
