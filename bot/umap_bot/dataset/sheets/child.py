"""Reads one sheet in a process of its own, which may be killed: bytes by stdin, the answer by stdout.

Of umap_bot only the modules beside this one that are written for it are imported: the start must be cheap.
"""

from __future__ import annotations

import math
import resource
import signal
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import msgspec

from umap_bot.dataset.sheets import ods, xlsx
from umap_bot.dataset.sheets.answer import (
    MOST_CELLS,
    MOST_NAMES,
    OUT_OF_MEMORY,
    Answer,
    Cell,
    Limits,
    Marks,
    Refusal,
    Request,
    Sheet,
)
from umap_bot.dataset.sheets.marks import Found, TooLargeError, holds_doctype

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook, SheetMetadata

_EXACT: Final = 2**53
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    NotImplementedError,
    UnicodeDecodeError,
)


def main() -> None:
    """Answer the request that is the last argument, as JSON."""
    request = msgspec.json.decode(sys.argv[-1], type=Request)
    limit(request.limits)
    try:
        answer = read(sys.stdin.buffer.read(), request.sheet)
        sys.stdout.buffer.write(msgspec.json.encode(answer))
        sys.stdout.buffer.flush()
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)


def limit(limits: Limits) -> None:
    """Set this process's limits, which it can't raise again. To go beyond them ends it."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, limits.answer),
        (resource.RLIMIT_CORE, 0),
    ):
        _, highest = resource.getrlimit(what)
        least = most if highest == resource.RLIM_INFINITY else min(most, highest)
        resource.setrlimit(what, (least, least))


def read(data: bytes, name: str) -> Answer:
    """Return the sheet of that name, or the first that people see if it is ""."""
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415  a process may lack it

    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if part := holds_doctype(archive):
                return Refusal("doctype", part)
            with CalamineWorkbook.from_filelike(BytesIO(data)) as book:
                return _chosen(archive, book, name)
    except TooLargeError:
        return Refusal("too large")
    except (CalamineError, *_DAMAGED) as error:
        # The library tries one format after the other, and tells nothing of why none of them would do.
        unclear = "detect file format" in str(error)
        return Refusal("unclear" if unclear else "damaged", str(error)[:200])


def _chosen(archive: zipfile.ZipFile, book: CalamineWorkbook, name: str) -> Answer:
    sheets = [sheet for sheet in book.sheets_metadata if str(sheet.typ).endswith("WorkSheet")]
    seen = [sheet.name for sheet in sheets if _is_seen(sheet)]
    wanted = _plain(name)
    if wanted:
        chosen = next((sheet for sheet in sheets if _plain(sheet.name) == wanted), None)
    else:
        chosen = next(filter(_is_seen, sheets), None)
    if chosen is None:
        return Refusal("no such sheet" if wanted else "no sheet", names=seen[:MOST_NAMES])
    index = [sheet.name for sheet in book.sheets_metadata].index(chosen.name)
    page = book.get_sheet_by_index(index)
    found = Found()
    if "content.xml" in archive.namelist():
        ods.find(archive, chosen.name, found)
    else:
        xlsx.find(archive, index, found)
    rows = list(_filled(page.to_python(skip_empty_area=False), found))
    others = [other for other in seen if other != chosen.name][:MOST_NAMES]
    return Sheet(chosen.name, rows, found.marks, others, hidden=not _is_seen(chosen))


def _is_seen(sheet: SheetMetadata) -> bool:
    return str(sheet.visible).endswith(".Visible")


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


def _filled(rows: Iterable[list[Any]], found: Found) -> Iterator[tuple[int, list[Cell]]]:
    """Return the rows that hold anything, and note numbers that are none. Raise TooLargeError."""
    count = 0
    for number, row in enumerate(rows, start=1):
        cells = list(map(plain, row))
        for column, value in found.cells.get(number, {}).items():
            cells += [None] * (column + 1 - len(cells))
            cells[column] = value
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            continue
        count += len(cells)
        if count > MOST_CELLS:
            raise TooLargeError
        _take_endless(number, cells, found.marks)
        yield number, cells


def _take_endless(number: int, cells: list[Cell], marks: Marks) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, float) and not math.isfinite(cell):
            marks.errors.append((number, column, str(cell)))
            cells[column] = None


def plain(value: Any) -> Cell:
    """Return a value as JSON has it: whole numbers as such, dates and times as ISO text; None for nothing."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value or None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= _EXACT else value
    if isinstance(value, (bool, int)):
        return value
    return _moment(value)


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return _seconds(value).isoformat()
    if isinstance(value, time):
        moment = _seconds(datetime.combine(date(2000, 1, 1), value))
        return moment.time().isoformat() if moment.day == 1 else "24:00:00"
    if isinstance(value, timedelta):
        return clock(value.total_seconds())
    return value.isoformat() if isinstance(value, date) else str(value)


def _seconds(moment: datetime) -> datetime:
    """Return a time without what it gained or lost when it was stored as a fraction of a day."""
    rest = moment.microsecond % 1_000_000
    if rest >= 998_000:  # noqa: PLR2004  the library rounds to milliseconds
        return moment.replace(microsecond=0) + timedelta(seconds=1)
    return moment.replace(microsecond=0) if rest <= 2_000 else moment  # noqa: PLR2004


def clock(seconds: float) -> str:
    """Return a duration as spreadsheets show it: 27:30:00."""
    whole = round(abs(seconds))
    sign = "-" if seconds < 0 and whole else ""
    return f"{sign}{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
