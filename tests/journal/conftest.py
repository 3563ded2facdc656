"""A database of its own for every test, once a SQLite file and once a schema on a PostgreSQL.

Tests of what only a file can do name their file themselves.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.journal.made import StillClock
from umap_bot.journal.journal import KEEP, SIZE, SqlJournal
from umap_bot.sandbox import postgres
from umap_bot.sandbox.prepare import Prepared


@pytest.fixture(scope="session")
def server(prepared: Prepared) -> Iterator[str]:
    """The URL of a PostgreSQL, one for each worker: the sandbox's programs, a database of their own."""
    folder = Path(
        tempfile.mkdtemp()
    )  # not pytest's: as root, PostgreSQL runs as nobody, who can't walk there
    folder.chmod(0o711)
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder)
        postgres.initialise(prepared.programs, folder, folder / "log")
        running = postgres.start(prepared.programs, folder / "pg", folder / "log", undo)
        password = (folder / "password").read_text("utf-8")
        yield f"postgresql://postgres:{password}@127.0.0.1:{running.port}/postgres"


@contextmanager
def schema_on(server: str) -> Iterator[str]:
    """Make a schema, and return the URL by which it is all that there is."""
    name = f"test_{uuid4().hex}"
    address = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    yield address.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(
        hide_password=False
    )
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


@pytest.fixture
def on_postgres(server: str) -> Iterator[str]:
    with schema_on(server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state' / 'state.db'}"
    return str(request.getfixturevalue("on_postgres"))


@pytest.fixture
def reopened(url: str) -> Iterator[Callable[..., SqlJournal]]:
    """Open the database as another program would: nothing is remembered but what was written."""
    opened: list[SqlJournal] = []

    def open_again(keep: int = KEEP, size: int = SIZE) -> SqlJournal:
        opened.append(SqlJournal(url, keep, size))
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
