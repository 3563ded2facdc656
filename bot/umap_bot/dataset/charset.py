"""From bytes to text: UTF-8, UTF-16 by its mark, else what French Excel writes; never by statistics."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.mixture import refuse_mixture
from umap_bot.model.layer import Reading
from umap_bot.text import say

BOM_8: Final = b"\xef\xbb\xbf"
_BOMS: Final = (
    (b"\xff\xfe\0\0", "utf-32", "UTF-32"),
    (b"\0\0\xfe\xff", "utf-32", "UTF-32"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
"""A byte order mark, Python's name of the encoding, and everybody's. UTF-32's begins like UTF-16's."""
_WORDS: Final = (re.compile(r"\w+"), re.compile(r"\S+"))
UNSHOWN: Final = ("…",)
"""The words of a guess as long as, or if, none may be shown."""
_ONE_BYTE: Final = ("cp12", "iso8859", "mac")
"""How Python's names of the encodings begin in which any bytes are some text (codecs.lookup)."""
_NO_FILES: Final = ("idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7", "undefined")
"""Encodings of Python that no file is in; some of them take for ever."""
_NOT_TEXT: Final = {
    b"PK\x03\x04": say("a spreadsheet or archive (ZIP)"),
    b"\xd0\xcf\x11\xe0": say("an old Excel or Word file"),
    b"\x1f\x8b": say("a gzip archive"),
    b"%PDF": say("a PDF"),
    b"\x89PNG": say("a picture"),
    b"SQLite format 3": say("a database (GeoPackage?)"),
    b"\x00\x00\x27\x0a": say("a Shapefile"),
    b"PAR1": say("a Parquet file"),
    b"{\\rtf": say("a text document (RTF)"),
}
_LFS: Final = b"version https://git-lfs"
_XML: Final = re.compile(rb"<(\?xml|kml|gpx|osm|gml|rss|feed|svg)\b")
_PAGE: Final = re.compile(rb"<(!doctype\s+html|html|head|body|meta|title|script|div)\b")
_SENT: Final = 2_048
"""Bytes in which a web page says that it is one."""


def refuse_other_formats(data: bytes, findings: Findings) -> None:
    """Raise FileError for bytes that are no text file at all, or hold a web page, XML or half a merge."""
    for magic, what in _NOT_TEXT.items():
        if data.startswith(magic):
            findings.fatal(say("the file is really {what}; save it as CSV or GeoJSON, in UTF-8", what=what))
    start = data[:_SENT].lstrip(BOM_8 + b" \t\r\n").lower()
    if start.startswith(b"<"):
        _refuse_marked_up(start, findings)
    if data.startswith(_LFS):
        findings.fatal(say("the file is only a Git LFS pointer; to fetch the file itself: git lfs pull"))
    marks = (b"<<<<<<< ", b">>>>>>> ")
    line = min(filter(None, (_line_that_starts(mark, data) for mark in marks)), default=0)
    if line:
        mark = "<<<<<<<" if _line_that_starts(marks[0], data) == line else ">>>>>>>"
        findings.fatal(
            say(
                "line {line} is a git conflict marker ({mark}); resolve the conflict and commit the "
                "file again",
                line=line,
                mark=mark,
            )
        )


def _refuse_marked_up(start: bytes, findings: Findings) -> None:
    if _PAGE.search(start):
        findings.fatal(
            say(
                "the file holds a web page instead of data, perhaps a login or error page; commit "
                "the data file"
            )
        )
    if _XML.match(start):
        findings.fatal(say("the file is XML (such as KML or GPX); export it as GeoJSON or CSV"))


def _line_that_starts(mark: bytes, data: bytes) -> int:
    """Return the number of the first line that starts so, 0 if there is none."""
    if data.startswith(mark):
        return 1
    at = data.find(b"\n" + mark)
    return data.count(b"\n", 0, at) + 2 if at >= 0 else 0


def to_text(data: bytes, encoding: str, findings: Findings) -> str:
    """Return the text, without a byte order mark, all line breaks as \\n.

    `encoding` is "auto" or the name of one that Python knows. Raise FileError for other bytes.
    """
    automatic = encoding.lower() in ("", "auto")
    text = _automatic(data, findings) if automatic else _named(data, encoding, findings)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        findings.fatal(
            say(
                "line {line} holds a NUL character, so the file may be UTF-16; save it as CSV UTF-8",
                line=line,
            )
        )
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _automatic(data: bytes, findings: Findings) -> str:
    for mark, name, spoken in _BOMS:
        if data.startswith(mark):
            _assume(spoken, findings)
            return _named(data, name, findings)
    try:
        # Line breaks are made one as bytes, where a character takes one byte and not four.
        text = data.replace(b"\r\n", b"\n").decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse_mixture(data, findings)
    else:
        _assume("UTF-8", findings)
        findings.reading = Reading("utf-8")
        return text
    _assume("Windows-1252", findings)
    return _windows(data, findings)


def _assume(encoding: str, findings: Findings) -> None:
    findings.assume(say("encoding {encoding} (DATASET_ENCODING)", encoding=encoding))


def _windows(data: bytes, findings: Findings) -> str:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        findings.fatal(
            say(
                "line {line} is neither UTF-8 nor Windows-1252; save the file as CSV UTF-8, or set "
                "its encoding in DATASET_ENCODING",
                line=line,
            )
        )
    findings.reading = Reading("cp1252", UNSHOWN)
    return text


def foreign_words(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the first three words that are not ASCII, for a person to judge whether they were read well."""
    foreign = list(islice((text for text in texts if not text.isascii()), 100))
    for pattern in _WORDS:
        found = (match[0] for text in foreign for match in pattern.finditer(text) if not match[0].isascii())
        words = list(islice(dict.fromkeys(islice(found, 100)), 3))
        if words:
            return tuple(excerpt(word, 30) for word in words)
    return tuple(excerpt(char) for text in foreign for char in text if not char.isascii())[:1]


def _named(data: bytes, encoding: str, findings: Findings) -> str:
    try:
        name = _lookup(encoding)
        if name.startswith(_ONE_BYTE):
            _refuse_utf8(data, encoding, findings)
        findings.reading = Reading(name)
        return data.decode("utf-8-sig" if name == "utf-8" else name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        findings.fatal(
            say(
                "line {line} is not valid {encoding}; correct DATASET_ENCODING, or save the file as "
                "CSV UTF-8",
                line=line,
                encoding=encoding,
            )
        )
    except (LookupError, UnicodeError):
        findings.fatal(
            say(
                "DATASET_ENCODING={encoding} is not a known text encoding; use utf-8 or cp1252",
                encoding=encoding,
            )
        )


def _lookup(encoding: str) -> str:
    """Return Python's name of an encoding. Raise LookupError if files have none such."""
    name = codecs.lookup(encoding).name
    if name in _NO_FILES:
        raise LookupError(name)
    return name


def _refuse_utf8(data: bytes, encoding: str, findings: Findings) -> None:
    """Raise FileError for text that is UTF-8, which would be read as Ã‰ in place of É.

    Text of one byte a character is never UTF-8 by accident.
    """
    if data.isascii():
        return
    try:
        data.decode()
    except UnicodeDecodeError:
        return
    findings.fatal(say("the file is now UTF-8, not {encoding}; set DATASET_ENCODING=auto", encoding=encoding))
