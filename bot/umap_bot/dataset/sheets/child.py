"""Reads one sheet in a process of its own, which may be killed: bytes by stdin, the answer by stdout.

Of umap_bot only the modules beside this one that are written for it are imported: the start must be cheap.
"""

from __future__ import annotations

import resource
import signal
import sys
import unicodedata
import zipfile
from io import BytesIO
from typing import Final

import msgspec

from umap_bot.dataset.sheets import ods, xlsx
from umap_bot.dataset.sheets.answer import (
    MOST_NAMES,
    OUT_OF_MEMORY,
    Answer,
    Cell,
    Limits,
    Refusal,
    Request,
    Sheet,
)
from umap_bot.dataset.sheets.grid import Book, TooLargeError
from umap_bot.dataset.sheets.parts import DamagedError, DoctypeError, Parts

_NAMED: Final = 1_000
"""Characters of a cell that may be a column's name."""


def main() -> None:
    """Answer the request that is the last argument, as JSON."""
    request = msgspec.json.decode(sys.argv[-1], type=Request)
    limit(request.limits)
    try:
        answer = read(sys.stdin.buffer.read(), request)
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


def read(data: bytes, request: Request) -> Answer:
    """Return the sheet that is asked for, or why there is none."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:  # which was opened before, to see that it can be
            parts = Parts(archive)
            book = xlsx.workbook(parts) or ods.document(parts)
            return _answer(book, request) if book else Refusal("no workbook")
    except TooLargeError:
        return Refusal("too large")
    except DoctypeError as error:
        return Refusal("doctype", str(error))
    except DamagedError as error:
        return Refusal("damaged", str(error)[:200])


def _answer(book: Book, request: Request) -> Answer:
    seen = [index for index, page in enumerate(book.pages) if page.seen]
    names = [book.pages[index].name for index in seen]
    wanted = _plain(request.sheet)
    keyed: list[int] = []
    if wanted:
        chosen = [index for index, page in enumerate(book.pages) if _plain(page.name) == wanted]
    else:
        keyed = _keyed(book, seen[:MOST_NAMES], request.key) if len(seen) > 1 else []
        chosen = keyed or seen
    if not chosen:
        return Refusal("no such sheet" if wanted else "no sheet", names=names[:MOST_NAMES])
    if len(keyed) > 1:
        return Refusal("which sheet", names=[book.pages[index].name for index in keyed])
    page = book.pages[chosen[0]]
    grid = book.read(chosen[0])
    grid.note_covered()
    others = [name for index, name in zip(seen, names, strict=True) if index != chosen[0]][:MOST_NAMES]
    rows = sorted(grid.rows.items())
    return Sheet(page.name, rows, grid.marks, others, hidden=not page.seen, keyed=bool(keyed))


def _keyed(book: Book, seen: list[int], key: str) -> list[int]:
    """Return the sheets that have the key column."""
    wanted = _plain(key)
    return [index for index in seen if any(_has(cells, wanted) for cells in book.head(index).rows.values())]


def _has(cells: list[Cell], name: str) -> bool:
    """Tell whether a row has a cell of that name. A long text is none; to look at it may take for ever."""
    return any(_plain(cell) == name for cell in cells if isinstance(cell, str) and len(cell) <= _NAMED)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()
