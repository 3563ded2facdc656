"""The whole state as one file, and back into a database of either kind: row by row, in one transaction."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeAlias

from sqlalchemy import URL, Connection, Table, func, select, text
from sqlalchemy.exc import DBAPIError

from umap_bot.errors import StateError, UsageError
from umap_bot.journal import counters, failures, leases
from umap_bot.journal.schema import lease, metadata, schema, state, turn
from umap_bot.journal.store import Store
from umap_bot.text import say

_COPIED: Final = tuple(table for table in metadata.sorted_tables if table not in {schema, lease, turn})
"""Every table but the shape's number, which a database has of its own, who has which layer just now, and when
whose turn is."""
Explained: TypeAlias = Callable[[], AbstractContextManager[None]]
_BATCH: Final = 100
_SQLITE: Final = b"SQLite format 3\x00"


def back_up(store: Store, file: Path) -> int:
    """Write the state into `file`, for its owner alone. Return how many runs are in it.

    A file that is there is replaced, whole or not at all. Raise StateError if there is no state, or the file
    can't be written.
    """
    if not store.is_there():
        raise StateError(
            say("There is no state at {place}, so there is nothing to back up.", place=store.place),
            way_out=say("Check STATE_URL."),
        )
    with _written(file) as made, store.read() as source:
        if source.dialect.name == "postgresql":  # SQLite's reader sees one moment in any case
            source.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        with Store(_url(made), str(file)).write() as target:
            return _copy(source, target, store.explained)


def restore(store: Store, file: Path, now: datetime, *, force: bool) -> int:
    """Put the state of `file` into the database. Return how many runs are in it.

    `force`: in the place of what the database holds. The idle stamps are left out, so that the next run looks
    closer: the map may be newer than the file. Raise LayerBusy while a run has a layer, UsageError if the
    database holds something and is not to be emptied, StateError for a file that is no state, or one of a
    newer umap-bot.
    """
    with TemporaryDirectory(prefix="umap-bot-") as folder, _opened(file, Path(folder)) as source:
        with store.write() as target, store.unhurried(target):
            _lock(target)
            leases.refuse_held(target, now)
            _empty(target, store.place, force=force)
            runs = _copy(source, target, nullcontext)  # it was proved
            target.execute(state.update().values(stamp=None))
        return runs


@contextmanager
def _written(file: Path) -> Iterator[Path]:
    """Return a file to write, which takes the place of `file` once all is in it."""
    try:
        with TemporaryDirectory(prefix=".umap-bot-", dir=file.parent) as folder:
            made = Path(folder) / "state"
            yield made
            made.replace(file)
    except OSError as error:
        raise failures.file_error(error, str(file)) from error


@contextmanager
def _opened(file: Path, folder: Path) -> Iterator[Connection]:
    """Read a copy of the file: one of an earlier shape is brought to today's, and the file stays as it is."""
    copy = folder / "state"
    try:
        with file.open("rb") as opened:
            if opened.read(len(_SQLITE)) != _SQLITE:
                raise _no_state(file)
        shutil.copyfile(file, copy)
    except OSError as error:
        raise failures.file_error(error, str(file)) from error
    store = Store(_url(copy), str(file))
    if not store.is_there():
        raise _no_state(file)
    with store.read() as connection:
        _prove(connection, file)
        yield connection


def _prove(connection: Connection, file: Path) -> None:
    """See that the file is whole, and has our tables as they are to be."""
    try:
        whole = connection.execute(text("PRAGMA quick_check(1)")).scalar() == "ok"
        for table in _COPIED:
            connection.execute(select(table).limit(1)).all()
    except DBAPIError as error:
        raise _no_state(file) from error
    if not whole:
        raise StateError(
            say("{file} is damaged.", file=str(file)), way_out=say("Use another backup of the state.")
        )


def _no_state(file: Path) -> StateError:
    return StateError(
        say("{file} is not an umap-bot state.", file=str(file)),
        way_out=say("Use a file that this command wrote: umap-bot state backup FILE"),
    )


def _lock(target: Connection) -> None:
    """Let nobody write beside us. SQLite has one writer in any case."""
    if target.dialect.name == "postgresql":
        names = ", ".join(table.name for table in (lease, *_COPIED))
        target.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))


def _empty(target: Connection, place: str, *, force: bool) -> None:
    tables = [table for table in _COPIED if target.execute(select(table).limit(1)).first() is not None]
    if tables and not force:
        raise UsageError(
            say("The state database ({place}) is not empty.", place=place),
            way_out=say(
                "Set STATE_URL to another database. To overwrite this one and lose its contents, add --force."
            ),
        )
    for table in reversed(_COPIED):
        target.execute(table.delete())


def _copy(source: Connection, target: Connection, explained: Explained) -> int:
    """Copy all rows with their numbers. Return how many runs there are.

    `explained` is for what goes wrong as the source is read: it is not the target's.
    """
    for table in _COPIED:
        with explained():
            last = counters.last(source, table)
        given = max(last, counters.last(target, table))
        for batch in _batches(source, table, explained):
            target.execute(table.insert(), batch)
        counters.go_on_after(target, table, given)
    runs: int = target.execute(select(func.count()).select_from(metadata.tables["bot_run"])).scalar_one()
    return runs


def _batches(source: Connection, table: Table, explained: Explained) -> Iterator[list[dict[str, Any]]]:
    with explained():
        rows = source.execute(select(table), execution_options={"yield_per": _BATCH})
        for batch in rows.mappings().partitions():
            yield [dict(row) for row in batch]


def _url(file: Path) -> str:
    return URL.create("sqlite", database=str(file.absolute())).render_as_string()
