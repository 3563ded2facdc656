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
from umap_bot.errors import UsageError
from umap_bot.journal import schema
from umap_bot.journal.journal import SqlJournal
from umap_bot.journal.store import Store
from umap_bot.model.layer import Commit
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Policy
from umap_bot.model.run import Applied, Approval, Run
from umap_bot.run.approving import approving

HELD = plan(DELETE, held=True)
OTHER = plan(CREATE, held=True)


def carry_out(journal: SqlJournal, clock: StillClock, approved: Plan | None) -> Run:
    with leased(journal, LAYER, clock) as memory:
        run = memory.open("sync", COMMIT)
        if approved:
            run = replace(run, approved=approved.digest)
            run = memory.intend(run, but(approved, held=False), live(), collection("c"))
        return memory.close(run.end(plan()), base("1"), "s", None)


@pytest.mark.parametrize("length", [12, 20, 32])
def test_an_approval_is_for_the_plan_that_it_names(
    journal: SqlJournal, clock: StillClock, length: int
) -> None:
    given = journal.approve(LAYER, Approval(digest=HELD.digest[:length], commit=COMMIT), clock)
    state = journal.load(LAYER, clock)
    assert state.approves(HELD.digest)
    assert not state.approves(OTHER.digest)
    assert not journal.load("another", clock).approves(HELD.digest)
    assert state.approvals == (given,)
    assert given == Approval(digest=HELD.digest[:length], commit=COMMIT, number=given.number)


@pytest.mark.parametrize("code", ["", "5be2790c1d3", "5BE2790C1D3A", "5be2790c1d3a ", "g" * 12, "0" * 33])
def test_what_is_no_code_is_refused(journal: SqlJournal, clock: StillClock, code: str) -> None:
    with pytest.raises(UsageError, match="12 to 32"):
        journal.approve(LAYER, Approval(digest=code), clock)
    with pytest.raises(UsageError, match="12 to 32"):
        journal.find_held(code)


def test_an_approval_dies_after_seven_days(journal: SqlJournal, clock: StillClock) -> None:
    journal.approve(LAYER, Approval(digest=HELD.code, commit=COMMIT), clock)
    assert journal.load(LAYER, clock.after(days=7)).approves(HELD.digest)
    dead = journal.load(LAYER, clock.after(seconds=1))
    assert not dead.approves(HELD.digest)
    assert dead.approvals == ()


def test_a_settled_run_spends_the_approval_that_it_used_and_only_that(
    journal: SqlJournal, clock: StillClock
) -> None:
    journal.approve(LAYER, Approval(digest=HELD.code), clock)
    journal.approve(LAYER, Approval(digest=HELD.digest), clock)
    journal.approve(LAYER, Approval(digest=OTHER.code), clock)
    journal.approve("another", Approval(digest=HELD.code), clock)
    carry_out(journal, clock, None)
    assert journal.load(LAYER, clock).approves(HELD.digest)
    carry_out(journal, clock, HELD)
    state = journal.load(LAYER, clock)
    assert not state.approves(HELD.digest)
    assert state.approves(OTHER.digest)
    assert journal.load("another", clock).approves(HELD.digest)
    journal.approve(LAYER, Approval(digest=HELD.code), clock)
    assert journal.load(LAYER, clock).approves(HELD.digest)


def test_a_run_that_did_not_settle_spends_nothing(journal: SqlJournal, clock: StillClock) -> None:
    journal.approve(LAYER, Approval(digest=HELD.code), clock)
    with leased(journal, LAYER, clock) as memory:
        run = replace(memory.open("sync", COMMIT), approved=HELD.digest)
        memory.close(run.not_converged(HELD), None, None, None)
    assert journal.load(LAYER, clock).approves(HELD.digest)


def test_the_approval_of_a_killed_run_is_spent_by_the_run_that_settles_it(
    journal: SqlJournal, clock: StillClock
) -> None:
    journal.approve(LAYER, Approval(digest=HELD.code), clock)
    with leased(journal, LAYER, clock) as memory:
        memory.intend(memory.open("sync", COMMIT), but(HELD, held=False), live(), collection("c"))
    with leased(journal, LAYER, clock) as memory:
        memory.applied(Applied(1, (DELETE,), None))
        assert journal.load(LAYER, clock).approves(HELD.digest)
        memory.close(memory.open("sync", COMMIT).end(plan()), base("1"), "s", None)
    assert not journal.load(LAYER, clock).approves(HELD.digest)


def test_lost_saves_that_go_back_under_a_hold_use_no_approval(journal: SqlJournal, clock: StillClock) -> None:
    with leased(journal, LAYER, clock) as memory:
        run = memory.intend(memory.open("sync", COMMIT), HELD, live(), collection("c"))
        memory.applied(Applied(1, (), None))
        memory.close(run.end(HELD), None, None, None)
    journal.approve(LAYER, Approval(digest=HELD.code), clock)
    carry_out(journal, clock, None)
    assert journal.load(LAYER, clock).approves(HELD.digest)


def test_all_that_was_approved_is_told_newest_first(journal: SqlJournal, clock: StillClock) -> None:
    words = (
        Approval(digest=HELD.code, commit=COMMIT),
        Approval(digest=OTHER.code, commit=Commit("other"), policy=Policy("keep")),
        Approval(digest=OTHER.code),
    )
    given = [journal.approve(LAYER, word, clock) for word in words]
    assert tuple(replace(each, number=0) for each in given) == words
    assert len({each.number for each in given} - {0}) == len(words)
    assert journal.load(LAYER, clock).approvals == tuple(reversed(given))


def test_a_held_run_is_found_by_its_code(journal: SqlJournal, clock: StillClock) -> None:
    runs = []
    for held in (HELD, OTHER, HELD):
        with journal.lease(LAYER, clock) as session:
            runs.append(session.close(session.open("sync", COMMIT).end(held), None, None, None))
    carry_out(journal, clock, plan(UPDATE))
    assert journal.find_held(HELD.code) == (runs[2], runs[0])
    assert journal.find_held(HELD.digest)[0].commit == COMMIT
    assert journal.find_held("0" * 12) == ()


def test_a_word_that_its_run_had_no_use_for_is_taken_back(journal: SqlJournal, clock: StillClock) -> None:
    given = journal.approve(LAYER, Approval(digest=HELD.code), clock)
    journal.withdraw([given.number])
    assert not journal.load(LAYER, clock).approves(HELD.digest)


def test_of_two_words_for_one_plan_one_is_taken_back(journal: SqlJournal, clock: StillClock) -> None:
    first, second = (journal.approve(LAYER, Approval(digest=HELD.digest), clock) for _ in range(2))
    journal.withdraw([first.number])
    assert journal.load(LAYER, clock).approvals == (second,)
    journal.withdraw([])
    assert journal.load(LAYER, clock).approvals == (second,)


def test_a_word_for_one_run_takes_back_none_that_was_given_before(
    journal: SqlJournal, clock: StillClock
) -> None:
    """As somebody does who approves a plan for the service, and then syncs by hand with the same code."""
    before = journal.approve(LAYER, Approval(digest=HELD.digest, commit=COMMIT), clock)
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
