"""Ids in the text of a CSV or TSV: delimiter, quotes, line ends and encoding stay as they are."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import Final

from umap_bot.dataset.charset import BOM_8
from umap_bot.dataset.delimited import EXCELS_MARK, opened
from umap_bot.dataset.findings import Findings
from umap_bot.dataset.ids.splices import Splice, spliced
from umap_bot.dataset.recipe import Recipe
from umap_bot.model.canon import nfc
from umap_bot.text import say

Span = tuple[int, int]
_BOMS: Final = (
    (BOM_8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""A byte order mark, and the encoding of what follows it. UTF-32's begins like UTF-16's."""


def write(data: bytes, recipe: Recipe, ids: Mapping[int, str], findings: Findings, *, exists: bool) -> bytes:
    """Return the file with these ids, by the numbers of their records.

    A new column comes first. Raise FileError for an encoding that can't be written back, or lacks a letter.
    """
    _, delimiter = opened(data, recipe, findings)
    mark, encoding = next(
        ((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", findings.reading.encoding)
    )
    body = data[len(mark) :]
    text = body.decode(encoding)
    with_ids = spliced(text, _splices(text, delimiter, recipe.key, ids, exists=exists))
    written = _encoded(with_ids, encoding) if _encoded(text, encoding) == body else None
    if written is None:
        findings.fatal(
            say(
                "the ids can't be written in the file's encoding ({encoding}); save the file as CSV UTF-8",
                encoding=encoding,
            )
        )
    return mark + written


def _encoded(text: str, encoding: str) -> bytes | None:
    try:
        return text.encode(encoding)
    except UnicodeError:
        return None


def _splices(
    text: str, delimiter: str, key: str, ids: Mapping[int, str], *, exists: bool
) -> Iterator[Splice]:
    index = -1
    quoted = False
    for number, spans in _records(text, delimiter):
        cells = [_unquoted(text[start:end]) for start, end in spans]
        if not any(cells) and len(cells) == 1:
            continue  # an empty line
        if index < 0:  # the header: the first row with anything in it
            if not any(cells):
                continue
            names = [nfc(cell).strip() for cell in cells]
            index = names.index(key) if exists else 0
            quoted = all(text[start:end].startswith('"') for start, end in spans)
            if not exists:
                yield spans[0][0], spans[0][0], _cell(key, delimiter, quoted=quoted) + delimiter
        elif not exists:
            cell = _cell(ids[number], delimiter, quoted=quoted) if number in ids else ""
            yield spans[0][0], spans[0][0], cell + delimiter
        elif number in ids:
            start, end = spans[index]
            quoted_cell = quoted or text.startswith('"', start, end)
            yield start, end, _cell(ids[number], delimiter, quoted=quoted_cell)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[Span]]]:
    """Return where the cells of each record stand, records numbered as the reader numbers them."""
    apart = re.escape(delimiter)
    cell = re.compile(rf'"[^"]*(?:""[^"]*)*"|(?:[^"{apart}\r\n][^{apart}\r\n]*)?')
    at = len("\ufeff") if text.startswith("\ufeff") else 0
    if mark := EXCELS_MARK.match(text, at):
        at = mark.end()
    number = 1
    spans: list[Span] = []
    while True:
        found = cell.match(text, at)
        end = found.end() if found else at
        spans.append((at, end))
        if text.startswith(delimiter, end):
            at = end + 1
            continue
        yield number, spans
        at = end + (2 if text.startswith("\r\n", end) else 1)
        if at >= len(text):
            return
        number, spans = number + 1, []


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def _cell(text: str, delimiter: str, *, quoted: bool) -> str:
    if quoted or any(char in text for char in (delimiter, '"', "\r", "\n")):
        return '"' + text.replace('"', '""') + '"'
    return text
