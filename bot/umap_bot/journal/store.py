"""The database: its file, its connections, its transactions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.schema import Table

from umap_bot.errors import StateError
from umap_bot.journal import failures, schema
from umap_bot.journal.address import parse
from umap_bot.redaction import add_secret
from umap_bot.text import say

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

PATIENCE: Final = 10
"""Seconds to wait for another program's transaction, or for a server's answer to a connection."""

_PASSWORDS: Final = ("password", "sslpassword")
"""What of an address's query is secret."""


class Store:
    """One database. Nothing is opened before the first transaction, and only `write` makes what is missing.

    `place` is what people are told: its URL without password, if nothing else is given. Raise StateError if
    the URL names no database.
    """

    def __init__(self, url: str, place: str = "") -> None:
        self._url = parse(url)
        for secret in (self._url.password, *(self._url.query.get(name) for name in _PASSWORDS)):
            if isinstance(secret, str):
                add_secret(secret)
        self.place = place or self._url.set(query={}).render_as_string(hide_password=True)
        self._file = Path(self._url.database or "") if self._url.drivername == "sqlite" else None
        self._engine = _engine(self._url, self.place, PATIENCE)
        self._ready = False

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may write. Raise StateError."""
        with self.explained():
            self._make()
            with self._engine.begin() as connection:
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that only reads; a database that is not there is empty. Raise StateError."""
        with self.explained(), self._there_or_nothing() as connection:
            yield connection

    def _there_or_nothing(self) -> AbstractContextManager[Connection]:
        return _reading(self._engine) if self._is_there() else _nothing()

    def is_there(self) -> bool:
        """Tell whether the database holds a state; one of an earlier shape is upgraded. Raise StateError."""
        with self.explained():
            return self._is_there()

    @property
    def is_server(self) -> bool:
        """Whether programs on several machines may use it: not a file."""
        return self._file is None

    def unhurried(self, connection: Connection) -> AbstractContextManager[None]:
        """Let the statements of a transaction that touches all rows take as long as they need."""
        if self._file is not None:
            return nullcontext()
        from umap_bot.journal import server  # noqa: PLC0415  psycopg is slow to import, or not there

        return server.unhurried(connection)

    def size(self) -> int:
        """Return about how many octets the database takes on its disk. Raise StateError."""
        if self._file is not None:
            try:
                return self._file.stat().st_size
            except OSError as error:
                raise failures.file_error(error, self.place) from error
        query = " + ".join(
            f"pg_total_relation_size('{table.name}')" for table in schema.metadata.sorted_tables
        )
        with self.read() as connection:
            size: int = connection.execute(text(f"SELECT {query}")).scalar_one()
            return size

    def shrink(self) -> None:
        """Release the space of deleted rows to the system. Raise StateError, also if a program uses it."""
        with self.explained(), self._engine.connect() as connection:
            if self._file is None:
                from umap_bot.journal import server  # noqa: PLC0415  psycopg is slow to import, or not there

                server.shrink(connection, [table.name for table in schema.metadata.sorted_tables])
            else:
                connection.connection.cursor().execute("VACUUM")

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Raise StateError for what goes wrong with this database."""
        try:
            yield
        except (DBAPIError, PoolTimeout) as error:
            raise failures.state_error(error, self.place) from error

    def _make(self) -> None:
        """See that the tables are there and of today's shape."""
        self._make_file()
        if self._is_there():
            return
        try:
            with self._engine.begin() as connection:
                if schema.version_of(connection) is None:
                    schema.create(connection)
        except DBAPIError:
            # On PostgreSQL another program may have made them at the same moment.
            if not self._is_there():
                raise
        self._ready = True

    def _make_file(self) -> None:
        if self._file is None or self._file_exists(self._file):
            return
        self._ready = False
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._file, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise failures.file_error(error, self.place) from error

    def _file_exists(self, file: Path) -> bool:
        """Tell it apart from a file that can't be reached: that one is not as good as none."""
        try:
            file.stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise failures.file_error(error, self.place) from error
        return True

    def _is_there(self) -> bool:
        """Tell whether our tables are there. Upgrade them if they are behind; refuse newer ones."""
        if self._file is not None and not self._file_exists(self._file):
            self._ready = False
            return False
        if not self._ready:
            with _reading(self._engine) as connection:
                version = schema.version_of(connection)
            if version is None:
                return False
            if version > schema.VERSION:
                raise failures.newer(self.place, version, schema.VERSION)
            if version < schema.VERSION:
                self._upgrade()
            self._ready = True
        return True

    def _upgrade(self) -> None:
        from umap_bot.journal import migrations  # noqa: PLC0415  alembic is slow to import, and seldom used

        with self._engine.begin() as connection, self.unhurried(connection):
            migrations.upgrade(connection, migrations.STEPS, schema.VERSION)


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that can say ON CONFLICT: not in SQL's standard, but alike in both databases."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415  slow to import, and not for a file

    return postgresql.insert(table)


@lru_cache(maxsize=16)
def _engine(url: URL, place: str, patience: float) -> Engine:
    """Return the one engine of an address: what it has compiled serves the next layer and the next pass."""
    try:
        if url.drivername != "sqlite":
            from umap_bot.journal import server  # noqa: PLC0415  psycopg is slow to import, or not there

            return server.engine(url, patience)
    except ImportError as error:
        raise StateError(
            say("The state database ({place}) requires the Python package psycopg.", place=place),
            way_out=say("To install it: {command}", command="pip install 'psycopg[binary]'"),
        ) from error
    engine = _prepared(create_engine(url, connect_args={"timeout": patience}))
    _follow(engine, Path(url.database or ""))
    return engine


def _follow(engine: Engine, file: Path) -> None:
    """Let a connection be used as long as the path leads to the file that it has opened.

    An open file keeps its inode, so that no other file can be taken for it.
    """

    def opens(_dialect: object, record: Any, *_: object) -> None:
        record.info["file"] = _identity(file)  # before it is opened: one that is replaced just then is left

    def is_used(_connection: object, record: Any, _proxy: object) -> None:
        if record.info["file"] != _identity(file):
            raise DisconnectionError

    event.listen(engine, "do_connect", opens)
    event.listen(engine, "checkout", is_used)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _prepared(engine: Engine) -> Engine:
    """Make SQLite's transactions real ones.

    A writer begins with BEGIN IMMEDIATE: two that begin by reading could not both go on to write. The journal
    stays SQLite's own (no WAL): one file to copy, to keep private and to put on a network folder.
    """

    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")

    def begun(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(reading=True) as connection, connection.begin():
        yield connection


@contextmanager
def _nothing() -> Iterator[Connection]:
    """A database with our tables and nothing in them, in memory: one for each thread."""
    with _in_memory().begin() as connection:
        if schema.version_of(connection) is None:
            schema.create(connection)
        yield connection


@cache
def _in_memory() -> Engine:
    return _prepared(create_engine("sqlite://"))
