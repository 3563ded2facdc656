"""Values that are legal and nearly always wrong: what programs write for nothing, and text read wrongly."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.missing import ERRORS, MISSING
from umap_bot.dataset.table import Record
from umap_bot.text import Part, Text, say

_SHORTENED: Final = re.compile(r"[+-]?\d(?:[.,]\d+)?E\+\d\d", re.ASCII)
_MISREAD: Final = re.compile(
    "[\u00c2-\u00df][\u0080-\u00bf\u2010-\u203a\u0152-\u0192\u02c6\u02dc\u20ac\u2122]|â€|ï¿½"
)
"""UTF-8 that was read as Windows-1252 or Latin-1: Ã© for é, â€™ for ’. To be proved."""
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""Control characters but line breaks and tabs."""
_QUOTED: Final = re.compile(r'\s+"[^"]*"\s*|\s*"[^"]*"\s+')
"""Quotes that are text, since a tab or a no-break space stands beside them."""
_LOST: Final = "\ufffd"
_ALL_WORDS: Final = MISSING | ERRORS
_MAYBE_MISREAD: Final = re.compile("[\u00c2-\u00df\u00e2\u00ef][\u0080-\U0010ffff]")
"""What all that `_MISREAD` finds begins like: one class of characters first, which is found much faster."""


def warn_of_oddities(records: list[Record], findings: Findings) -> None:
    """Warn of odd values, once for each column and kind, with the rows."""
    found: dict[tuple[str, str, str], tuple[str, list[int]]] = {}
    for record in filter(_may_be_odd, records):
        for column, value in record.cells.items():
            if type(value) is str and (kind := _kind(value)):
                same = value if kind == "nothing" else ""
                found.setdefault((column, kind, same), (value, []))[1].append(record.number)
    for (column, kind, _), (value, numbers) in found.items():
        odd: dict[str, Part] = {
            "column": excerpt(column),
            "value": excerpt(value),
            "rows": findings.rows(numbers),
        }
        if kind == "misread":
            odd["meant"] = excerpt(_mended(value))
        findings.warn(_SENTENCES[kind](odd))


def _may_be_odd(record: Record) -> bool:
    """Tell whether a record can hold an odd value: of most, all cells at one go are seen to hold none."""
    texts = [value for value in record.cells.values() if type(value) is str]
    if not _ALL_WORDS.isdisjoint(texts):
        return True
    text = " ".join(texts)  # nothing odd has a space in it, so none is made or lost by them
    return (
        not text.isprintable()
        or "E+" in text
        or (not text.isascii() and (_LOST in text or _MAYBE_MISREAD.search(text) is not None))
    )


def _kind(value: str) -> str:
    if value in _ALL_WORDS:
        return "nothing"
    if value.isascii():
        return "shortened" if "E+" in value and _SHORTENED.fullmatch(value) else _unprintable(value)
    if _LOST in value:
        return "lost"
    if _MISREAD.search(value) and _mended(value) != value:
        return "misread"
    return _unprintable(value)


def _unprintable(value: str) -> str:
    if value.isprintable():
        return ""
    if _CONTROLS.search(value):
        return "controls"
    return "quoted" if _QUOTED.fullmatch(value) else ""


def _mended(value: str) -> str:
    """Return a text as it was before somebody read it in the wrong encoding; as it is, if nobody did."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return value.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return value


_SENTENCES: Final[dict[str, Callable[[dict[str, Part]], Text]]] = {
    "nothing": lambda odd: say(
        'the column "{column}" contains "{value}" in {rows}; if that means no value, empty the cell', **odd
    ),
    "quoted": lambda odd: say(
        'the column "{column}" contains "{value}" in {rows}: the double quotes are kept, '
        "because a tab or a no-break space is next to them; remove that character",
        **odd,
    ),
    "shortened": lambda odd: say(
        'the column "{column}" contains "{value}" in {rows}, which may be a long number '
        "shortened by a spreadsheet; format the column as text and type it again",
        **odd,
    ),
    "misread": lambda odd: say(
        'the column "{column}" contains "{value}" in {rows}, which may be "{meant}" damaged '
        "by a wrong encoding; type it again",
        **odd,
    ),
    "lost": lambda odd: say(
        'the column "{column}" contains "{value}" in {rows}: a character was lost when the '
        "file was saved; type it again",
        **odd,
    ),
    "controls": lambda odd: say(
        'the column "{column}" contains control characters in {rows} ("{value}"), which '
        "maps don't show; remove them",
        **odd,
    ),
}
