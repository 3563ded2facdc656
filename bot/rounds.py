"""A pass: every layer's run, one after the other. One failing layer never stops the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeAlias

import msgspec

from bot.errors import BotError
from bot.model.layer import Commit
from bot.model.pairing import Pairing
from bot.model.plan import Plan, pass_digest
from bot.model.policy import Policy
from bot.model.run import Approval, Run
from bot.ports import Clock, Dataset, Journal, LiveLayer, Recall
from bot.reconcile.aims import Adopt
from bot.reconcile.pairing import NEAR
from bot.sync import Job, carry_out, glance, preview, preview_of, run_once

CHANGES = 2
HELD = 3


class Work(msgspec.Struct, frozen=True):
    """One layer to keep, with the two sides that the run is handed."""

    job: Job
    dataset: Dataset
    layer: LiveLayer


Ended: TypeAlias = tuple[str, Run | BotError]
"""The layer's name in the state, and its run, or why it failed."""


def sync_all(works: Iterable[Work], journal: Journal, clock: Clock) -> list[Ended]:
    """Sync each layer. What fails is in the log already; here it only must not stop the rest.

    A layer that kept features for another one to take over runs once more when that one has them.
    """
    named = [(work, _sync(work, journal, clock)) for work in works]
    again = [_sync(work, journal, clock) for work, (_, end) in named if _is_relieved(work, end)]
    return [*(ended for _, ended in named), *again]


def _sync(work: Work, journal: Journal, clock: Clock) -> Ended:
    try:
        return work.job.layer, run_once(work.job, work.dataset, work.layer, journal, clock)
    except BotError as error:
        return work.job.layer, error


def _is_relieved(work: Work, end: Run | BotError) -> bool:
    """Tell whether features that the run kept for other layers are no longer awaited by all of these."""
    if isinstance(end, BotError) or end.plan is None or not end.plan.waiting:
        return False
    try:
        return len(work.dataset.read(end.commit)[1].awaited) < len(end.plan.waiting)
    except BotError:
        return False  # the next pass will tell


class Audience(Protocol):
    """Who hears of a pass. Nothing that goes wrong here may fail a run: it is logged."""

    def begin(self) -> None: ...
    def end(self, ended: list[Ended], code: int) -> None: ...


def make_pass(works: Iterable[Work], journal: Journal, clock: Clock, audience: Audience) -> list[Ended]:
    """Sync each layer, and let it be heard."""
    audience.begin()
    ended = sync_all(works, journal, clock)
    audience.end(ended, worst(ended))
    return ended


def preview_one(work: Work, recall: Recall) -> Plan:
    """Give what a sync of this layer would do."""
    return preview(work.job, work.dataset, work.layer, recall)


class Approvals(Protocol):
    """Where a person's word is written down."""

    def find_held(self, code: str) -> tuple[Run, ...]: ...
    def waiting(self, layers: Iterable[str]) -> tuple[Run, ...]: ...
    def approve(self, layer: str, code: str, clock: Clock, given: Approval | None = None) -> None: ...
    def withdraw(self, layer: str, code: str) -> None: ...


def approve(
    layers: Iterable[str], code: str, approvals: Approvals, clock: Clock, policy: Policy | None = None
) -> tuple[Commit, ...]:
    """Write down a person's word for a plan of one of the layers, or for all plans of a pass that wait.

    With it go the commit and the policy that a held plan was made with; the commits are given back. A code
    that no held run has is written down too, for every layer, with `policy`: the next run makes its plan
    anyway, and may find just that one.
    Raise UsageError if CODE is no code of a plan.
    """
    named = list(layers)
    held = [run for run in approvals.find_held(code)[:1] if run.layer in named]
    waiting = approvals.waiting(named)
    if (
        not held
        and len(waiting) > 1
        and pass_digest(run.plan for run in waiting if run.plan).startswith(code)
    ):
        held = list(waiting)
    for run in held:
        digest, with_policy = (run.plan.digest, run.plan.policy) if run.plan else (code, policy)
        approvals.approve(run.layer, digest, clock, Approval(run.commit, with_policy))
    for layer in named if not held else ():
        approvals.approve(layer, code, clock, Approval(policy=policy))
    return tuple(run.commit for run in held)


@contextmanager
def approving(
    layers: Iterable[str], code: str | None, approvals: Approvals, clock: Clock, policy: Policy
) -> Iterator[None]:
    """Approve for what is done within, and take back what it had no use for."""
    named = list(layers)
    if code:
        approve(named, code, approvals, clock, policy)
    try:
        yield
    finally:
        for layer in named if code else ():
            approvals.withdraw(layer, code or "")


class Adoption(msgspec.Struct, frozen=True):
    """How features drawn by hand are to be matched: columns, metres, and pairs settled by hand."""

    match: tuple[str, ...] = ("name",)
    near: float = NEAR
    by_hand: dict[str, str] = {}

    def aim(self, work: Work) -> Adopt:
        commit, desired = work.dataset.read(work.dataset.head())
        return Adopt(commit, desired, work.job.policy, self.match, self.near, self.by_hand)


def preview_adoption(work: Work, adoption: Adoption, recall: Recall) -> tuple[Plan, Pairing]:
    """Give what an adoption would write, and how all was matched. Writes nothing."""
    aim = adoption.aim(work)
    live, base = glance(work.layer, recall)
    return preview_of(aim, live, base, work.job, recall), aim.pairing(live, base)


def adopt(work: Work, adoption: Adoption, journal: Journal, clock: Clock) -> Run:
    """Write the key of the pairs that are sure, if a person approved just that."""
    return carry_out(adoption.aim(work), work.job, work.layer, journal, clock)


def code_of_plans(plans: Iterable[Plan]) -> int:
    """Give the exit code of plans: 0 nothing to do, 2 changes, 3 held."""
    return max((HELD if plan.held else CHANGES if plan.changes else 0 for plan in plans), default=0)


def worst(ended: Iterable[Ended]) -> int:
    """Give the exit code of a pass: 1 if any is 1, else the highest."""
    codes = [end.code for _, end in ended]
    return 1 if 1 in codes else max(codes, default=0)
