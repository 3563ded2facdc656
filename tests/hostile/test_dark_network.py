"""A network to PostgreSQL that goes dark, or a statement without end: code 15 in seconds, and no harm."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.commands.conftest import desk, folder, synced, ten_cites, traffic
from tests.commands.desk import Desk
from tests.journal.conftest import on_postgres, server
from tests.journal.test_server import line_to, look, use
from umap_bot.errors import StateError
from umap_bot.journal import server as limits
from umap_bot.journal.journal import SqlJournal

__all__ = ["desk", "folder", "on_postgres", "server", "synced", "ten_cites", "traffic"]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("umap_bot.journal.store.PATIENCE", 2)  # the least that PostgreSQL's client takes
    monkeypatch.setattr(limits, "STATEMENT", 1.0)
    monkeypatch.setattr(limits.PatientConnection, "patience", 1.5)


@pytest.mark.parametrize("asks", [use, look])
def test_a_network_that_goes_dark_is_told_and_the_next_run_goes_on(
    on_postgres: str, asks: Callable[[SqlJournal], None]
) -> None:
    with line_to(on_postgres) as (url, line), closing(SqlJournal(url)) as journal:
        use(journal)
        line.dark.set()
        with pytest.raises(StateError, match="The state database"):
            asks(journal)
        line.dark.clear()
        asks(journal)


def test_a_sync_at_a_table_that_another_program_locks_ends_with_15(synced: Desk, on_postgres: str) -> None:
    """A program of its own, with the limits that it has for everybody."""
    synced.settings(STATE_URL=on_postgres)
    assert synced.fork("sync").code == 0
    engine = create_engine(make_url(on_postgres).set(drivername="postgresql+psycopg"))
    with engine.begin() as other:
        other.execute(text("LOCK TABLE bot_lease IN ACCESS EXCLUSIVE MODE"))
        said = synced.fork("sync")
    engine.dispose()
    assert (said.code, said.out) == (15, "")
    assert "is in use by another program. Run the command again when that program has ended." in said.err
    assert synced.fork("sync").code == 0


def test_a_statement_that_takes_too_long_is_told(on_postgres: str) -> None:
    with closing(SqlJournal(on_postgres)) as journal:
        with (
            pytest.raises(StateError, match=r"did not answer in time\. Check the database"),
            journal._store.write() as connection,
        ):
            connection.execute(text("SELECT pg_sleep(20)"))
        use(journal)
