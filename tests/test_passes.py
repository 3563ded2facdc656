"""A pass over layers: what its code approves, and which exit code it ends with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from tests.plans import but, flat
from tests.reconcile.test_recovery import layer as rows
from tests.reconcile.test_rollback import published
from umap_bot.errors import CommitGone, DatasetError, LayerBusy, RefusedError, UsageError
from umap_bot.model.approval_code import code_of
from umap_bot.model.base import Base
from umap_bot.model.change import Delete
from umap_bot.model.layer import Commit, Layer
from umap_bot.model.plan import Plan, pass_code
from umap_bot.model.policy import Limits, Policy
from umap_bot.model.run import Approval, Run
from umap_bot.model.state import LayerState, Unwritten
from umap_bot.reconcile.aims import Sync
from umap_bot.run.approving import approve, approving
from umap_bot.run.job import Job
from umap_bot.run.passes import Ended, code_of_plans, worst
from umap_bot.run.step import choose, step
from umap_bot.text import verbatim

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NONE = code_of("of no plan")


def plan(key: str, *, held: bool = True) -> Plan:
    return flat(
        layer_id=key, layer_name=key, map_name="Map", map_url="", version="1", commit=Commit(key),
        file="f.csv", key="id", policy=Policy(), first=False, changes=(Delete(key=key, name=key),), held=held,
    )  # fmt: skip


def run(layer: str, outcome: str = "held", code: int = 3, made: Plan | None = None) -> Run:
    made = made or plan(layer)
    return Run(
        number=1, layer=layer, kind="sync", commit=made.context.commit, started=NOON, plan=made,
        outcome="held" if outcome == "held" else "done", code=code,
    )  # fmt: skip


class Words:
    """What people approved, the newest last, and the runs that wait."""

    def __init__(self, *held: Run) -> None:
        self.held = held
        self.given: list[tuple[str, Approval]] = []
        self.count = 0

    def find_held(self, code: str) -> tuple[Run, ...]:
        return tuple(run for run in self.held if run.plan and run.plan.code == code)

    def waiting(self, layers: Iterable[str]) -> tuple[Run, ...]:
        return tuple(run for run in self.held if run.layer in list(layers))

    def approve(self, layer: str, approval: Approval, clock: object) -> Approval:
        self.count += 1
        self.given.append((layer, replace(approval, number=self.count)))
        return self.given[-1][1]

    def withdraw(self, numbers: Iterable[int]) -> None:
        taken = set(numbers)
        self.given = [(layer, given) for layer, given in self.given if given.number not in taken]

    def told(self) -> list[tuple[str, str, str]]:
        """Layer, code and commit of each."""
        return [(layer, of.code, of.commit.sha if of.commit else "") for layer, of in self.given]

    def of(self, layer: str) -> tuple[Approval, ...]:
        """Those of one layer, as its state has them: newest first."""
        return tuple(given for name, given in reversed(self.given) if name == layer)


class StillClock:
    def now(self) -> datetime:
        return NOON

    def pause(self, seconds: float) -> None:
        """Not needed here."""


def test_a_plan_is_approved_with_the_commit_that_it_was_made_of() -> None:
    words = Words(run("a"), run("b"))
    code = plan("b").code
    assert approve(["a", "b"], code.lower(), words, StillClock(), by="Anne") == (
        Approval(code, plan("b").fingerprint, Commit("b"), Policy(), "Anne", number=1),
    )
    assert words.told() == [("b", plan("b").code, "b")]


def test_one_code_of_the_pass_approves_all_that_wait() -> None:
    words = Words(run("a"), run("b"))
    code = pass_code([plan("b"), plan("a")])
    approve(["a", "b"], code, words, StillClock())
    assert words.told() == [("a", plan("a").code, "a"), ("b", plan("b").code, "b")]


def test_the_code_of_a_pass_is_another_when_another_plan_waits() -> None:
    code = pass_code([plan("a"), plan("b")])
    assert code != pass_code([plan("a"), plan("c")])
    words = Words(run("a"), run("b"), run("c"))
    approve(["a", "b", "c"], code, words, StillClock())
    assert [noted for _, noted, _ in words.told()] == [code] * 3, "noted, and of no plan that waits"


def test_a_code_that_no_run_held_is_noted_for_the_next_run() -> None:
    words = Words()
    assert approve(["a"], NONE, words, StillClock()) == (Approval(NONE, number=1),)
    assert words.told() == [("a", NONE, "")]


def test_a_code_of_two_plans_approves_neither() -> None:
    """Planted: to find two such plans takes longer than anybody has."""
    words = Words(run("a", made=plan("x")), run("a", made=plan("y")))
    words.find_held = lambda code: words.held  # type: ignore[method-assign]
    with pytest.raises(UsageError, match="Two different plans have the approval code"):
        approve(["a"], NONE, words, StillClock())
    assert words.given == []
    words.held = (run("a", made=plan("x")), run("a", made=plan("x")))
    approve(["a"], NONE, words, StillClock())
    assert words.told() == [("a", plan("x").code, "x")]


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
    code = pass_code([plan("b"), plan("a")])
    with approving(["a", "b"], code, words, StillClock(), Policy()):
        assert len(words.given) == 2
    assert words.given == []


def test_what_somebody_else_gave_for_the_same_plan_is_not_taken_back() -> None:
    words = Words(run("a"))
    code = plan("a").code
    (before,) = approve(["a"], code, words, StillClock())
    with approving(["a"], code, words, StillClock(), Policy()):
        (meanwhile,) = approve(["a"], code, words, StillClock())
        assert len(words.given) == 3
    assert words.given == [("a", before), ("a", meanwhile)]


# What of all that was approved a run aims at


class Files:
    """A dataset of which only these versions can be had; None is one that can't be read."""

    def __init__(self, head: str, **versions: Layer | None) -> None:
        self._head = head
        self._versions = versions

    def head(self) -> Commit:
        return Commit(self._head)

    def read(self, commit: Commit, base: Base | None = None) -> tuple[Commit, Layer]:
        if commit.sha not in self._versions:
            raise CommitGone(verbatim("gone"))
        version = self._versions[commit.sha]
        if version is None:
            raise DatasetError(verbatim("a row is wrong"))
        return commit, version

    def history(self, head: Commit, since: str = "") -> tuple[Commit, ...]:
        raise NotImplementedError

    def named(self, name: str, head: Commit) -> tuple[Commit, bool]:
        raise NotImplementedError


JOB = Job(layer="L", policy=Policy(), limits=Limits())
LIVE, BASE, _ = published(rows(a={}, b={}, c={}, d={}))
FILES = Files("newest", then=rows(a={}, b={}), newest=rows(a={}), unreadable=None)
"""Each version removes rows, so a person is asked; the newest all that the one before it removes."""


def held_of(commit: str) -> Plan:
    """The plan that waits, made of this version."""
    aim = Sync(*FILES.read(Commit(commit)), JOB.policy)
    made = step(LIVE, LayerState(base=BASE), aim, JOB).plan
    assert made.verdict.held
    return made


def chosen(*approvals: Approval) -> tuple[str, bool]:
    """Which version the run of L aims at, and whether its plan is approved."""
    state = LayerState(base=BASE, approvals=approvals)
    aim, outcome, _ = choose(JOB, FILES.head(), FILES, LIVE, state, Unwritten(), StillClock())
    assert outcome.plan.context.commit == aim.commit
    return aim.commit.sha, outcome.plan.verdict.approved


def test_an_approval_typed_for_another_layer_hides_none() -> None:
    """A code that no held run has is noted for every layer: here it is M's, L's own came before it."""
    words = Words(run("L", made=held_of("then")))
    approve(["L", "M"], held_of("then").code, words, StillClock())
    approve(["L", "M"], NONE, words, StillClock(), JOB.policy)
    assert [layer for layer, _ in words.given] == ["L", "L", "M"]
    assert chosen(*words.of("L")) == ("then", True)


OWN = Approval(held_of("then").code, held_of("then").fingerprint, Commit("then"), Policy())


@pytest.mark.parametrize("is_newer", [True, False])
@pytest.mark.parametrize(
    "other",
    [
        Approval(code=NONE),
        Approval(code=NONE, policy=Policy("keep")),
        Approval(code=NONE, commit=Commit("then")),
        Approval(code=NONE, commit=Commit("gone")),
        Approval(code=NONE, commit=Commit("unreadable")),
    ],
    ids=["of no plan", "with another policy", "of another plan", "of no commit", "of no dataset"],
)
def test_an_approval_of_nothing_that_is_found_hides_none(other: Approval, *, is_newer: bool) -> None:
    assert chosen(*((other, OWN) if is_newer else (OWN, other))) == ("then", True)
    assert chosen(other) == ("newest", False)


def test_what_the_newest_file_no_longer_wants_is_not_made_though_it_was_approved() -> None:
    right = Files("right", then=rows(a={}, b={}), right=rows(a={}, c={}))
    state = LayerState(base=BASE, approvals=(OWN,))
    aim, outcome, _ = choose(JOB, right.head(), right, LIVE, state, Unwritten(), StillClock())
    assert (aim.commit.sha, outcome.plan.verdict.held) == ("right", True)
    assert any("does not count" in each for each in outcome.plan.context.warnings)


def test_of_two_approved_plans_the_one_approved_last_is_made() -> None:
    newest = Approval(held_of("newest").code)
    assert chosen(newest, OWN) == ("newest", True)
    assert chosen(OWN, newest) == ("then", True)
    assert chosen() == ("newest", False)


def test_of_another_commit_the_same_file_is_approved_too() -> None:
    """History was rewritten: the approved commit is gone, and the file is the same."""
    same, other = Commit("newest", blob="same"), Commit("newest", blob="other")
    word = replace(OWN, commit=Commit("gone", blob="same"))

    def is_approved(head: Commit) -> bool:
        plan_ = but(held_of("newest"), commit=head)
        given = replace(word, fingerprint=but(plan_, commit=Commit("gone", blob="same")).fingerprint)
        return LayerState(approvals=(given,)).approval_of(plan_) is not None

    assert (is_approved(same), is_approved(other)) == (True, False)


def test_an_approval_of_before_is_told_of_where_a_plan_waits() -> None:
    state = LayerState(base=BASE, outdated=NOON)
    aim = Sync(*FILES.read(Commit("then")), JOB.policy)
    waits = step(LIVE, state, aim, JOB).plan
    assert waits.verdict.held
    assert any(
        "an earlier version of umap-bot and is no longer valid" in each for each in waits.context.warnings
    )
    assert waits.code == held_of("then").code
    goes_on = step(LIVE, replace(state, approvals=(OWN,)), aim, JOB).plan
    assert not any("no longer valid" in each for each in goes_on.context.warnings)
