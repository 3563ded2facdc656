"""The database as a file: made with care, never without need, and its troubles told in one line."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from tests.journal.made import COMMIT, LAYER, NO_GIT, StillClock
from tests.journal.old import load
from tests.journal.test_leases import start
from umap_bot.errors import StateError
from umap_bot.journal import schema
from umap_bot.journal.address import default_url
from umap_bot.journal.journal import SqlJournal
from umap_bot.journal.store import Store
from umap_bot.model.state import LayerState
from umap_bot.text import say, verbatim


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "state" / "state.db"


def at(file: Path) -> SqlJournal:
    return SqlJournal(f"sqlite:///{file}")


def use(journal: SqlJournal) -> None:
    with journal.lease(LAYER, StillClock()) as session:
        session.idle(COMMIT)


def both_ways(journal: SqlJournal) -> tuple[Callable[[], object], ...]:
    """To read the database, and to write to it."""
    return (lambda: journal.load(LAYER).base), (lambda: use(journal))


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
    state = journal.load(LAYER)
    assert state == LayerState()
    assert not state.approvals
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
    assert journal.load(LAYER).base is None
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
        with pytest.raises(
            StateError, match=r"newer umap-bot .*version 999.*supports version 8.*Update umap-bot"
        ):
            attempt()


def test_alembic_is_not_imported_for_a_database_of_today(file: Path) -> None:
    code = (
        "import sys; from umap_bot.journal.journal import SqlJournal; "
        "from tests.journal.made import NO_GIT, StillClock; "
        "journal = SqlJournal(sys.argv[1]); journal.note_failure('l', 'sync', NO_GIT, 12, StillClock()); "
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
    journal = at(file)
    use(journal)
    journal.close()
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xff" * len(data[4096:])
    file.write_bytes(data)
    with pytest.raises(StateError, match=r"is damaged\. Move the file away, and restore a backup") as raised:
        use(at(file))
    assert "the change log, rollbacks and decisions are lost" in str(raised.value)


def test_a_folder_that_takes_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "state.db", Path("/proc/umap-bot/state.db"), Path("/proc/state.db")):
        assert at(place).load(LAYER).base is None
        with pytest.raises(StateError, match=r"can't be created: .*STATE_URL"):
            use(at(place))


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    for attempt in both_ways(at(tmp_path)):
        with pytest.raises(StateError, match="can't be opened"):
            attempt()


def test_a_file_that_cannot_be_reached_is_not_taken_for_none(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(StateError):
        assert at(loop / "state.db").load(LAYER).base


@contextmanager
def every_connection(journal: SqlJournal, pragma: str) -> Iterator[None]:
    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(pragma)

    journal.close()
    event.listen(Engine, "connect", connected)
    try:
        yield
    finally:
        event.remove(Engine, "connect", connected)
        journal.close()


def test_a_full_disk_is_told_and_nothing_is_half_written(file: Path) -> None:
    journal = at(file)
    use(journal)
    with (
        every_connection(journal, "PRAGMA max_page_count = 1"),
        pytest.raises(StateError, match=r"the disk is full\. Free up disk space"),
    ):
        journal.note_failure(LAYER, "sync", verbatim("long " * 100_000), 12, StillClock())
    assert journal.reader.runs() == ()


def test_a_database_that_others_only_let_us_read_can_be_read(file: Path) -> None:
    journal = at(file)
    journal.note_failure(LAYER, "sync", NO_GIT, 12, StillClock())
    with every_connection(journal, "PRAGMA query_only = ON"):
        assert journal.reader.runs()[0].error == "No git."
        with pytest.raises(StateError, match="can't be written"):
            use(journal)


def test_a_database_in_use_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(at(file))
    monkeypatch.setattr("umap_bot.journal.store.PATIENCE", 0.05)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StateError, match="in use by another program"):
            use(at(file))


@pytest.mark.parametrize(
    "url",
    [
        "geheim",
        "postgresql://u:geheim@host:port/db",
        "postgresql://u:p@geheim@host/db",
        "postgresql://u:p@geheim/w@host/db",
        "mysql://u:geheim@host/db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:geheim?uri=true",
        "",
        "sqlite://geheim/state.db",
        "sqlite+pysqlcipher://:geheim@/state.db",
        "sqlite:///state.db?foo=",
        "sqlite:///state.db?timeout=geheim",
        "sqlite:///~geheim-is-nobody/state.db",
        "sqlite:///state\n.db",
        "geheim" * 10 + "://h/d",
        "postgresql://u:geheim@h/d?foo=",
        "postgresql://u:geheim@h/d?foo=1",
        "postgresql://u:geheim@h/d?sslmode=",
        "postgresql://u:geheim@h/d?plugin=x",
        "postgresql://u:p@geheim@h/d",
        "postgresql://u:p@geheim?w@h/d",
        f"postgresql://u:geheim@{'h' * 64}/d",
        "postgresql://u:geheim@h/" + "d" * 5000,
        "sqlite:////" + "d" * 5000,
    ],
)
def test_a_url_that_names_no_database_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(StateError, match="STATE_URL") as raised:
        SqlJournal(url)
    assert "geheim" not in str(raised.value)
    assert len(str(raised.value)) < 250
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("query", ["", "?password=geheim2&connect_timeout=1"])
def test_a_password_is_never_told(query: str) -> None:
    with pytest.raises(StateError) as raised:
        use(SqlJournal(f"postgresql://u:geheim@127.0.0.1:1/db{query}"))
    assert "geheim" not in str(raised.value)
    assert "***@127.0.0.1:1/db" in str(raised.value)


@pytest.mark.parametrize("query", ["", "?sslmode=require&application_name=umap-bot"])
def test_what_a_server_knows_may_stand_in_its_url(query: str) -> None:
    assert "h/d" in SqlJournal(f"postgresql+psycopg2://u:p?w#@h/d{query}").place


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    use(SqlJournal("sqlite:///~/deep/state.db"))
    assert (tmp_path / "deep" / "state.db").is_file()


def test_the_default_is_a_file_in_the_users_state_folder() -> None:
    assert default_url().startswith("sqlite:////")
    assert default_url().endswith("umap-bot/state.db")


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody may walk into: pytest's own are for one user."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o555, 0o666), (0o777, 0o444), (0o555, 0o444)])
def test_where_nothing_may_be_written_the_log_is_read_and_a_write_is_told(
    public: Path, tmp_path: Path, folder_mode: int, file_mode: int
) -> None:
    file = public / "state.db"
    at(file).note_failure(LAYER, "sync", NO_GIT, 12, StillClock())
    assert onlooker(public, tmp_path, folder_mode, file_mode)[0] == "1"


def test_an_older_database_that_may_not_be_written_is_told(public: Path, tmp_path: Path) -> None:
    load(f"sqlite:///{public / 'state.db'}", 1)
    read, _ = onlooker(public, tmp_path, 0o555, 0o444)
    assert "can't be written" in read
    assert "Give this user write access to the file and its folder." in read


def onlooker(public: Path, tmp_path: Path, folder_mode: int, file_mode: int) -> tuple[str, str]:
    """Return what somebody else is told who reads, and who writes. Nothing may have changed by it."""
    file, other = public / "state.db", f"sqlite:///{tmp_path / 'other.db'}"
    load(other, 1)
    before = file.read_bytes()
    file.chmod(file_mode)
    public.chmod(folder_mode)
    with start("onlooker", other, f"sqlite:///{file}") as program:
        read, write = json.loads(program.communicate(timeout=60)[0])
    assert "can't be" in write
    assert "this user can write to it and its folder" in write or "Give this user write access" in write
    assert (file.read_bytes(), [each.name for each in public.iterdir()]) == (before, ["state.db"])
    return read, write


def test_a_connection_serves_many_transactions_of_one_file(file: Path) -> None:
    journal = at(file)
    use(journal)
    opened: list[object] = []

    def connected(connection: object, _record: object) -> None:
        opened.append(connection)

    event.listen(Engine, "connect", connected)
    use(journal)
    event.remove(Engine, "connect", connected)
    assert opened == []


def test_another_file_at_the_same_path_is_another_database(file: Path, tmp_path: Path) -> None:
    """As after `state restore`, or when somebody takes the file away under a service."""
    journal, other = at(file), at(tmp_path / "other.db")
    journal.note_failure(LAYER, "sync", NO_GIT, 12, StillClock())
    other.note_failure(LAYER, "sync", say("another"), 12, StillClock())
    other.close()
    (tmp_path / "other.db").replace(file)
    assert journal.reader.runs()[0].error == "another"
    file.unlink()
    assert journal.reader.runs() == ()
    journal.note_failure(LAYER, "sync", NO_GIT, 12, StillClock())
    assert [run.error for run in journal.reader.runs()] == ["No git."]
