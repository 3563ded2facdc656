"""A database of its own for every test: a SQLite file, or a PostgreSQL that is named.

With JOURNAL_TEST_POSTGRES=postgresql://… in the environment the same tests run on that server, each in a
schema of its own. Tests of what only a file can do name their file themselves.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.journal.journal import SqlJournal
from tests.journal.made import StillClock


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    server = os.environ.get("JOURNAL_TEST_POSTGRES")
    if not server:
        yield f"sqlite:///{tmp_path / 'state' / 'state.db'}"
        return
    schema = f"test_{uuid4().hex}"
    address = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield address.update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(
        hide_password=False
    )
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def reopened(url: str) -> Iterator[Callable[[], SqlJournal]]:
    """Open the database as another program would: nothing is remembered but what was written."""
    opened: list[SqlJournal] = []

    def open_again() -> SqlJournal:
        opened.append(SqlJournal(url))
        return opened[-1]

    yield open_again
    for journal in opened:
        journal.close()


@pytest.fixture
def journal(reopened: Callable[[], SqlJournal]) -> SqlJournal:
    return reopened()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()
