"""PostgreSQL, over a network that may fall silent: nothing waits for longer than is said here."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final, TypeVar

from psycopg import Connection, OperationalError, pq
from psycopg.errors import QueryCanceled
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy import Connection as SqlConnection

T = TypeVar("T")

CONNECTIONS: Final = 4
"""Kept open to a server: one for each lane of a pass. None is opened before it is needed."""

STATEMENT: Final = 120.0
"""Seconds for one statement, of which few take one: less than a run may take."""

_SLACK: Final = 15.0
"""Seconds by which the server's own limit comes first: its answer says what took so long."""

_WHOLE: Final = 6 * 3600.0
"""Seconds for one statement that a person asked for and waits for."""

_TCP: Final = {"keepalives": 1, "keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
"""Of a host that is gone the system hears within 30 s."""


class PatientConnection(Connection[Any]):
    """A connection that is given up when an answer does not come, whatever becomes of the network."""

    patience = STATEMENT + _SLACK

    def wait(self, gen: Generator[Any, Any, T], *args: Any, **kwargs: Any) -> T:
        """Wait for an answer as psycopg does. Raise QueryCanceled after `patience` seconds."""
        if self.closed:
            raise OperationalError("the connection is closed")
        return super().wait(self._until(monotonic() + self.patience, gen), *args, **kwargs)

    def _until(self, end: float, gen: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        ready = None
        while True:
            try:
                wanted = gen.send(ready)
            except StopIteration as done:
                answer: T = done.value
                return answer
            ready = yield wanted
            if monotonic() > end:
                gen.close()
                self.pgconn.finish()  # it is of no use any more, and whoever asks it next would wait anew
                raise QueryCanceled(f"no answer within {self.patience:g} s")


def engine(url: URL, patience: float) -> Engine:
    """Return the engine of a server. `patience` is for another program's locks, and for a connection, in
    seconds."""
    arguments = {"connect_timeout": patience, "tcp_user_timeout": int(STATEMENT * 1000), **_TCP}
    made = create_engine(url, pool_size=CONNECTIONS, pool_pre_ping=True, connect_args=arguments)

    def connect(_dialect: object, _record: object, words: list[Any], named: dict[str, Any]) -> Any:
        return PatientConnection.connect(*words, **named)

    def connected(connection: PatientConnection, _record: object) -> None:
        # By SET and not by `options`, which the URL may have, and which poolers refuse.
        limits = {"lock_timeout": patience, "statement_timeout": STATEMENT}
        limits["idle_in_transaction_session_timeout"] = STATEMENT  # of ours that died: others need its locks
        for name, seconds in limits.items():
            connection.execute(f"SET {name} = {int(seconds * 1000)}")
        connection.commit()

    event.listen(made, "do_connect", connect)
    event.listen(made, "connect", connected)
    return made


@contextmanager
def unhurried(connection: SqlConnection) -> Iterator[None]:
    """Let the statements of this transaction take as long as they need. Locks are waited for as ever."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, PatientConnection)  # noqa: S101  `engine` makes no other
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    driver.patience = _WHOLE
    try:
        yield
    finally:
        del driver.patience  # that of all others


def shrink(connection: SqlConnection, tables: Sequence[str]) -> None:
    """Write these tables anew without what was deleted, however long that takes."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, PatientConnection)  # noqa: S101  `engine` makes no other
    connection.detach()  # its limits are not those of others
    driver.patience = _WHOLE
    driver.autocommit = True
    driver.execute("SET statement_timeout = 0")
    for table in tables:
        driver.execute(f"VACUUM FULL {table}".encode())


def options() -> frozenset[str]:
    """Return the names of the options that a URL of this server may have."""
    return frozenset(each.keyword.decode() for each in pq.Conninfo.get_defaults())
