"""How long the log is: old runs go with all that hangs on them, and what is promised stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from secrets import token_hex

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, event, func, select

from tests.journal.made import (
    COMMIT,
    CREATE,
    DELETE,
    EDIT,
    LAYER,
    UPDATE,
    StillClock,
    backup,
    base,
    collection,
    live,
    plan,
)
from tests.journal.remembering import leased
from tests.journal.test_leases import start
from tests.journal.test_store import every_connection
from tests.plans import but
from umap_bot.errors import LayerBusy, StateError
from umap_bot.journal import schema
from umap_bot.journal.journal import SqlJournal
from umap_bot.journal.store import Store
from umap_bot.model.decision import Decision
from umap_bot.model.layer import Commit
from umap_bot.model.part import parts_of
from umap_bot.model.run import Applied, Approval, Run
from umap_bot.text import say, verbatim

Reopened = Callable[..., SqlJournal]
HELD = plan(DELETE, held=True)


def done(journal: SqlJournal, clock: StillClock, layer: str = LAYER) -> Run:
    with leased(journal, layer, clock) as memory:
        run = memory.open("sync", COMMIT)
        run = memory.intend(run, plan(UPDATE, drift=(EDIT,)), live(), collection("c"))
        memory.applied(Applied(run.number, (UPDATE,), None))
        return memory.close(run.end(plan()), base("1"), "s", None)


def pushes(journal: SqlJournal, clock: StillClock, times: int) -> list[int]:
    """Runs that push twice, and settle nothing."""
    numbers = []
    for _ in range(times):
        with leased(journal, LAYER, clock.after(seconds=1)) as memory:
            run = memory.open("sync", COMMIT)
            run = memory.intend(run, plan(UPDATE), live(), collection("c"))
            run = memory.intend(run, plan(UPDATE), live("v2", "c"), collection("d"))
            memory.applied(Applied(run.number, (UPDATE,), None))
            numbers.append(memory.close(run.not_converged(plan(UPDATE)), None, None, None).number)
    return numbers


def fails(journal: SqlJournal, clock: StillClock, times: int, layer: str = LAYER) -> list[int]:
    """Each in another way, so that none is taken into another."""
    return [
        journal.note_failure(layer, "sync", say("Reason {number}.", number=number), 12, clock).number
        for number in range(times)
    ]


def rows(url: str) -> dict[str, int]:
    store = Store(url)
    tables = (schema.run, schema.change, schema.drift, schema.intent)
    with store.read() as connection:
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        }
    store.close()
    return counts


def test_the_newest_runs_are_kept_with_all_that_hangs_on_them_and_no_more(
    url: str, reopened: Reopened, clock: StillClock
) -> None:
    journal = reopened(keep=1000)
    for _ in range(12):
        done(journal, clock)
    assert rows(url) == {"bot_run": 12, "bot_change": 12, "bot_drift": 12, "bot_intent": 12}
    last = done(reopened(keep=10), clock)
    assert journal.reader.numbers() == tuple(range(13, 3, -1))
    assert rows(url) == {"bot_run": 10, "bot_change": 10, "bot_drift": 10, "bot_intent": 10}
    history = journal.load(LAYER, clock).history
    assert [run.number for run in history] == list(range(13, 3, -1))
    # Only what the newest one changed is asked for: of a large layer that is nearly all there is to read.
    assert [bool(run.applied) for run in history] == [True] + 9 * [False]
    assert all(run.drift for run in history)
    assert (journal.reader.run(3), journal.reader.backup(3)) == (None, None)
    assert journal.reader.run(last.number) == last
    assert [run.number for run in journal.reader.history("1")] == list(range(13, 3, -1))
    assert journal.reader.runs(before=6) == (journal.reader.run(5), journal.reader.run(4))


def sizes(url: str) -> list[int]:
    """What the runs take, the newest first."""
    with closing(Store(url)) as store, store.read() as connection:
        query = select(schema.run.c.size).order_by(schema.run.c.number.desc())
        return list(connection.execute(query).scalars())


def test_runs_that_have_no_room_go_the_oldest_first(url: str, reopened: Reopened, clock: StillClock) -> None:
    journal = reopened()
    for _ in range(14):
        done(journal, clock)
    assert min(sizes(url)) > 0
    room = sum(sizes(url)[:12])
    done(reopened(size=room), clock)
    assert journal.reader.numbers() == tuple(range(15, 3, -1))
    assert sum(sizes(url)) <= room
    done(reopened(size=1), clock)  # the last ten that changed the map stay
    assert journal.reader.numbers() == tuple(range(16, 6, -1))
    assert rows(url) == {"bot_run": 10, "bot_change": 10, "bot_drift": 10, "bot_intent": 10}


def test_what_a_person_is_asked_or_said_stays_whatever_room_there_is(
    reopened: Reopened, clock: StillClock
) -> None:
    journal = reopened(size=1)
    with leased(journal, LAYER, clock) as memory:
        run = memory.open("sync", COMMIT).end(plan(DELETE).asking(parts_of(DELETE)))
        asked = memory.close(run, base("1"), "s", None)
    decided = journal.decide(LAYER, [Decision(side="map", change=CREATE, by="Ana")], clock)
    journal.approve(LAYER, Approval(HELD.code), clock)
    changed = pushes(journal, clock, 12)
    state = journal.load(LAYER, clock)
    assert journal.reader.numbers() == (*reversed(changed[2:]), asked.number)
    assert (state.base, state.decisions) == (base("1"), decided)
    assert state.approval_of(HELD)


def test_a_layer_that_stood_so_before_is_kept_once(url: str, journal: SqlJournal, clock: StillClock) -> None:
    first, second = done(journal, clock).number, done(journal, clock).number
    with closing(Store(url)) as store, store.read() as connection:
        assert connection.execute(select(func.count()).select_from(schema.backup)).scalar() == 1
    assert journal.reader.backup(first) == backup(first, live().standing)
    assert journal.reader.backup(second) == backup(second, live().standing)


def test_a_copy_goes_with_the_last_run_that_needs_it(url: str, reopened: Reopened, clock: StillClock) -> None:
    def copies() -> int:
        with closing(Store(url)) as store, store.read() as connection:
            count: int = connection.execute(select(func.count()).select_from(schema.backup)).scalar_one()
            return count

    journal = reopened(keep=10)
    pushes(journal, clock, 1)  # its second push is of another layer than the others'
    assert copies() == 2
    for _ in range(9):
        done(journal, clock)
    assert copies() == 2
    done(journal, clock)
    assert copies() == 1


def test_compacting_lets_go_what_has_no_room_and_gives_it_back(
    url: str, reopened: Reopened, clock: StillClock
) -> None:
    large, journal = collection("x" * 10**6), reopened()
    for number in range(14):
        with leased(journal, LAYER, clock) as memory:
            run = memory.open("sync", Commit(str(number)))
            found = replace(live(), standing=collection(*(token_hex(4000) for _ in range(20))))
            run = memory.intend(run, plan(UPDATE), found, large)
            memory.applied(Applied(run.number, (UPDATE,), None))
            memory.close(run.end(plan()), base("1"), "s", None)
    fails(journal, clock, 2, "another")
    made = reopened(size=1).compact([LAYER], clock)
    assert made.runs == 4
    assert made.after < made.before - 3 * 80_000
    assert journal.reader.numbers() == (16, 15, *range(14, 4, -1))
    assert reopened(size=1).compact(["nowhere"], clock).runs == 0
    done(journal, clock)


def test_nothing_is_compacted_under_a_run_nor_made(reopened: Reopened, clock: StillClock) -> None:
    journal = reopened()
    with pytest.raises(StateError, match="so there is nothing to compact"):
        journal.compact([LAYER], clock)
    with journal.lease(LAYER, clock), pytest.raises(LayerBusy):
        reopened().compact([LAYER], clock)


def test_a_failure_lets_old_runs_go_too(reopened: Reopened, clock: StillClock) -> None:
    journal = reopened(keep=3)
    assert fails(journal, clock, 5) == [1, 2, 3, 4, 5]
    assert journal.reader.numbers() == (5, 4, 3)
    with journal.lease(LAYER, clock) as session:
        session.open("sync", COMMIT)
        session.fail("sync", say("Refused."), 13)
    assert journal.reader.numbers() == (6, 5, 4)


def test_the_last_ten_changes_and_the_last_success_stay_whatever_is_asked_for(
    reopened: Reopened, clock: StillClock
) -> None:
    journal = reopened(keep=1)
    changes = [done(journal, clock).number for _ in range(11)]
    fails(journal, clock, 3)
    assert journal.reader.numbers() == (14, *reversed(changes[1:]))
    with journal.lease(LAYER, clock) as session:
        settled = session.close(session.open("sync", COMMIT).end(plan()), base("1"), "s", None)
    fails(journal, clock, 2)
    assert journal.reader.numbers() == (17, settled.number, *reversed(changes[1:]))
    (status,) = journal.reader.layers()
    assert status.success == settled
    assert status.last_change == journal.reader.run(changes[-1])
    assert journal.reader.backup(changes[1]) == backup(changes[1], live().standing)


def test_a_push_that_was_not_looked_for_stays_until_it_was(reopened: Reopened, clock: StillClock) -> None:
    journal = reopened(keep=1)
    with leased(journal, LAYER, clock) as memory:
        memory.intend(memory.open("sync", COMMIT), plan(CREATE), live(), collection("c"))
    fails(journal, clock, 3)
    assert journal.reader.numbers() == (4, 1)
    state = journal.load(LAYER, clock)
    assert [(each.run, each.plan) for each in state.pending] == [(1, plan(CREATE))]
    with leased(journal, LAYER, clock) as memory:
        memory.applied(Applied(1, (CREATE,), None))
        assert journal.reader.history("3") != ()
    pushes(journal, clock, 10)
    assert journal.reader.numbers() == tuple(range(14, 4, -1))


def test_the_last_ten_backups_stay_whatever_became_of_their_runs(
    reopened: Reopened, clock: StillClock
) -> None:
    """Of a run with several pushes it is the layer before the first of them."""
    journal = reopened(keep=1)
    old = done(journal, clock).number
    for _ in range(9):
        done(journal, clock)
    killed, not_converged = pushes(journal, clock, 2)
    assert journal.reader.backup(old) is not None  # it changed the map, and so did only ten
    for _ in range(2):
        done(journal, clock)
    fails(journal, clock, 5)
    assert journal.reader.numbers() == (19, *range(14, 2, -1))
    assert [journal.reader.backup(number) for number in (old, old + 1)] == [None, None]
    first = backup(not_converged, live().standing)
    assert [journal.reader.backup(each) for each in (killed, not_converged)] == [
        replace(first, run=killed),
        first,
    ]
    assert journal.reader.backed() == {LAYER: 14}


def test_a_word_that_a_run_used_does_not_outlive_it(reopened: Reopened, clock: StillClock) -> None:
    """Its push landed and nothing settled since: the same plan would be carried out once more, unasked."""
    journal = reopened(keep=2)
    journal.approve(LAYER, Approval(HELD.code), clock)
    with leased(journal, LAYER, clock) as memory:
        memory.intend(memory.open("sync", COMMIT), but(plan(DELETE), approved=True), live(), collection("c"))
    assert plan(DELETE).digest != HELD.digest
    journal.approve(LAYER, Approval(plan(DELETE).code, plan(DELETE).fingerprint), clock)
    with leased(journal, LAYER, clock) as memory:
        memory.applied(Applied(1, (DELETE,), None))
    fails(journal, clock, 1)
    assert journal.load(LAYER, clock).approval_of(plan(DELETE))
    pushes(journal, clock, 10)
    assert journal.reader.numbers() == tuple(range(12, 2, -1))
    assert not journal.load(LAYER, clock).approval_of(plan(DELETE))
    assert journal.load(LAYER, clock).approval_of(HELD)


def test_the_run_that_asked_stays_while_its_question_does(reopened: Reopened, clock: StillClock) -> None:
    journal = reopened(1)
    with leased(journal, LAYER, clock) as memory:
        asked = memory.close(
            memory.open("sync", COMMIT).end(plan(DELETE).asking(parts_of(DELETE))), base("1"), "s", None
        )
    fails(journal, clock, 3)
    with journal.lease(LAYER, clock.after(seconds=1)) as session:
        idle = session.idle(COMMIT)
    assert (idle.code, idle.plan and idle.plan.question) == (3, asked.plan and asked.plan.question)
    assert idle.waiting is not None
    assert idle.waiting.run == asked.number


def test_other_layers_keep_theirs(reopened: Reopened, clock: StillClock) -> None:
    many, few = reopened(keep=1000), reopened(keep=2)
    fails(many, clock, 4, "another")
    fails(few, clock, 4)
    assert few.reader.numbers("another") == (4, 3, 2, 1)
    assert few.reader.numbers(LAYER) == (8, 7)


def test_the_run_that_ended_just_now_stays_in_any_case(reopened: Reopened, clock: StillClock) -> None:
    journal = reopened(keep=0)
    assert fails(journal, clock, 3) == [1, 2, 3]
    assert journal.reader.numbers() == (3,)


def test_a_run_that_is_still_going_on_stays(reopened: Reopened, clock: StillClock) -> None:
    journal = reopened(keep=1)
    with leased(journal, LAYER, clock) as memory:
        run = memory.open("sync", COMMIT)
        fails(journal, clock, 3)
        assert journal.reader.numbers() == (4, 1)
        run = memory.intend(run, plan(UPDATE), live(), collection("c"))
        memory.applied(Applied(run.number, (UPDATE,), None))
        assert memory.close(run.end(plan()), base("1"), "s", None).applied == (UPDATE,)
    with journal.lease(LAYER, clock.after(minutes=1)) as session:
        session.open("sync", COMMIT)  # and is killed
    with journal.lease(LAYER, clock.after(minutes=1)):
        fails(journal, clock, 1)
    assert journal.reader.numbers() == (6, 1)


def test_a_repeat_needs_no_room(reopened: Reopened, clock: StillClock) -> None:
    journal = reopened(keep=2)
    fails(journal, clock, 2)
    for _ in range(3):
        journal.note_failure(LAYER, "sync", say("Reason {number}.", number=1), 12, clock)
    assert [(run.number, run.repeats) for run in journal.reader.runs()] == [(2, 3), (1, 0)]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_while_old_runs_go_leaves_them_and_the_run_open(
    url: str, journal: SqlJournal, clock: StillClock, when: str
) -> None:
    done(journal, clock)
    fails(journal, clock, 2)
    with start("pruned", url, when) as killed:
        assert killed.wait(timeout=60) == -9
    assert journal.reader.numbers() == (4, 3, 2, 1)
    opened = journal.reader.run(4)
    assert opened
    assert (opened.outcome, opened.ended) == ("unfinished", None)
    assert journal.load(LAYER, clock).base == base("1")
    assert rows(url) == {"bot_run": 4, "bot_change": 1, "bot_drift": 1, "bot_intent": 1}
    done(journal, clock)
    assert journal.reader.numbers() == (5, 4, 3, 2, 1)


def test_a_full_disk_lets_no_run_go_and_ends_none(tmp_path: Path, clock: StillClock) -> None:
    file = tmp_path / "state.db"
    journal = SqlJournal(f"sqlite:///{file}", keep=1)
    fails(SqlJournal(f"sqlite:///{file}"), clock, 3)
    with closing(sqlite3.connect(file)) as connection:
        pages: int = connection.execute("PRAGMA page_count").fetchone()[0]
    with (
        every_connection(journal, f"PRAGMA max_page_count = {pages}"),
        pytest.raises(StateError, match=r"the disk is full\. Free up disk space"),
    ):
        journal.note_failure(LAYER, "sync", verbatim("long " * 100_000), 12, clock)
    assert journal.reader.numbers() == (3, 2, 1)
    with every_connection(journal, f"PRAGMA max_page_count = {pages}"):  # letting runs go needs no room
        assert journal.note_failure(LAYER, "sync", say("short"), 12, clock).number == 4
    assert journal.reader.numbers() == (4,)


def test_where_all_runs_are_kept_none_to_go_is_looked_for(reopened: Reopened, clock: StillClock) -> None:
    """Each run ends with it, and nearly always nothing is to go."""
    journal, said = reopened(keep=2), list[str]()

    def noted(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", noted)
    try:
        looked = []
        for _ in range(3):
            said.clear()
            done(journal, clock.after(seconds=1))
            looked.append(any(statement.startswith("DELETE FROM bot_run ") for statement in said))
    finally:
        event.remove(Engine, "before_cursor_execute", noted)
    assert looked == [False, False, True]
