"""The whole state as one file, and from it into a database of either kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, select

from tests.journal.conftest import schema_on
from tests.journal.made import (
    COMMIT,
    CREATE,
    DELETE,
    EDIT,
    LAYER,
    NO_GIT,
    SEEN,
    UPDATE,
    StillClock,
    base,
    collection,
    live,
    plan,
    save,
)
from tests.journal.old import load
from tests.journal.remembering import leased, stamp_of
from tests.journal.stories import STORIES
from umap_bot.errors import LayerBusy, StateError, UsageError
from umap_bot.journal import counters, schema
from umap_bot.journal.journal import SqlJournal
from umap_bot.journal.store import Store
from umap_bot.model.access import Deed
from umap_bot.model.decision import Decision
from umap_bot.model.run import Applied, Approval
from umap_bot.model.source_state import SourceState
from umap_bot.text import say, verbatim

TABLES = tuple(table for table in schema.metadata.sorted_tables if table not in {schema.lease, schema.turn})
HELD = plan(DELETE, drift=(EDIT,), held=True)


@pytest.fixture
def filled(journal: SqlJournal, clock: StillClock) -> SqlJournal:
    """A state with a row in every table, in which the newest run was taken into the one before it."""
    with leased(journal, LAYER, clock) as memory:
        run = memory.open("sync", COMMIT)
        run = memory.intend(run, plan(CREATE, UPDATE, DELETE, drift=(EDIT,)), live(), collection("c"))
        memory.lost(save("x0", collection("z")))
        memory.applied(Applied(run.number, (CREATE, UPDATE, DELETE), None))
        memory.close(run.end(plan()), base("1"), "a stamp", SEEN)
    with leased(journal, "killed", clock) as memory:
        memory.intend(memory.open("sync", COMMIT), plan(UPDATE), live(), collection("c"))
        memory.lost(save("x1", collection("z")))
    for _ in range(2):
        with journal.lease("held", clock) as session:
            session.close(session.open("sync", COMMIT).end(HELD), None, None, None)
    journal.approve("held", Approval(HELD.code, commit=COMMIT), clock)
    journal.decide("held", [Decision(side="map", change=CREATE, by="Zoé")], clock)
    journal.tell(LAYER, b"told")
    journal.accesses.open(journal.accesses.invite("Zoé", "keeper", "Ana", clock.now()), clock.now())
    journal.deeds.note(Deed(at=clock.now(), by="Zoé", said=say("Undid run {number}", number=1), run=1))
    journal.keep_source("https://example.org/cites.csv", SourceState(name="cites.csv"))
    return journal


@pytest.fixture
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Return a database of the kind that is asked for, with nothing in it."""
    with _schemas(request) as new:
        yield lambda kind: f"sqlite:///{tmp_path / 'other.db'}" if kind == "sqlite" else new()


@contextmanager
def _schemas(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    with schema_on(request.getfixturevalue("server")) as url:
        yield lambda: url


def content(url: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables but leases and turns; of a layer all but its stamp."""
    store = Store(url)
    with store.read() as connection:
        found = {
            table.name: [
                {name: value for name, value in row.items() if name != "stamp"}
                for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
            ]
            for table in TABLES
        }
    store.close()
    return found


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_state_moves_whole_to_a_database_of_any_kind(
    url: str, filled: SqlJournal, clock: StillClock, tmp_path: Path, other: Callable[[str], str], kind: str
) -> None:
    file = tmp_path / "kept.db"
    assert filled.back_up(file) == 3
    assert file.stat().st_mode & 0o777 == 0o600
    moved = SqlJournal(other(kind))
    assert moved.restore(file, clock, force=False) == 3
    before = content(url)
    assert all(before.values())
    assert content(other(kind)) == before == content(f"sqlite:///{file}")
    state = moved.load(LAYER, clock)
    assert (state.base, state.seen, stamp_of(moved, LAYER)) == (base("1"), SEEN, None)
    assert moved.reader.runs() == filled.reader.runs()
    assert moved.load("held", clock).approval_of(HELD)
    moved.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_numbers_go_on_where_they_were(
    filled: SqlJournal, clock: StillClock, tmp_path: Path, other: Callable[[str], str], kind: str
) -> None:
    """Run 4 was taken into run 3: its number was given, and isn't given again."""
    filled.back_up(tmp_path / "kept.db")
    moved = SqlJournal(other(kind))
    moved.restore(tmp_path / "kept.db", clock, force=False)
    assert moved.reader.numbers() == (3, 2, 1)
    with leased(moved, "killed", clock) as memory:
        memory.lost(save("x2"))
        memory.applied(*(Applied(each.run, (UPDATE,), base("1")) for each in memory.state.pending))
        run = memory.open("sync", COMMIT)
        run = memory.intend(run, plan(UPDATE, drift=(EDIT,)), live(), collection("c"))
        memory.close(run.end(plan()), base("1"), "s", None)
    moved.approve("killed", Approval(HELD.code), clock)
    assert run.number == 5
    moved.close()


def test_a_state_that_is_put_back_in_the_place_of_another_gives_no_number_twice(
    filled: SqlJournal, clock: StillClock, tmp_path: Path
) -> None:
    file = tmp_path / "kept.db"
    filled.back_up(file)
    newer = [filled.note_failure(f"layer {number}", "sync", NO_GIT, 12, clock) for number in range(3)]
    assert [run.number for run in newer] == [5, 6, 7]
    with pytest.raises(UsageError, match=r"is not empty. Set STATE_URL to another database. To overwrite"):
        filled.restore(file, clock, force=False)
    assert filled.reader.numbers() == (7, 6, 5, 3, 2, 1)
    assert filled.restore(file, clock, force=True) == 3
    assert filled.reader.numbers() == (3, 2, 1)
    assert filled.note_failure("another", "sync", NO_GIT, 12, clock).number == 8


def test_nothing_is_put_back_under_a_run(filled: SqlJournal, clock: StillClock, tmp_path: Path) -> None:
    file = tmp_path / "kept.db"
    with filled.lease("another", clock):
        filled.back_up(file)
        with pytest.raises(LayerBusy):
            filled.restore(file, clock, force=True)
    assert filled.restore(file, clock, force=True) == 3
    with filled.lease("another", clock):  # whose lease was not put back
        pass


def test_a_run_goes_on_where_the_state_was_when_it_was_written(
    filled: SqlJournal, clock: StillClock, tmp_path: Path
) -> None:
    """A push that nobody looked for yet, and what it ran over, are not forgotten."""
    filled.back_up(tmp_path / "kept.db")
    filled.restore(tmp_path / "kept.db", clock, force=True)
    state = filled.load("killed", clock)
    assert [each.run for each in state.pending] == [2]
    assert state.lost_saves == (save("x1", collection("z")),)


@pytest.mark.parametrize("version", STORIES)
def test_a_file_of_an_earlier_program_is_brought_to_todays_shape(
    journal: SqlJournal, clock: StillClock, tmp_path: Path, version: int
) -> None:
    file = tmp_path / "old.db"
    load(f"sqlite:///{file}", version)
    before = file.read_bytes()
    assert journal.restore(file, clock, force=False) == 5
    assert file.read_bytes() == before
    state, held = journal.load(LAYER, clock), journal.reader.run(2)
    assert held
    assert held.plan == STORIES[version].held
    assert (state.base, state.seen) == (STORIES[version].base, STORIES[version].seen)
    assert [each.plan for each in state.pending] == [STORIES[version].killed]
    assert journal.told("another") == STORIES[version].told


def test_a_file_of_a_newer_program_is_refused_by_name(
    filled: SqlJournal, clock: StillClock, tmp_path: Path
) -> None:
    file = tmp_path / "new.db"
    filled.back_up(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE bot_schema SET version = 99")
        connection.commit()
    with pytest.raises(StateError, match=rf"{file}.* was written by a newer umap-bot .*version 99"):
        filled.restore(file, clock, force=True)
    assert filled.reader.numbers() == (3, 2, 1)


def _text(file: Path) -> None:
    file.write_bytes(b"id,name\n1,Bron\n")


def _empty(file: Path) -> None:
    file.touch()


def _another_programs(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE places (name TEXT)")


def _without_a_column(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("ALTER TABLE bot_run DROP COLUMN kind")


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-4096])


@pytest.mark.parametrize("spoil", [_text, _empty, _another_programs, _without_a_column, _cut])
def test_what_is_no_state_is_refused_and_nothing_is_lost(
    url: str, filled: SqlJournal, clock: StillClock, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    file = tmp_path / "kept.db"
    if spoil not in {_text, _empty, _another_programs}:
        filled.back_up(file)
    spoil(file)
    before = content(url)
    with pytest.raises(StateError, match=f"{file}"):
        filled.restore(file, clock, force=True)
    assert content(url) == before


def test_without_a_state_there_is_nothing_to_write(journal: SqlJournal, tmp_path: Path) -> None:
    with pytest.raises(StateError, match="There is no state at"):
        journal.back_up(tmp_path / "kept.db")
    assert not (tmp_path / "kept.db").exists()


def test_of_a_state_that_is_damaged_its_own_place_is_told(tmp_path: Path, clock: StillClock) -> None:
    file = tmp_path / "state.db"
    journal = SqlJournal(f"sqlite:///{file}")
    for number in range(100):
        journal.note_failure(LAYER, "sync", verbatim(f"Reason {number}."), 12, clock)
    journal.close()
    whole = file.read_bytes()
    file.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    with pytest.raises(StateError, match=r"state\.db\) is damaged"):
        SqlJournal(f"sqlite:///{file}").back_up(tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_a_place_that_can_not_be_written_is_told(filled: SqlJournal, tmp_path: Path) -> None:
    with pytest.raises(StateError, match="nowhere"):
        filled.back_up(tmp_path / "nowhere" / "kept.db")


def test_a_file_is_replaced_whole_or_not_at_all(
    filled: SqlJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kept.db"
    file.write_text("mine")

    def breaks_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(counters, "go_on_after", breaks_off)
    with pytest.raises(KeyboardInterrupt):
        filled.back_up(file)
    assert (file.read_text(), list(tmp_path.glob(".umap-bot-*"))) == ("mine", [])


def test_a_run_that_is_written_meanwhile_is_in_it_whole_or_not_at_all(
    on_postgres: str, clock: StillClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite lets nobody write beside its reader; on PostgreSQL the copy is of one moment."""
    journal = SqlJournal(on_postgres)
    journal.note_failure(LAYER, "sync", NO_GIT, 12, clock)
    last, beside = counters.last, SqlJournal(on_postgres)

    def written_beside(connection: Connection, table: Table) -> int:
        if table is schema.change and connection.dialect.name == "postgresql":
            with leased(beside, "beside", clock) as memory:
                run = memory.intend(memory.open("sync", COMMIT), plan(UPDATE), live(), collection("c"))
                memory.applied(Applied(run.number, (UPDATE,), None))
        return last(connection, table)

    monkeypatch.setattr(counters, "last", written_beside)
    assert journal.back_up(tmp_path / "kept.db") == 1
    assert beside.reader.numbers() == (2, 1)
    found = content(f"sqlite:///{tmp_path / 'kept.db'}")
    assert (len(found["bot_run"]), found["bot_change"], found["bot_intent"]) == (1, [], [])
    journal.close()
    beside.close()
