"""From bytes to text: UTF-8, UTF-16 by its mark, else what French Excel writes; never by statistics."""

from __future__ import annotations

import codecs
import re
from itertools import islice
from typing import Final

from bot.dataset.findings import Findings, excerpt
from bot.text import say

BOM_8: Final = b"\xef\xbb\xbf"
_BOMS_16: Final = (b"\xff\xfe", b"\xfe\xff")
_WORDS: Final = (re.compile(r"\w+"), re.compile(r"\S+"))
_ONE_BYTE: Final = ("cp12", "iso8859", "mac")
"""How Python's names of the encodings begin in which any bytes are some text (codecs.lookup)."""
_NOT_TEXT: Final = {
    b"PK\x03\x04": say("a spreadsheet or archive (ZIP)"),
    b"\xd0\xcf\x11\xe0": say("an old Excel or Word file"),
    b"\x1f\x8b": say("a gzip archive"),
    b"%PDF": say("a PDF"),
    b"\x89PNG": say("a picture"),
}


def refuse_other_formats(data: bytes, findings: Findings) -> None:
    """Raise DatasetError for bytes that are no text file at all, or hold a web page or half a merge."""
    for magic, what in _NOT_TEXT.items():
        if data.startswith(magic):
            findings.fatal(
                say("is {what}, whatever its name says; save it as CSV or GeoJSON, in UTF-8", what=what)
            )
    start = data[:512].lstrip(BOM_8 + b" \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        findings.fatal(
            say("holds a web page (a login or error page?) in place of data; commit the file itself")
        )
    marks = [_line_that_starts(mark, data) for mark in (b"<<<<<<< ", b">>>>>>> ")]
    if all(marks):
        findings.fatal(
            say(
                "line {line} is a mark of an unfinished git merge (<<<<<<<); finish it, commit again",
                line=marks[0],
            )
        )


def _line_that_starts(mark: bytes, data: bytes) -> int:
    """Give the number of the first line that starts so, 0 if there is none."""
    if data.startswith(mark):
        return 1
    place = data.find(b"\n" + mark)
    return data.count(b"\n", 0, place) + 2 if place >= 0 else 0


def to_text(data: bytes, encoding: str, findings: Findings) -> str:
    """Give the text, without a byte order mark, all line breaks as \\n.

    `encoding` is "auto" or the name of one that Python knows. Raise DatasetError for other bytes.
    """
    text = (
        _automatic(data, findings) if encoding.lower() in ("", "auto") else _named(data, encoding, findings)
    )
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        findings.fatal(
            say("line {line} holds a NUL character: UTF-16 without its mark? Save it as CSV UTF-8", line=line)
        )
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _automatic(data: bytes, findings: Findings) -> str:
    if data.startswith(_BOMS_16):
        return _named(data, "utf-16", findings)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Real UTF-8 before the bad byte: the file is two encodings in one, and no single one is right.
        if not data[: error.start].isascii():
            line = data.count(b"\n", 0, error.start) + 1
            findings.fatal(
                say("is UTF-8 up to line {line}, and not from there on; save it as CSV UTF-8", line=line)
            )
    return _windows(data, findings)


def _windows(data: bytes, findings: Findings) -> str:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        findings.fatal(
            say(
                "line {line} is neither UTF-8 nor Windows-1252; save it as CSV UTF-8, or name its encoding: "
                "DATASET_ENCODING",
                line=line,
            )
        )
    findings.warn(
        say(
            "not UTF-8, read as Windows-1252: {words:, }. Are these words right? "
            "If so, set DATASET_ENCODING=cp1252; else save it as CSV UTF-8",
            words=_foreign_words(text),
        )
    )
    return text


def _foreign_words(text: str) -> tuple[str, ...]:
    """Give the first three words that are not ASCII, for a person to judge."""
    for pattern in _WORDS:
        found = (match[0] for match in pattern.finditer(text) if not match[0].isascii())
        words = list(islice(dict.fromkeys(islice(found, 100)), 3))
        if words:
            return tuple(excerpt(word, 30) for word in words)
    return ()


def _named(data: bytes, encoding: str, findings: Findings) -> str:
    try:
        name = codecs.lookup(encoding).name
        if name.startswith(_ONE_BYTE):
            _refuse_utf8(data, encoding, findings)
        return data.decode("utf-8-sig" if name == "utf-8" else name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        findings.fatal(
            say(
                "line {line} is not {encoding}; look at DATASET_ENCODING, or save it as CSV UTF-8",
                line=line,
                encoding=encoding,
            )
        )
    except (LookupError, UnicodeError):
        findings.fatal(
            say("DATASET_ENCODING={encoding} names no text encoding; try utf-8 or cp1252", encoding=encoding)
        )


def _refuse_utf8(data: bytes, encoding: str, findings: Findings) -> None:
    """Raise DatasetError for text that is UTF-8, which would be read as Ã‰ in place of É.

    Text of one byte a character is never UTF-8 by accident.
    """
    if data.isascii():
        return
    try:
        data.decode()
    except UnicodeDecodeError:
        return
    findings.fatal(say("is UTF-8 by now, not {encoding}; set DATASET_ENCODING=auto", encoding=encoding))
