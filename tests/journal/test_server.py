"""A PostgreSQL that is locked, slow or silent: whoever asks it hears of that, and waits for no longer."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from threading import Event, Thread

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.journal.made import COMMIT, LAYER, StillClock
from umap_bot.errors import StateError
from umap_bot.journal import server as limits
from umap_bot.journal.journal import SqlJournal


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("umap_bot.journal.store.PATIENCE", 0.3)
    monkeypatch.setattr(limits.PatientConnection, "patience", 0.5)


def use(journal: SqlJournal) -> None:
    with journal.lease(LAYER, StillClock()) as session:
        session.idle(COMMIT)


def look(journal: SqlJournal) -> None:
    journal.reader.layers()


@pytest.mark.parametrize(("table", "asks"), [("bot_lease", use), ("bot_layer", look)])
def test_a_table_that_another_program_locks_is_told(
    on_postgres: str, table: str, asks: Callable[[SqlJournal], None]
) -> None:
    engine = create_engine(make_url(on_postgres).set(drivername="postgresql+psycopg"))
    with closing(SqlJournal(on_postgres)) as journal:
        use(journal)
        with engine.begin() as other:
            other.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
            with pytest.raises(
                StateError, match=r"is in use by another program\. Run the command again when"
            ):
                asks(journal)
        asks(journal)
    engine.dispose()


class Line:
    """A line to a server on this machine: it takes connections, and hands on what comes until it is dark."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._listener]
        self.port: int = self._listener.getsockname()[1]
        self.dark = Event()
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                ours, _ = self._listener.accept()
                theirs = socket.create_connection(self._target)
                self._sockets += [ours, theirs]
                for source, target in ((ours, theirs), (theirs, ours)):
                    self._threads.append(Thread(target=self._forward, args=[source, target]))
                    self._threads[-1].start()

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(2**16):
                if not self.dark.is_set():
                    target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join()


@contextmanager
def line_to(url: str) -> Iterator[tuple[str, Line]]:
    """Return the URL of the same database through a line, and the line."""
    address = make_url(url)
    line = Line(str(address.host), int(address.port or 5432))
    with ExitStack() as undo:
        undo.callback(line.cut)
        yield address.set(port=line.port).render_as_string(hide_password=False), line


def test_a_network_that_goes_dark_in_the_midst_of_a_transaction_is_told(on_postgres: str) -> None:
    with line_to(on_postgres) as (url, line), closing(SqlJournal(url)) as journal:
        use(journal)

        def half_written() -> None:
            with journal._store.write() as connection:
                connection.execute(text("DELETE FROM bot_layer"))
                line.dark.set()
                connection.execute(text("SELECT 1"))

        with pytest.raises(StateError, match=r"did not answer in time\."):
            half_written()
        line.dark.clear()
        assert [each.layer for each in journal.reader.layers()] == [LAYER]  # nothing is half written


def test_what_touches_all_rows_takes_as_long_as_it_needs(
    on_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade, or a state that is restored. What comes after it has its limits again."""
    monkeypatch.setattr(limits, "STATEMENT", 0.2)
    monkeypatch.setattr(limits.PatientConnection, "patience", 0.4)
    with closing(SqlJournal(on_postgres)) as journal:
        store = journal._store
        with store.write() as connection, store.unhurried(connection):
            connection.execute(text("SELECT pg_sleep(0.6)"))
        with (
            pytest.raises(StateError, match="did not answer in time"),
            store.write() as connection,
        ):
            connection.execute(text("SELECT pg_sleep(0.6)"))


def test_the_limits_stand_on_each_connection_beside_the_options_of_the_url(on_postgres: str) -> None:
    with closing(SqlJournal(on_postgres)) as journal, journal._store.write() as connection:
        for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            assert connection.execute(text(f"SHOW {name}")).scalar() not in (None, "0")
