"""The database as a file: made with care, never without need, and its troubles told in one line."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Column, Engine, Text, event, text

from bot.errors import StateError
from bot.journal import migrations, schema
from bot.journal.address import default_url
from bot.journal.journal import SqlJournal
from bot.journal.store import Store
from tests.journal.made import COMMIT, LAYER, StillClock

if TYPE_CHECKING:
    from alembic.operations import Operations


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "state" / "state.db"


def at(file: Path) -> SqlJournal:
    return SqlJournal(f"sqlite:///{file}")


def use(journal: SqlJournal) -> None:
    with journal.lease(LAYER, StillClock()) as memory:
        memory.idle(COMMIT)


def both_ways(journal: SqlJournal) -> tuple[Callable[[], object], ...]:
    """To read the database, and to write to it."""
    return (lambda: journal.peek(LAYER).base), (lambda: use(journal))


def test_only_its_owner_may_read_the_file_and_its_folder(file: Path) -> None:
    use(at(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["state.db"]


def test_a_folder_and_a_file_that_are_there_keep_their_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    file = tmp_path / "state.db"
    file.touch()
    file.chmod(0o640)
    use(at(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_reading_makes_no_database(file: Path) -> None:
    journal = at(file)
    view = journal.peek(LAYER)
    assert (view.base, view.stamp, view.last_push, view.approval) == (None, None, None, None)
    assert (view.debts, view.pending, view.history) == ((), (), ())
    assert not view.approves("0" * 32)
    assert (journal.reader.runs(), journal.reader.layers(), journal.find_held("0" * 12)) == ((), (), ())
    assert (journal.reader.run(1), journal.reader.backup(1), journal.reader.history("1")) == (None, None, ())
    assert not file.parent.parent.exists()


def test_reading_makes_no_tables(url: str, journal: SqlJournal) -> None:
    """Also not in a database that is there, as it always is on a server."""
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        file.parent.mkdir(parents=True)
        file.touch()
    store = Store(url)
    assert journal.peek(LAYER).base is None
    with store._engine.connect() as connection:
        assert schema.version_of(connection) is None
    store.close()


def test_a_journal_goes_on_when_its_file_was_taken_away(file: Path) -> None:
    journal = at(file)
    use(journal)
    file.unlink()
    assert journal.reader.layers() == ()
    use(journal)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_newer_database_is_refused_by_name(url: str, reopened: Callable[[], SqlJournal]) -> None:
    use(reopened())
    store = Store(url)
    with store.write() as connection:
        connection.execute(schema.schema.update().values(version=999))
    store.close()
    for attempt in both_ways(reopened()):
        with pytest.raises(StateError, match=r"newer umap-bot .*version 999.*knows 1.*Update umap-bot"):
            attempt()


def test_an_older_database_is_upgraded_in_place(
    url: str, reopened: Callable[[], SqlJournal], monkeypatch: pytest.MonkeyPatch
) -> None:
    reopened().note_failure(LAYER, "sync", "No git.", 12, StillClock())

    def remark(operations: Operations) -> None:
        operations.add_column("bot_run", Column("remark", Text, nullable=False, server_default="-"))

    monkeypatch.setattr(schema, "VERSION", 2)
    monkeypatch.setattr(migrations, "STEPS", {1: remark})
    upgraded = Store(url)
    with upgraded.read() as connection:
        assert schema.version_of(connection) == 2
        assert connection.execute(text("SELECT remark FROM bot_run")).scalar() == "-"
    upgraded.close()
    assert reopened().reader.runs()[0].error == "No git."


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    url: str, reopened: Callable[[], SqlJournal], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(reopened())

    def fail(operations: Operations) -> None:
        operations.add_column("bot_run", Column("remark", Text))
        operations.add_column("bot_nothing", Column("remark", Text))

    with monkeypatch.context() as tomorrow:
        tomorrow.setattr(schema, "VERSION", 2)
        tomorrow.setattr(migrations, "STEPS", {1: fail})
        with pytest.raises(StateError):
            use(reopened())
    store = Store(url)
    with store.read() as connection:
        assert schema.version_of(connection) == 1
        with pytest.raises(StateError), store.read() as other:
            other.execute(text("SELECT remark FROM bot_run"))
    store.close()


def test_alembic_is_not_imported_for_a_database_of_today(file: Path) -> None:
    code = (
        "import sys; from bot.journal.journal import SqlJournal; from tests.journal.made import StillClock; "
        "journal = SqlJournal(sys.argv[1]); journal.note_failure('l', 'sync', 'e', 12, StillClock()); "
        "print(len(journal.reader.runs()), 'alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", code, f"sqlite:///{file}"]
    root = Path(__file__).parents[2]
    assert subprocess.run(command, cwd=root, check=True, capture_output=True).stdout == b"1 False\n"


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    file.write_bytes(b"id,name\n1,Lyon\n" * 500)
    for attempt in both_ways(at(file)):
        with pytest.raises(StateError, match=r"state\.db\) is not a database\. Move the file away"):
            attempt()
    assert file.read_bytes().startswith(b"id,name")


def test_a_damaged_database_is_told(file: Path) -> None:
    use(at(file))
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xff" * len(data[4096:])
    file.write_bytes(data)
    with pytest.raises(StateError, match="is damaged"):
        use(at(file))


def test_a_folder_that_takes_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "state.db", Path("/proc/umap-bot/state.db"), Path("/proc/state.db")):
        assert at(place).peek(LAYER).base is None
        with pytest.raises(StateError, match=r"can't be made: .*STATE_URL"):
            use(at(place))


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    for attempt in both_ways(at(tmp_path)):
        with pytest.raises(StateError, match="can't be opened"):
            attempt()


def test_a_file_that_cannot_be_reached_is_not_taken_for_none(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(StateError):
        assert at(loop / "state.db").peek(LAYER).base


@contextmanager
def every_connection(pragma: str) -> Iterator[None]:
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(pragma)

    event.listen(Engine, "connect", connected)
    try:
        yield
    finally:
        event.remove(Engine, "connect", connected)


def test_a_full_disk_is_told_and_nothing_is_half_written(file: Path) -> None:
    journal = at(file)
    use(journal)
    with (
        every_connection("PRAGMA max_page_count = 1"),
        pytest.raises(StateError, match=r"the disk is full\. Make room"),
    ):
        journal.note_failure(LAYER, "sync", "long " * 100_000, 12, StillClock())
    assert journal.reader.runs() == ()


def test_a_database_that_others_only_let_us_read_can_be_read(file: Path) -> None:
    journal = at(file)
    journal.note_failure(LAYER, "sync", "No git.", 12, StillClock())
    with every_connection("PRAGMA query_only = ON"):
        assert journal.reader.runs()[0].error == "No git."
        with pytest.raises(StateError, match="can't be written"):
            use(journal)


def test_a_database_in_use_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(at(file))
    monkeypatch.setattr("bot.journal.store.PATIENCE", 0.05)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StateError, match="in use by another program"):
            use(at(file))


@pytest.mark.parametrize(
    "url",
    [
        "geheim",
        "postgresql://u:geheim@host:port/db",
        "mysql://u:geheim@host/db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:geheim?uri=true",
        "",
    ],
)
def test_a_url_that_names_no_database_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(StateError, match="STATE_URL") as raised:
        SqlJournal(url)
    assert "geheim" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("query", ["", "?password=geheim2&connect_timeout=1"])
def test_a_password_is_never_told(query: str) -> None:
    with pytest.raises(StateError) as raised:
        use(SqlJournal(f"postgresql://u:geheim@127.0.0.1:1/db{query}"))
    assert "geheim" not in str(raised.value)
    assert "***@127.0.0.1:1/db" in str(raised.value)


def test_the_default_is_a_file_in_the_users_state_folder() -> None:
    assert default_url().startswith("sqlite:////")
    assert default_url().endswith("umap-bot/state.db")
