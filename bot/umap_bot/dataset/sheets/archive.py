"""What the bytes of a spreadsheet are, before they are read: an archive that unpacks to a bearable size."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from io import BytesIO
from typing import Final

from umap_bot.dataset.charset import refuse_other_formats
from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.sheets.parts import UNPACKING, plain_name
from umap_bot.text import Text, say

ENDINGS: Final = (".xlsx", ".xlsm", ".ods")
MOST_PARTS: Final = 5_000
MOST_BYTES: Final = 400 * 2**20
"""Bytes that all parts have unpacked."""
SMALL: Final = 64 * 2**20
RATIO: Final = 200
"""How often larger the unpacked parts may be than the archive, if they are not small: tables reach 50."""
_PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How the parts of spreadsheets are packed. Of other ways, a little that is read may unpack to gigabytes."""
_MEGABYTE: Final = 2**20
_ZIP: Final = b"PK"
_ENTRY: Final = b"PK\x01\x02"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED_EXCEL: Final = "EncryptedPackage".encode("utf-16-le")
_MANIFEST: Final = 2**20
_LOCKED: Final = say("the file is protected by a password; save it without one")
_CUT: Final = say(
    "the file is damaged or incomplete (its archive can't be opened); save it and commit it again"
)


def check(data: bytes, findings: Findings) -> None:
    """Raise DatasetError for what is no spreadsheet that is read, and for archives that may do harm.

    An .ods that is called .xlsx, or the other way, is read all the same.
    """
    if not data.strip():
        findings.fatal(say("the file is empty; commit it again"))
    if not data.startswith(_ZIP):
        findings.fatal(_no_archive(data, findings))
    if data.count(_ENTRY) > MOST_PARTS:  # before anything is made of them
        findings.fatal(
            say(
                "the file contains more than {most} parts, where a spreadsheet has a few dozen; "
                "save it again in LibreOffice or Excel",
                most=MOST_PARTS,
            )
        )
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _check_sizes(archive.infolist(), len(data), findings)
            _check_kind(archive, findings)
    except UNPACKING:
        findings.fatal(_CUT)


def _no_archive(data: bytes, findings: Findings) -> Text:
    if data.startswith(_OLE):
        if _ENCRYPTED_EXCEL in data:
            return _LOCKED
        return say("the file is really an old Excel file (.xls); save it as .xlsx or .ods")
    start = data[:4096]
    if b"office:document" in start:
        return say("the file is really a flat OpenDocument file (.fods); save it as .ods")
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        return say("the file is really an Excel 2003 XML table; save it as .xlsx or .ods")
    refuse_other_formats(data, findings)
    if _is_text(data):
        return say(
            "the file is really text, perhaps CSV; if so, rename it to end in .csv, and change DATASET_PATH"
        )
    return say("the file can't be read as a spreadsheet; save it as .xlsx or .ods")


def _is_text(data: bytes) -> bool:
    for encoding in ("utf-8", "cp1252"):
        with suppress(UnicodeDecodeError):
            return "\0" not in data.decode(encoding)
    return data.startswith((b"\xff\xfe", b"\xfe\xff"))


def _check_sizes(parts: list[zipfile.ZipInfo], size: int, findings: Findings) -> None:
    total = sum(part.file_size for part in parts)
    if total > MOST_BYTES or total > max(SMALL, RATIO * size):
        findings.fatal(
            say(
                "the file would take {size} MB when unpacked, {times} times its own size (limits: "
                "{most} MB and {ratio} times); check that it is the right file",
                size=-(-total // _MEGABYTE),
                times=total // size,
                most=MOST_BYTES // _MEGABYTE,
                ratio=RATIO,
            )
        )
    names = set()
    for part in parts:
        if part.compress_type not in _PACKED:
            findings.fatal(
                say(
                    "the file contains a part, {part}, compressed in a way that spreadsheets don't use; "
                    "save it again in LibreOffice or Excel",
                    part=excerpt(part.filename),
                )
            )
        name = plain_name(part.filename)
        if name in names:
            findings.fatal(
                say(
                    "the file contains the part {part} twice; save it again in LibreOffice or Excel",
                    part=excerpt(part.filename),
                )
            )
        names.add(name)


def _check_kind(archive: zipfile.ZipFile, findings: Findings) -> None:
    parts = {plain_name(part.filename) for part in archive.infolist()}
    if any(part.flag_bits & 1 for part in archive.infolist()) or "encrypted-package" in parts:
        findings.fatal(_LOCKED)
    if "xl/workbook.bin" in parts:
        findings.fatal(say("the file is really a binary workbook (.xlsb); save it as .xlsx or .ods"))
    if b"encryption-data" in _first(archive, "META-INF/manifest.xml"):
        findings.fatal(_LOCKED)


def _first(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the beginning of a part, b"" if there is none."""
    try:
        with archive.open(name) as part:
            return part.read(_MANIFEST)
    except KeyError:
        return b""
