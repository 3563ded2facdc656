"""The life of a run, step by step, each step seen by a program that opens the database afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.journal.made import (
    COMMIT,
    CREATE,
    DELETE,
    EDIT,
    LAYER,
    NO_GIT,
    NOON,
    OLD_EDIT,
    PUSH,
    SEEN,
    UPDATE,
    StillClock,
    backup,
    base,
    collection,
    live,
    plan,
    save,
)
from tests.journal.remembering import Remembering, leased, stamp_of
from umap_bot.errors import StateError
from umap_bot.journal.journal import SqlJournal
from umap_bot.model.base import Base
from umap_bot.model.layer import Collection
from umap_bot.model.policy import Policy
from umap_bot.model.run import Applied, Approval, Run
from umap_bot.model.state import LayerState
from umap_bot.ports import Journal, Session
from umap_bot.text import say, verbatim

Reopened = Callable[[], SqlJournal]


def settle(journal: SqlJournal, clock: StillClock, name: str = LAYER) -> Run:
    with leased(journal, name, clock) as memory:
        run = memory.open("sync", COMMIT)
        run = memory.intend(run, plan(UPDATE, drift=(EDIT,)), live(), collection("c"))
        memory.applied(Applied(run.number, (UPDATE,), None))
        return memory.close(run.end(plan()), base("1"), "stamp", SEEN)


def test_the_journal_fits_the_ports(journal: SqlJournal, clock: StillClock) -> None:
    port: Journal = journal
    with port.lease(LAYER, clock) as leased_:
        session: Session = leased_
        assert session.load() == port.load(LAYER, clock) == LayerState()


def test_every_step_of_a_run_is_in_the_database_at_once(reopened: Reopened, clock: StillClock) -> None:
    with leased(reopened(), LAYER, clock) as memory:
        run = memory.open("sync", COMMIT)
        assert run == Run(number=1, layer=LAYER, kind="sync", commit=COMMIT, started=NOON)
        assert reopened().reader.run(1) == run

        first = plan(CREATE, UPDATE, DELETE, drift=(EDIT, OLD_EDIT))
        run = memory.intend(run, first, live("v1", "a"), collection("b"))
        assert run.pushes == 1
        (intent,) = reopened().load(LAYER, clock).pending
        assert (intent.run, intent.plan, intent.version) == (1, first, "v1")
        assert (intent.pushed, intent.before) == (collection("b").digest, collection("a"))
        assert reopened().reader.run(1) == replace(run, plan=first, drift=(EDIT,))

        assert reopened().load(LAYER, clock).last_push == PUSH

        memory.lost(save("x1", collection("z")), save("x2"))
        memory.lost(save("x2"))
        assert reopened().load(LAYER, clock).lost_saves == (save("x1", collection("z")), save("x2"))

        memory.applied(Applied(1, (CREATE, DELETE), base("1", commit="half")))
        assert reopened().load(LAYER, clock).pending == ()
        assert reopened().load(LAYER, clock).base == base("1", commit="half")

        run = memory.intend(run, plan(UPDATE, drift=(EDIT,)), live("v2", "c"), collection("d"))
        memory.applied(Applied(1, (UPDATE,), base("1", "3")))
        clock.after(seconds=3)
        ended = memory.close(run.end(plan()), base("1", "3", commit="whole"), "stamp", SEEN)

    assert ended.outcome == "done"
    assert ended.applied == (CREATE, DELETE, UPDATE)
    assert (ended.drift, ended.pushes) == ((EDIT,), 2)
    assert ended.ended == clock.now()
    after = reopened().load(LAYER, clock)
    assert (after.base, after.lost_saves) == (base("1", "3", commit="whole"), ())
    assert stamp_of(reopened(), LAYER) == "stamp"
    assert after.seen == SEEN
    assert after.history == (ended,)
    assert reopened().reader.run(1) == ended
    assert reopened().reader.backup(1) == backup(1, collection("a"))


@pytest.mark.parametrize("outcome", ["held", "restless", "failed"])
def test_a_run_that_did_not_settle_leaves_base_and_lost_saves_and_no_stamp(
    journal: SqlJournal, clock: StillClock, outcome: str
) -> None:
    settle(journal, clock)
    with leased(journal, LAYER, clock) as memory:
        run = memory.open("sync", COMMIT)
        memory.lost(save("x1"))
        ends = {
            "held": run.end(plan(DELETE, drift=(EDIT,), held=True)),
            "restless": run.not_converged(plan(UPDATE)),
            "failed": run.failed(say("uMap refuses."), 13),
        }
        ended = memory.close(ends[outcome], base("2"), "other", replace(SEEN, release="9"))
    state = journal.load(LAYER, clock)
    assert state.seen == SEEN
    # A run that is held has paid its debts: that is all it pushed.
    assert (state.base, stamp_of(journal, LAYER)) == (base("1"), None)
    assert state.lost_saves == (() if outcome == "held" else (save("x1"),))
    assert journal.reader.run(2) == ended
    assert ended.drift == ((EDIT,) if outcome == "held" else ())
    assert [each.number for each in state.history] == [1]


def test_a_failure_ends_the_run_that_was_opened(journal: SqlJournal, clock: StillClock) -> None:
    settle(journal, clock)
    with leased(journal, LAYER, clock) as memory:
        run = memory.open("rollback", COMMIT)
        run = memory.intend(run, plan(UPDATE), live(), collection("c"))
        memory.fail("sync", verbatim("No answer.\x00"), 14)
        memory.fail("sync", say("Again none."), 14)
    opened, other = journal.reader.run(2), journal.reader.run(3)
    assert opened is not None
    assert other is not None
    assert (opened.kind, opened.outcome, opened.error, opened.code) == (
        "rollback",
        "failed",
        "No answer.\ufffd",
        14,
    )
    assert (opened.pushes, opened.plan, opened.ended) == (1, plan(UPDATE), NOON)
    assert (other.outcome, other.error) == ("failed", "Again none.")
    state = journal.load(LAYER, clock)
    assert (stamp_of(journal, LAYER), state.base, len(state.pending)) == (None, base("1"), 1)


def test_a_failure_before_the_lease_is_a_run_too(journal: SqlJournal, clock: StillClock) -> None:
    settle(journal, clock)
    failed = journal.note_failure(LAYER, "sync", NO_GIT, 12, clock)
    assert failed.number == 2
    assert journal.reader.run(2) == failed
    assert stamp_of(journal, LAYER) is None
    assert journal.reader.layers()[0].last == failed


def test_what_a_killed_run_did_lands_under_its_number(reopened: Reopened, clock: StillClock) -> None:
    journal = reopened()
    with leased(journal, LAYER, clock) as memory:
        killed = memory.open("sync", COMMIT)
        memory.intend(killed, plan(UPDATE, drift=(EDIT,)), live(), collection("c"))
    with leased(reopened(), LAYER, clock) as memory:
        memory.applied(Applied(memory.state.pending[0].run, (UPDATE,), None))
        run = memory.open("sync", COMMIT)
        clock.after(seconds=1)
        ended = memory.close(run.end(plan()), base("1"), "s", None)
    found = journal.reader.run(killed.number)
    assert found is not None
    assert (found.applied, found.drift, found.outcome) == ((UPDATE,), (EDIT,), "unfinished")
    assert (found.ended, found.plan) == (clock.now(), plan(UPDATE, drift=(EDIT,)))
    assert (ended.applied, ended.drift, ended.outcome) == ((), (), "nothing")


def test_a_killed_run_stays_open_while_its_push_is_not_looked_for(
    journal: SqlJournal, clock: StillClock
) -> None:
    with leased(journal, LAYER, clock) as memory:
        killed = memory.open("sync", COMMIT)
        memory.intend(killed, plan(UPDATE), live(), collection("c"))
        run = memory.open("sync", COMMIT)
        memory.close(run.end(plan()), base("1"), "s", None)
    found = journal.reader.run(killed.number)
    assert found is not None
    assert found.ended is None


def test_a_save_that_was_put_back_is_no_lost_save_again(journal: SqlJournal, clock: StillClock) -> None:
    with leased(journal, LAYER, clock) as memory:
        memory.lost(save("x1"))
        memory.close(memory.open("sync", COMMIT).end(plan()), base("1"), "s", None)
    with leased(journal, LAYER, clock) as memory:
        memory.lost(save("x1"), save("x2"))
    assert journal.load(LAYER, clock).lost_saves == (save("x2"),)


def test_drift_that_is_seen_twice_is_told_once_as_it_was_last(journal: SqlJournal, clock: StillClock) -> None:
    again = replace(EDIT, outcome="hold", line=7)
    other = replace(EDIT, live="c")
    with leased(journal, LAYER, clock) as memory:
        run = memory.open("sync", COMMIT)
        run = memory.intend(run, plan(UPDATE, drift=(EDIT, other)), live(), collection("c"))
        ended = memory.close(run.end(plan(UPDATE, drift=(again, OLD_EDIT), held=True)), None, None, None)
    assert ended.drift == (again, other)


def test_a_check_without_news_is_counted_and_is_no_run(journal: SqlJournal, clock: StillClock) -> None:
    settle(journal, clock)
    with journal.lease(LAYER, clock.after(minutes=5)) as session:
        idle = session.idle(COMMIT)
    with journal.lease(LAYER, clock.after(minutes=5)) as session:
        session.idle(COMMIT)
    assert (idle.number, idle.outcome, idle.commit) == (0, "nothing", COMMIT)
    (status,) = journal.reader.layers()
    assert (status.checks, status.checked) == (2, clock.now())
    assert len(journal.reader.runs()) == 1
    settle(journal, clock)
    assert journal.reader.layers()[0].checks == 0


def test_a_check_without_news_may_be_the_first_thing(journal: SqlJournal, clock: StillClock) -> None:
    with journal.lease(LAYER, clock) as session:
        session.idle(COMMIT)
    (status,) = journal.reader.layers()
    assert (status.layer, status.last, status.success, status.checks) == (LAYER, None, None, 1)


def test_history_is_the_last_ten_settled_runs_newest_first(journal: SqlJournal, clock: StillClock) -> None:
    for _ in range(12):
        settle(journal, clock)
    journal.note_failure(LAYER, "sync", NO_GIT, 12, clock)
    settle(journal, clock, "another")
    assert [run.number for run in journal.load(LAYER, clock).history] == list(range(12, 2, -1))
    assert journal.load(LAYER, clock).history[0].applied == (UPDATE,)


def test_history_comes_without_changes_if_nobody_asks_for_them(
    journal: SqlJournal, clock: StillClock
) -> None:
    settle(journal, clock)
    assert journal.load(LAYER, clock, changes=False).history[0].applied == ()
    held = Approval(plan().code, policy=Policy(drift="keep"))
    journal.approve(LAYER, held, clock)  # its plan is compared with what the last run did
    assert journal.load(LAYER, clock, changes=False).history[0].applied == (UPDATE,)


def test_a_stamp_counts_for_nothing_while_a_push_is_not_looked_for_or_a_save_is_lost(
    journal: SqlJournal, clock: StillClock
) -> None:
    """It stays where it is; a run that gets it looks no closer, and must not miss these."""
    settle(journal, clock)
    settled = []
    writes: list[Callable[[Remembering], object]] = [
        lambda memory: None,
        lambda memory: memory.intend(memory.open("sync", COMMIT), plan(UPDATE), live(), collection("c")),
        lambda memory: memory.applied(Applied(2, (), None)),
        lambda memory: memory.lost(save("x1")),
        lambda memory: memory.close(memory.open("sync", COMMIT).end(plan()), None, "next", None),
        lambda memory: None,
    ]
    for write in writes:
        with leased(journal, LAYER, clock) as memory:
            settled.append(memory.session.settled)
            write(memory)
    assert settled == ["stamp", "stamp", "", "stamp", "", "next"]


def test_layers_do_not_meet(journal: SqlJournal, clock: StillClock) -> None:
    settle(journal, clock)
    with journal.lease(LAYER, clock), journal.lease("another", clock) as session:
        assert (session.load(), session.settled, stamp_of(journal, "another")) == (LayerState(), "", None)
        session.close(session.open("sync", COMMIT).end(plan()), base("9"), "t", None)
        assert session.load().seen is None
    assert (journal.load(LAYER, clock).base, stamp_of(journal, LAYER)) == (base("1"), "stamp")


@pytest.mark.parametrize("what", [Base, Collection])
def test_an_empty_value_is_not_none(journal: SqlJournal, clock: StillClock, what: type) -> None:
    with leased(journal, LAYER, clock) as memory:
        run = memory.open("sync", COMMIT)
        run = memory.intend(run, plan(), replace(live(), standing=Collection((), ())), Collection((), ()))
        memory.applied()
        memory.close(run.end(plan()), base(), "s", None)
    assert journal.reader.backup(run.number) == backup(run.number, Collection((), ()))
    assert journal.load(LAYER, clock).base == base()


def test_a_session_whose_lease_was_given_back_writes_nothing(journal: SqlJournal, clock: StillClock) -> None:
    with journal.lease(LAYER, clock) as session:
        run = session.open("sync", COMMIT)
    with pytest.raises(StateError, match="lease"):
        session.close(run.end(plan()), base("1"), "s", None)
    assert session.load().base is None


def test_what_an_earlier_run_is_found_to_have_done_is_told_by_the_one_that_found_it(
    journal: SqlJournal, clock: StillClock
) -> None:
    with leased(journal, LAYER, clock) as memory:
        run = memory.open("sync", COMMIT)
        memory.intend(run, plan(UPDATE), live(), PUSH.ours)
        memory.fail("sync", verbatim("no answer"), 14)
    with leased(journal, LAYER, clock) as memory:
        memory.applied(Applied(run.number, (UPDATE,), None))
        later = memory.open("sync", COMMIT)
        memory.applied(Applied(later.number, (CREATE,), None))
        ended = memory.close(later.end(plan()), base("1"), None, None)
    assert (ended.recovered, ended.applied) == ((UPDATE,), (CREATE,))
