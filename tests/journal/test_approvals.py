"""A person's word: for one plan, for seven days, for one run."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from tests.journal.made import (
    COMMIT,
    CREATE,
    DELETE,
    LAYER,
    UPDATE,
    StillClock,
    base,
    collection,
    live,
    plan,
)
from tests.journal.remembering import leased
from tests.plans import but
from umap_bot.journal import schema
from umap_bot.journal.journal import SqlJournal
from umap_bot.journal.store import Store
from umap_bot.model.layer import Commit
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Policy
from umap_bot.model.run import Applied, Approval, Run
from umap_bot.run.approving import approving
from umap_bot.text import verbatim

HELD = plan(DELETE, held=True)
OTHER = plan(CREATE, held=True)


def carry_out(journal: SqlJournal, clock: StillClock, approved: Plan | None) -> Run:
    with leased(journal, LAYER, clock) as memory:
        run = memory.open("sync", COMMIT)
        if approved:
            run = run.carrying_out(approved, Approval(approved.code, by="Anne", given=clock.now()))
            run = memory.intend(run, but(approved, held=False), live(), collection("c"))
        return memory.close(run.end(plan()), base("1"), "s", None)


@pytest.mark.parametrize("fingerprint", [HELD.fingerprint, ""])
def test_an_approval_is_for_the_plan_that_it_names(
    journal: SqlJournal, clock: StillClock, fingerprint: str
) -> None:
    given = journal.approve(LAYER, Approval(HELD.code, fingerprint, COMMIT, by="Anne Béziat"), clock)
    state = journal.load(LAYER, clock)
    assert state.approval_of(HELD)
    assert not state.approval_of(OTHER)
    assert not journal.load("another", clock).approval_of(HELD)
    assert state.approvals == (given,)
    word = Approval(HELD.code, fingerprint, COMMIT, by="Anne Béziat")
    assert given == replace(word, given=clock.now(), number=given.number)


def test_an_approval_dies_after_seven_days(journal: SqlJournal, clock: StillClock) -> None:
    journal.approve(LAYER, Approval(HELD.code, commit=COMMIT), clock)
    assert journal.load(LAYER, clock.after(days=7)).approval_of(HELD)
    dead = journal.load(LAYER, clock.after(seconds=1))
    assert not dead.approval_of(HELD)
    assert dead.approvals == ()


def test_a_settled_run_spends_the_approval_that_it_used_and_only_that(
    journal: SqlJournal, clock: StillClock
) -> None:
    journal.approve(LAYER, Approval(HELD.code), clock)
    journal.approve(LAYER, Approval(HELD.code, HELD.fingerprint), clock)
    journal.approve(LAYER, Approval(OTHER.code), clock)
    journal.approve("another", Approval(HELD.code), clock)
    carry_out(journal, clock, None)
    assert journal.load(LAYER, clock).approval_of(HELD)
    carry_out(journal, clock, HELD)
    state = journal.load(LAYER, clock)
    assert not state.approval_of(HELD)
    assert state.approval_of(OTHER)
    assert journal.load("another", clock).approval_of(HELD)
    journal.approve(LAYER, Approval(HELD.code), clock)
    assert journal.load(LAYER, clock).approval_of(HELD)


def test_a_run_that_did_not_settle_spends_nothing(journal: SqlJournal, clock: StillClock) -> None:
    journal.approve(LAYER, Approval(HELD.code), clock)
    with leased(journal, LAYER, clock) as memory:
        run = memory.open("sync", COMMIT).carrying_out(HELD, Approval(HELD.code))
        memory.close(run.not_converged(HELD), None, None, None)
    assert journal.load(LAYER, clock).approval_of(HELD)


def test_the_approval_of_a_killed_run_is_spent_by_the_run_that_settles_it(
    journal: SqlJournal, clock: StillClock
) -> None:
    journal.approve(LAYER, Approval(HELD.code), clock)
    with leased(journal, LAYER, clock) as memory:
        memory.intend(
            memory.open("sync", COMMIT), but(HELD, held=False, approved=True), live(), collection("c")
        )
    with leased(journal, LAYER, clock) as memory:
        memory.applied(Applied(1, (DELETE,), None))
        assert journal.load(LAYER, clock).approval_of(HELD)
        memory.close(memory.open("sync", COMMIT).end(plan()), base("1"), "s", None)
    assert not journal.load(LAYER, clock).approval_of(HELD)


def test_lost_saves_that_go_back_under_a_hold_use_no_approval(journal: SqlJournal, clock: StillClock) -> None:
    with leased(journal, LAYER, clock) as memory:
        run = memory.intend(memory.open("sync", COMMIT), HELD, live(), collection("c"))
        memory.applied(Applied(1, (), None))
        memory.close(run.end(HELD), None, None, None)
    journal.approve(LAYER, Approval(HELD.code), clock)
    carry_out(journal, clock, None)
    assert journal.load(LAYER, clock).approval_of(HELD)


def test_all_that_was_approved_is_told_newest_first(journal: SqlJournal, clock: StillClock) -> None:
    words = (
        Approval(HELD.code, commit=COMMIT),
        Approval(OTHER.code, commit=Commit("other"), policy=Policy("keep"), by="Zoé"),
        Approval(OTHER.code),
    )
    given = [journal.approve(LAYER, word, clock) for word in words]
    assert tuple(replace(each, given=None, number=0) for each in given) == words
    assert len({each.number for each in given} - {0}) == len(words)
    assert journal.load(LAYER, clock).approvals == tuple(reversed(given))


def test_a_held_run_is_found_by_its_code(journal: SqlJournal, clock: StillClock) -> None:
    runs = []
    for held in (HELD, OTHER, HELD):
        with journal.lease(LAYER, clock) as session:
            runs.append(session.close(session.open("sync", COMMIT).end(held), None, None, None))
    carry_out(journal, clock, plan(UPDATE))
    assert journal.find_held(HELD.code) == (runs[2], runs[0])
    assert journal.find_held(HELD.code)[0].commit == COMMIT
    for other in (HELD.code[:14], HELD.code[:-1] + "%", HELD.digest, HELD.digest[:12], "", plan().code):
        assert journal.find_held(other) == (), "no part of a code, and no pattern of one"


def test_a_word_that_its_run_had_no_use_for_is_taken_back(journal: SqlJournal, clock: StillClock) -> None:
    given = journal.approve(LAYER, Approval(HELD.code), clock)
    journal.withdraw([given.number])
    assert not journal.load(LAYER, clock).approval_of(HELD)


def test_of_two_words_for_one_plan_one_is_taken_back(journal: SqlJournal, clock: StillClock) -> None:
    first, second = (journal.approve(LAYER, Approval(HELD.code, HELD.fingerprint), clock) for _ in range(2))
    journal.withdraw([first.number])
    assert journal.load(LAYER, clock).approvals == (second,)
    journal.withdraw([])
    assert journal.load(LAYER, clock).approvals == (second,)


def test_a_word_for_one_run_takes_back_none_that_was_given_before(
    journal: SqlJournal, clock: StillClock
) -> None:
    """As somebody does who approves a plan for the service, and then syncs by hand with the same code."""
    before = journal.approve(LAYER, Approval(HELD.code, HELD.fingerprint, COMMIT), clock)
    with approving([LAYER], HELD.code, journal, clock, Policy()):
        assert len(journal.load(LAYER, clock).approvals) == 2
    assert journal.load(LAYER, clock).approvals == (before,)


def test_a_word_that_its_run_used_is_not_taken_back(url: str, journal: SqlJournal, clock: StillClock) -> None:
    with approving([LAYER], HELD.code, journal, clock, Policy()):
        used = carry_out(journal, clock, HELD)
    assert journal.load(LAYER, clock).approvals == ()
    store = Store(url)
    with store.read() as connection:
        assert connection.execute(select(schema.approval.c.spent_by)).scalars().all() == [used.number]
    store.close()


@pytest.mark.parametrize("kind", ["settled", "killed", "failed"])
def test_who_approved_is_told_of_the_run_that_carried_it_out(
    journal: SqlJournal, clock: StillClock, kind: str
) -> None:
    given = journal.approve(LAYER, Approval(HELD.code, by="Anne"), clock)
    with leased(journal, LAYER, clock) as memory:
        run = memory.open("sync", COMMIT).carrying_out(HELD, given)
        run = memory.intend(run, but(HELD, held=False), live(), collection("c"))
        if kind == "settled":
            memory.close(run.end(plan()), base("1"), "s", None)
        elif kind == "failed":
            memory.fail("sync", verbatim("No git."), 12)
    logged = journal.reader.run(run.number)
    assert logged
    assert (logged.approved, logged.approved_by) == (HELD.fingerprint, "Anne")
    assert logged.approved_at == given.given


def test_a_plan_that_waits_though_it_was_approved_is_an_entry_of_its_own(
    journal: SqlJournal, clock: StillClock
) -> None:
    """As when the approved commit is gone: the newest version has another code, which must be shown."""
    newest = but(HELD, commit=replace(COMMIT, sha="d" * 40, blob="e" * 40))
    assert (newest.digest, newest.code != HELD.code) == (HELD.digest, True)

    def held(made: Plan) -> Run:
        with journal.lease(LAYER, clock.after(minutes=5)) as session:
            return session.close(session.open("sync", made.context.commit).end(made), None, None, None)

    first = held(HELD)
    assert held(newest).number == first.number, "one question, whatever the version of the file"
    journal.approve(LAYER, Approval(HELD.code, HELD.fingerprint, COMMIT), clock)
    own = held(newest)
    assert own.number != first.number
    assert journal.find_held(newest.code) == (own,)
    assert held(newest).number == own.number
    clock.after(days=8)
    assert held(newest).number == own.number
