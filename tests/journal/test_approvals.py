"""A person's word: for one plan, for seven days, for one run."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

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
from umap_bot.errors import UsageError
from umap_bot.journal.journal import SqlJournal
from umap_bot.model.layer import Commit
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Policy
from umap_bot.model.run import Applied, Approval, Run

HELD = plan(DELETE, held=True)
OTHER = plan(CREATE, held=True)


def carry_out(journal: SqlJournal, clock: StillClock, approved: Plan | None) -> Run:
    with journal.lease(LAYER, clock) as memory:
        run = memory.open("sync", COMMIT)
        if approved:
            run = replace(run, approved=approved.digest)
            run = memory.intend(run, replace(approved, held=False), live(), collection("c"))
        return memory.close(run.end(plan()), base("1"), "s", None)


@pytest.mark.parametrize("length", [12, 20, 32])
def test_an_approval_is_for_the_plan_that_it_names(
    journal: SqlJournal, clock: StillClock, length: int
) -> None:
    journal.approve(LAYER, HELD.digest[:length], clock, Approval(COMMIT))
    view = journal.peek(LAYER, clock)
    assert view.approves(HELD.digest)
    assert not view.approves(OTHER.digest)
    assert not journal.peek("another", clock).approves(HELD.digest)
    assert view.approval == Approval(COMMIT)


@pytest.mark.parametrize("code", ["", "5be2790c1d3", "5BE2790C1D3A", "5be2790c1d3a ", "g" * 12, "0" * 33])
def test_what_is_no_code_is_refused(journal: SqlJournal, clock: StillClock, code: str) -> None:
    with pytest.raises(UsageError, match="12 to 32"):
        journal.approve(LAYER, code, clock)
    with pytest.raises(UsageError, match="12 to 32"):
        journal.find_held(code)


def test_an_approval_dies_after_seven_days(journal: SqlJournal, clock: StillClock) -> None:
    journal.approve(LAYER, HELD.code, clock, Approval(COMMIT))
    assert journal.peek(LAYER, clock.after(days=7)).approves(HELD.digest)
    dead = journal.peek(LAYER, clock.after(seconds=1))
    assert not dead.approves(HELD.digest)
    assert dead.approval is None


def test_a_settled_run_spends_the_approval_that_it_used_and_only_that(
    journal: SqlJournal, clock: StillClock
) -> None:
    journal.approve(LAYER, HELD.code, clock)
    journal.approve(LAYER, HELD.digest, clock)
    journal.approve(LAYER, OTHER.code, clock)
    journal.approve("another", HELD.code, clock)
    carry_out(journal, clock, None)
    assert journal.peek(LAYER, clock).approves(HELD.digest)
    carry_out(journal, clock, HELD)
    view = journal.peek(LAYER, clock)
    assert not view.approves(HELD.digest)
    assert view.approves(OTHER.digest)
    assert journal.peek("another", clock).approves(HELD.digest)
    journal.approve(LAYER, HELD.code, clock)
    assert view.approves(HELD.digest)


def test_a_run_that_did_not_settle_spends_nothing(journal: SqlJournal, clock: StillClock) -> None:
    journal.approve(LAYER, HELD.code, clock)
    with journal.lease(LAYER, clock) as memory:
        run = replace(memory.open("sync", COMMIT), approved=HELD.digest)
        memory.close(run.not_converged(HELD), None, None, None)
        assert memory.approves(HELD.digest)


def test_the_approval_of_a_killed_run_is_spent_by_the_run_that_settles_it(
    journal: SqlJournal, clock: StillClock
) -> None:
    journal.approve(LAYER, HELD.code, clock)
    with journal.lease(LAYER, clock) as memory:
        memory.intend(memory.open("sync", COMMIT), replace(HELD, held=False), live(), collection("c"))
    with journal.lease(LAYER, clock) as memory:
        memory.applied((Applied(1, (DELETE,), None),))
        assert memory.approves(HELD.digest)
        memory.close(memory.open("sync", COMMIT).end(plan()), base("1"), "s", None)
        assert not memory.approves(HELD.digest)


def test_lost_saves_that_go_back_under_a_hold_use_no_approval(journal: SqlJournal, clock: StillClock) -> None:
    with journal.lease(LAYER, clock) as memory:
        run = memory.intend(memory.open("sync", COMMIT), HELD, live(), collection("c"))
        memory.applied((Applied(1, (), None),))
        memory.close(run.end(HELD), None, None, None)
    journal.approve(LAYER, HELD.code, clock)
    carry_out(journal, clock, None)
    assert journal.peek(LAYER, clock).approves(HELD.digest)


def test_the_newest_approval_names_the_commit(journal: SqlJournal, clock: StillClock) -> None:
    journal.approve(LAYER, HELD.code, clock, Approval(COMMIT))
    journal.approve(LAYER, OTHER.code, clock, Approval(Commit("other"), Policy("keep")))
    assert journal.peek(LAYER, clock).approval == Approval(Commit("other"), Policy("keep"))
    journal.approve(LAYER, OTHER.code, clock)
    assert journal.peek(LAYER, clock).approval == Approval()


def test_a_held_run_is_found_by_its_code(journal: SqlJournal, clock: StillClock) -> None:
    runs = []
    for held in (HELD, OTHER, HELD):
        with journal.lease(LAYER, clock) as memory:
            runs.append(memory.close(memory.open("sync", COMMIT).end(held), None, None, None))
    carry_out(journal, clock, plan(UPDATE))
    assert journal.find_held(HELD.code) == (runs[2], runs[0])
    assert journal.find_held(HELD.digest)[0].commit == COMMIT
    assert journal.find_held("0" * 12) == ()


def test_a_word_that_its_run_had_no_use_for_is_taken_back(journal: SqlJournal, clock: StillClock) -> None:
    journal.approve(LAYER, HELD.code, clock)
    journal.withdraw(LAYER, HELD.code)
    assert not journal.peek(LAYER, clock).approves(HELD.digest)
