"""A person's word for a plan that waits: which plan a code means, and the word written down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from umap_bot.errors import UsageError
from umap_bot.model.approval_code import read_code
from umap_bot.model.layer import Commit
from umap_bot.model.plan import Plan, pass_code
from umap_bot.model.policy import Policy
from umap_bot.model.run import Approval, Run
from umap_bot.ports import Clock
from umap_bot.text import NOTHING, Text, joined, say


class Approvals(Protocol):
    """Where a person's word is written down."""

    def find_held(self, code: str) -> tuple[Run, ...]: ...
    def waiting(self, layers: Iterable[str]) -> tuple[Run, ...]: ...
    def approve(self, layer: str, approval: Approval, clock: Clock) -> Approval: ...
    def withdraw(self, numbers: Iterable[int]) -> None: ...


def approve(
    layers: Iterable[str],
    typed: str,
    approvals: Approvals,
    clock: Clock,
    policy: Policy | None = None,
    by: str = "",
) -> tuple[Approval, ...]:
    """Write down a person's word for a plan of one of the layers, or for all plans of a pass that wait.

    `typed` is the plan's code as that person typed it, `by` who that is. With the word go the commit and the
    policy that a held plan was made with. What was written is returned. A code that no held run has is
    written down too, for every layer, with `policy`: the next run makes its plan anyway, and may find just
    that one. Raise UsageError if it is no code, or that of two plans.
    """
    named, code = list(layers), read_code(typed)
    held = _of_one_plan([run for run in approvals.find_held(code) if run.layer in named], code)
    held = held or _of_pass(approvals.waiting(named), code)
    given = [(run.layer, _word(run.plan, run.commit, by)) for run in held if run.plan]
    given = given or [(layer, Approval(code, policy=policy, by=by)) for layer in named]
    return tuple(approvals.approve(layer, approval, clock) for layer, approval in given)


def _word(plan: Plan, commit: Commit, by: str) -> Approval:
    """Return the approval of what a plan asks. Parts are done with whatever the newest file says beside them:
    from the commit that they were asked of, the rest would be as it was then."""
    of_parts = bool(plan.verdict.waiting)
    return Approval(plan.code, plan.fingerprint, None if of_parts else commit, plan.effects.policy, by)


def _of_one_plan(held: list[Run], code: str) -> list[Run]:
    """Return the newest of the runs that one plan was held in. Raise UsageError if they are of two plans."""
    if len({run.plan.fingerprint for run in held if run.plan}) > 1:
        raise UsageError(
            say("Two different plans have the approval code {code}, so it approves neither.", code=code),
            way_out=say(
                "This does not happen by accident: check who changed the file. Any further change "
                "to it gives a new code."
            ),
        )
    return held[:1]


def _of_pass(waiting: tuple[Run, ...], code: str) -> list[Run]:
    """Return the runs that wait, if the code is that of all their plans together."""
    several = len(waiting) > 1
    return list(waiting) if several and pass_code(run.plan for run in waiting if run.plan) == code else []


class Log(Protocol):
    """Where it stands what became of a plan."""

    def find_held(self, code: str) -> tuple[Run, ...]: ...
    def carried_out(self, held: Run) -> int | None: ...


def refuse_used(typed: str, layers: Iterable[str], log: Log) -> None:
    """Raise UsageError for the code of a plan that a run has carried out since it was asked last."""
    named, code = set(layers), read_code(typed)
    newest = {run.layer: run for run in reversed(log.find_held(code)) if run.layer in named}
    for held in newest.values():
        if used := log.carried_out(held):
            raise UsageError(
                say("Run {number} carried out plan {code}. A code works once.", number=used, code=code),
                way_out=say("See what waits now: umap-bot decisions"),
            )


def take_back(code: str, given: Iterable[Approval], approvals: Approvals) -> None:
    """Take back the approvals with this code among those that can be used. Raise UsageError if there are
    none."""
    numbers = [each.number for each in given if each.code == code]
    if not numbers:
        raise UsageError(
            say("No approval with the code {code} is waiting for a sync.", code=code),
            way_out=say("To list them: umap-bot decisions"),
        )
    approvals.withdraw(numbers)


def unused(typed: str, runs: Iterable[Run]) -> Text:
    """Return that none of these runs had a use for the code that a person typed; "" if one had."""
    ended = list(runs)
    if any(run.approved for run in ended):
        return NOTHING
    code = read_code(typed)
    unknown = say("The approval code {code} was not used: it is not the code of this plan.", code=code)
    if any(run.waits for run in ended):
        return joined((unknown, say("The plan shows the code that is needed now.")))
    return joined((unknown, say("Nothing needed approval.")))


@contextmanager
def approving(
    layers: Iterable[str],
    typed: str | None,
    approvals: Approvals,
    clock: Clock,
    policy: Policy,
    by: str = "",
) -> Iterator[None]:
    """Approve for what is done within, and take back what it had no use for, and nothing else."""
    given = approve(layers, typed, approvals, clock, policy, by) if typed else ()
    try:
        yield
    finally:
        if given:
            approvals.withdraw([each.number for each in given])
