"""A pass over layers: what its code approves, and which exit code it ends with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from umap_bot.errors import LayerBusy, RefusedError
from umap_bot.model.change import Delete
from umap_bot.model.layer import Commit
from umap_bot.model.plan import Plan, pass_digest
from umap_bot.model.policy import Policy
from umap_bot.model.run import Approval, Run
from umap_bot.rounds import Ended, Given, approve, approving, code_of_plans, worst
from umap_bot.text import verbatim

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def plan(key: str, *, held: bool = True) -> Plan:
    return Plan(
        layer_id=key, layer_name=key, map_name="Map", map_url="", version="1", commit=Commit(key),
        file="f.csv", key="id", policy=Policy(), first=False, changes=(Delete(key=key, name=key),), held=held,
    )  # fmt: skip


def run(layer: str, outcome: str = "held", code: int = 3) -> Run:
    started = Run(number=1, layer=layer, kind="sync", commit=Commit(layer), started=NOON)
    return Run(
        number=1, layer=layer, kind="sync", commit=started.commit, started=NOON, plan=plan(layer),
        outcome="held" if outcome == "held" else "done", code=code,
    )  # fmt: skip


class Words:
    """What people approved, and the runs that wait."""

    def __init__(self, *held: Run) -> None:
        self.held = held
        self.given: list[tuple[str, str, str]] = []

    def find_held(self, code: str) -> tuple[Run, ...]:
        return tuple(run for run in self.held if run.plan and run.plan.digest.startswith(code))

    def waiting(self, layers: Iterable[str]) -> tuple[Run, ...]:
        return tuple(run for run in self.held if run.layer in list(layers))

    def approve(self, layer: str, code: str, clock: object, given: Approval | None = None) -> None:
        self.given.append((layer, code, given.commit.sha if given and given.commit else ""))

    def withdraw(self, layer: str, code: str) -> None:
        self.given = [given for given in self.given if given[0] != layer]


class StillClock:
    def now(self) -> datetime:
        return NOON

    def pause(self, seconds: float) -> None:
        """Not needed here."""


def test_a_plan_is_approved_with_the_commit_that_it_was_made_of() -> None:
    words = Words(run("a"), run("b"))
    code = plan("b").code
    assert approve(["a", "b"], code, words, StillClock()) == (Given("b", plan("b").digest, Commit("b")),)
    assert words.given == [("b", plan("b").digest, "b")]


def test_one_code_of_the_pass_approves_all_that_wait() -> None:
    words = Words(run("a"), run("b"))
    code = pass_digest([plan("b"), plan("a")])[:12]
    approve(["a", "b"], code, words, StillClock())
    assert words.given == [("a", plan("a").digest, "a"), ("b", plan("b").digest, "b")]


def test_the_code_of_a_pass_is_another_when_another_plan_waits() -> None:
    code = pass_digest([plan("a"), plan("b")])
    assert code != pass_digest([plan("a"), plan("c")])
    words = Words(run("a"), run("b"), run("c"))
    approve(["a", "b", "c"], code[:12], words, StillClock())
    assert [given[1] for given in words.given] == [code[:12]] * 3, "noted, and of no plan that waits"


def test_a_code_that_no_run_held_is_noted_for_the_next_run() -> None:
    words = Words()
    assert approve(["a"], "0" * 12, words, StillClock()) == (Given("a", "0" * 12),)
    assert words.given == [("a", "0" * 12, "")]


@pytest.mark.parametrize(
    ("codes", "expected"), [((0, 0), 0), ((0, 3), 3), ((3, 13), 13), ((1, 13), 1), ((), 0), ((5, 4), 5)]
)
def test_the_worst_code_of_a_pass(codes: tuple[int, ...], expected: int) -> None:
    ended: list[Ended] = [("layer", run("layer", "done", code)) for code in codes]
    assert worst(ended) == expected


def test_an_error_counts_with_its_code() -> None:
    assert worst([("a", LayerBusy(verbatim("taken"))), ("b", RefusedError(verbatim("no")))]) == 13


def test_plans_end_with_the_gravest() -> None:
    assert code_of_plans([plan("a", held=False), plan("b")]) == 3
    assert code_of_plans([plan("a", held=False)]) == 2
    assert code_of_plans([]) == 0


def test_a_word_given_for_one_run_is_taken_back_after_it() -> None:
    words = Words(run("a"))
    with approving(["a"], plan("a").code, words, StillClock(), Policy()):
        assert words.given
    assert words.given == []
    with approving(["a"], None, words, StillClock(), Policy()):
        assert words.given == []


def test_the_word_for_one_run_is_taken_back_for_each_plan_of_the_pass() -> None:
    words = Words(run("a"), run("b"))
    code = pass_digest([plan("b"), plan("a")])[:12]
    with approving(["a", "b"], code, words, StillClock(), Policy()):
        assert len(words.given) == 2
    assert words.given == []
