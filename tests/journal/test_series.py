"""Runs that only repeat the one before them are one run in the log."""

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
    UPDATE,
    StillClock,
    base,
    collection,
    live,
    plan,
)
from tests.journal.remembering import leased, stamp_of
from tests.plans import but
from umap_bot.journal.journal import SqlJournal
from umap_bot.model.drift import Drift
from umap_bot.model.layer import Commit
from umap_bot.model.part import parts_of
from umap_bot.model.plan import Kind, Plan
from umap_bot.model.run import Applied, Run
from umap_bot.text import Text, say

HELD = plan(DELETE, held=True)
OTHER = plan(CREATE, held=True)
ASKS = plan(DELETE).asking(parts_of(DELETE))


class Cron:
    """Runs every five minutes, each in a program of its own."""

    def __init__(self, reopened: Callable[[], SqlJournal], clock: StillClock) -> None:
        self.open = reopened
        self.clock = clock

    def held(self, made: Plan = HELD, kind: Kind = "sync", commit: Commit = COMMIT) -> Run:
        with self.open().lease(LAYER, self.clock.after(minutes=5)) as session:
            return session.close(session.open(kind, commit).end(made), None, None, None)

    def rows_wait(self, row: str = "4") -> Run:
        told = but(plan(), bad_rows=(say("row {row}: id is empty", row=row),), bad_row_count=1)
        with self.open().lease(LAYER, self.clock.after(minutes=5)) as session:
            return session.close(session.open("sync", COMMIT).end(told), base("1"), None, None)

    def settled(self) -> Run:
        with self.open().lease(LAYER, self.clock.after(minutes=5)) as session:
            return session.close(session.open("sync", COMMIT).end(plan()), base("1"), "s", None)

    def failed(self, error: Text = NO_GIT, code: int = 12, kind: Kind = "sync") -> Run:
        return self.open().note_failure(LAYER, kind, error, code, self.clock.after(minutes=5))

    def failed_midway(self, error: Text = NO_GIT, code: int = 12) -> None:
        with self.open().lease(LAYER, self.clock.after(minutes=5)) as session:
            session.open("sync", COMMIT)
            session.fail("sync", error, code)

    def failed_at_once(self, error: Text = NO_GIT, code: int = 12) -> None:
        with self.open().lease(LAYER, self.clock.after(minutes=5)) as session:
            session.fail("sync", error, code)

    def idle(self) -> None:
        with self.open().lease(LAYER, self.clock.after(minutes=5)) as session:
            session.idle(COMMIT)

    def killed(self) -> None:
        with self.open().lease(LAYER, self.clock.after(minutes=5)) as session:
            session.open("sync", COMMIT)

    def applied_late(self) -> None:
        with leased(self.open(), LAYER, self.clock.after(minutes=5)) as memory:
            memory.applied(Applied(1, (UPDATE,), None))

    def looked_in_vain(self) -> None:
        with leased(self.open(), LAYER, self.clock.after(minutes=5)) as memory:
            memory.applied(Applied(1, (), None))

    @property
    def log(self) -> list[tuple[int, str, int]]:
        runs = reversed(self.open().reader.runs(layer=LAYER))
        return [(run.number, run.outcome, run.repeats) for run in runs]


@pytest.fixture
def cron(reopened: Callable[[], SqlJournal], clock: StillClock) -> Cron:
    return Cron(reopened, clock)


def test_a_held_plan_that_comes_again_is_one_run(cron: Cron) -> None:
    first = cron.held()
    for repeats in (1, 2, 3):
        again = cron.held(commit=Commit("newer"))
        assert again == replace(first, repeats=repeats, again=cron.clock.now())
    assert cron.open().reader.runs() == (again,)
    assert cron.open().find_held(HELD.code) == (again,)


def test_a_fault_that_lasts_is_one_run_wherever_it_strikes(cron: Cron) -> None:
    first = cron.failed()
    assert cron.failed() == replace(first, repeats=1, again=cron.clock.now())
    cron.failed_at_once()
    cron.failed_midway()
    assert cron.open().reader.runs() == (replace(first, repeats=3, again=cron.clock.now()),)


def test_rows_that_wait_and_nothing_else_to_do_is_one_run(cron: Cron) -> None:
    first = cron.rows_wait()
    assert (first.outcome, first.code) == ("nothing", 3)
    again = cron.rows_wait()
    assert again == replace(first, repeats=1, again=cron.clock.now())
    cron.rows_wait("5")
    cron.settled()
    cron.rows_wait("5")
    assert [repeats for *_, repeats in cron.log] == [1, 0, 0, 0]


def test_what_people_change_meanwhile_is_in_the_one_run(cron: Cron) -> None:
    later: Drift = replace(EDIT, key="9", name="Bron")
    cron.held(but(HELD, drift=(EDIT,)))
    again = cron.held(but(HELD, drift=(replace(EDIT, line=7), later)))
    assert again.drift == (replace(EDIT, line=7), later)
    assert [run.number for run in cron.open().reader.history("9")] == [1]


@pytest.mark.parametrize("between", ["settled", "idle", "killed", "applied_late", "failed"])
def test_anything_in_between_ends_the_series_of_a_held_plan(cron: Cron, between: str) -> None:
    cron.held()
    cron.held()
    getattr(cron, between)()
    cron.held()
    cron.held()
    runs = [(outcome, repeats) for _, outcome, repeats in cron.log]
    middle = {"settled": [("nothing", 0)], "killed": [("unfinished", 0)], "failed": [("failed", 0)]}
    assert runs == [("held", 1), *middle.get(between, []), ("held", 1)]


@pytest.mark.parametrize("between", ["settled", "idle", "killed", "applied_late", "held"])
def test_anything_in_between_ends_the_series_of_a_fault(cron: Cron, between: str) -> None:
    cron.failed()
    getattr(cron, between)()
    cron.failed()
    assert [repeats for _, outcome, repeats in cron.log if outcome == "failed"] == [0, 0]


def test_a_look_that_finds_nothing_applied_is_nothing_in_between(cron: Cron) -> None:
    cron.failed()
    cron.looked_in_vain()
    cron.failed()
    assert cron.log == [(1, "failed", 1)]


def test_another_plan_error_code_or_kind_is_another_run(cron: Cron) -> None:
    cron.held()
    cron.held(OTHER)
    cron.held(OTHER, kind="rollback")
    cron.failed()
    cron.failed(say("No answer."))
    cron.failed(say("No answer."), code=14)
    cron.failed(say("No answer."), code=14, kind="adopt")
    assert [repeats for _, _, repeats in cron.log] == [0] * 7


def test_layers_have_series_of_their_own(cron: Cron) -> None:
    cron.held()
    cron.open().note_failure("another", "sync", NO_GIT, 12, cron.clock)
    cron.held()
    cron.open().note_failure("another", "sync", NO_GIT, 12, cron.clock)
    assert cron.log == [(1, "held", 1)]
    assert [run.repeats for run in cron.open().reader.runs(layer="another")] == [1]


def test_a_run_that_pushed_is_never_taken_into_another(cron: Cron) -> None:
    cron.held()
    with leased(cron.open(), LAYER, cron.clock) as memory:
        run = memory.intend(memory.open("sync", COMMIT), HELD, live(), collection("c"))
        memory.applied(Applied(run.number, (), None))
        ended = memory.close(run.end(HELD), None, None, None)
    assert ended.number == 2
    cron.held()  # while one that pushed can take others in
    assert cron.log == [(1, "held", 0), (2, "held", 1)]


def test_a_run_that_only_asks_what_one_asked_that_was_done_did_nothing_itself(cron: Cron) -> None:
    """It is counted there; but it must not tell, again, what that one did."""
    asked = ASKS
    with leased(cron.open(), LAYER, cron.clock) as memory:
        run = memory.open("sync", COMMIT)
        run = memory.intend(run, asked.doing((UPDATE,)), live(), collection("c"))
        memory.applied(Applied(run.number, (UPDATE,), None))
        first = memory.close(run.end(asked), base("1"), "s", None)
    assert (first.outcome, first.code, first.waiting) == ("done", 3, None)
    with cron.open().lease(LAYER, cron.clock.after(minutes=5)) as session:
        again = session.close(session.open("sync", COMMIT).end(asked), base("1"), "s", None)
    assert (again.number, again.outcome, again.code, again.applied) == (1, "held", 3, ())
    assert again.waiting is not None
    assert again.waiting.run == 1
    (logged,) = cron.open().reader.runs()
    assert (logged.outcome, logged.applied, logged.repeats) == ("done", (UPDATE,), 1)


def test_a_failed_run_that_pushed_is_never_taken_into_another(cron: Cron) -> None:
    cron.failed()
    with leased(cron.open(), LAYER, cron.clock) as memory:
        memory.intend(memory.open("sync", COMMIT), plan(UPDATE), live(), collection("c"))
        memory.fail("sync", NO_GIT, 12)
    assert cron.log == [(1, "failed", 0), (2, "failed", 0)]
    assert cron.open().load(LAYER, cron.clock).pending[0].run == 2


def test_a_number_is_never_given_twice(cron: Cron) -> None:
    cron.held()
    cron.held()
    cron.held()
    assert cron.settled().number == 4
    assert cron.open().reader.numbers() == (4, 1)


def test_a_repeat_leaves_no_stamp_and_pays_the_lost_saves_as_any_held_run(cron: Cron) -> None:
    cron.held()
    cron.held()
    state = cron.open().load(LAYER, cron.clock)
    assert (state.lost_saves, state.base, state.history) == ((), None, ())
    assert stamp_of(cron.open(), LAYER) is None


def test_an_error_is_the_same_in_the_log_of_an_older_program(cron: Cron) -> None:
    """Which did not know what its sentences were made of."""
    cron.failed(Text("No answer from 127.0.0.1."))
    cron.failed(say("No answer from {host}.", host="127.0.0.1"))
    assert cron.log == [(1, "failed", 1)]
