"""A person's word for a plan that waits: which plan a code means, and the word written down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from umap_bot.model.layer import Commit
from umap_bot.model.plan import Plan, pass_digest
from umap_bot.model.policy import Policy
from umap_bot.model.run import Approval, Run
from umap_bot.ports import Clock


class Approvals(Protocol):
    """Where a person's word is written down."""

    def find_held(self, code: str) -> tuple[Run, ...]: ...
    def waiting(self, layers: Iterable[str]) -> tuple[Run, ...]: ...
    def approve(self, layer: str, approval: Approval, clock: Clock) -> Approval: ...
    def withdraw(self, numbers: Iterable[int]) -> None: ...


def approve(
    layers: Iterable[str], code: str, approvals: Approvals, clock: Clock, policy: Policy | None = None
) -> tuple[Approval, ...]:
    """Write down a person's word for a plan of one of the layers, or for all plans of a pass that wait.

    With it go the commit and the policy that a held plan was made with. What was written is returned. A code
    that no held run has is written down too, for every layer, with `policy`: the next run makes its plan
    anyway, and may find just that one. Raise UsageError if CODE is no code of a plan.
    """
    named = list(layers)
    held = [run for run in approvals.find_held(code) if run.layer in named][:1]
    held = held or _of_pass(approvals.waiting(named), code)
    given = [(run.layer, _word(run.plan, run.commit)) for run in held if run.plan]
    given = given or [(layer, Approval(digest=code, policy=policy)) for layer in named]
    return tuple(approvals.approve(layer, approval, clock) for layer, approval in given)


def _word(plan: Plan, commit: Commit) -> Approval:
    """Return the approval of what a plan asks. Parts are done with whatever the newest file says beside them:
    from the commit that they were asked of, the rest would be as it was then."""
    of_parts = bool(plan.verdict.waiting)
    return Approval(digest=plan.question, commit=None if of_parts else commit, policy=plan.effects.policy)


def _of_pass(waiting: tuple[Run, ...], code: str) -> list[Run]:
    """Return the runs that wait, if the code is that of all their plans together."""
    several = len(waiting) > 1
    whole = pass_digest(run.plan for run in waiting if run.plan)
    return list(waiting) if several and whole.startswith(code) else []


@contextmanager
def approving(
    layers: Iterable[str], code: str | None, approvals: Approvals, clock: Clock, policy: Policy
) -> Iterator[None]:
    """Approve for what is done within, and take back what it had no use for, and nothing else."""
    given = approve(layers, code, approvals, clock, policy) if code else ()
    try:
        yield
    finally:
        if given:
            approvals.withdraw([each.number for each in given])
