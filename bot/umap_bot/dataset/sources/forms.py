"""What bytes are, by their content: servers say it wrongly, and a login page comes as 200 OK too."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Final, Literal, TypeAlias
from zipfile import BadZipFile, ZipFile

import msgspec

Form: TypeAlias = Literal[
    "empty", "html", "xml", "json", "xlsx", "ods", "zip", "xls", "pdf", "gzip", "binary", "text"
]

_LOOKED_AT: Final = 4096
_BOM: Final = b"\xef\xbb\xbf"
_HTML: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_MAGIC: Final[tuple[tuple[bytes, Form], ...]] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
    (b"%PDF-", "pdf"),
    (b"\x1f\x8b", "gzip"),
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")

SUFFIXES: Final[dict[str, Form]] = {
    ".csv": "text",
    ".tsv": "text",
    ".geojson": "json",
    ".json": "json",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".ods": "ods",
}
"""Name ending of a table that can be read → what its bytes are then."""


def form_of(data: bytes) -> Form:
    """Return what bytes are. JSON is valid as a whole: the heading of a CSV may begin with a bracket."""
    if data.startswith(b"PK\x03\x04"):
        return _archive(data)
    for magic, form in _MAGIC:
        if data.startswith(magic):
            return form
    begin = data[:_LOOKED_AT].removeprefix(_BOM).lstrip()
    if not begin:
        return "empty"
    if begin.startswith(b"<"):
        return _markup(begin)
    if begin[:1] in b"{[" and _is_json(data):
        return "json"
    return "binary" if b"\0" in begin and not data.startswith(_UTF16) else "text"


def _markup(begin: bytes) -> Form:
    if _HTML.search(begin):
        return "html"
    return "xml" if begin[1:2] in b"?!" or b"xmlns" in begin else "text"


def _is_json(data: bytes) -> bool:
    try:
        msgspec.json.decode(data.removeprefix(_BOM), type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    except RecursionError:  # whoever reads it says so
        return True
    return True


def _archive(data: bytes) -> Form:
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (BadZipFile, NotImplementedError, ValueError):
        return "zip"
    if "xl/workbook.xml" in names or any(name.startswith("xl/") for name in names):
        return "xlsx"
    return "ods" if {"mimetype", "content.xml"} <= names else "zip"
