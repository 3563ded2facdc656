"""A pass: every layer's run, one after the other. One failing layer never stops the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, Protocol, TypeAlias

import msgspec

from umap_bot.errors import BotError, LayerBusy, UsageError
from umap_bot.model.layer import Commit
from umap_bot.model.pairing import Pairing
from umap_bot.model.plan import Plan, pass_digest
from umap_bot.model.policy import Policy
from umap_bot.model.run import Approval, Run
from umap_bot.ports import Clock, Dataset, Journal, LiveLayer, Recall
from umap_bot.reconcile.aims import Adopt
from umap_bot.reconcile.pairing import NEAR
from umap_bot.reconcile.undo.rollback import Rollback
from umap_bot.sync import Job, carry_out, carry_out_found, glance, preview, preview_of, run_once
from umap_bot.text import say

CHANGES = 2
HELD = 3


class Work(msgspec.Struct, frozen=True):
    """One layer to keep, with the two sides that the run is handed."""

    job: Job
    dataset: Dataset
    layer: LiveLayer


Ended: TypeAlias = tuple[str, Run | BotError]
"""The layer's name in the state, and its run, or why it failed."""


def sync_all(
    works: Iterable[Work], journal: Journal, clock: Clock, patience: timedelta = timedelta()
) -> list[Ended]:
    """Sync each layer. What fails is in the log already; here it only must not stop the rest.

    A layer that kept features for another one to take over runs once more when that one has them.
    """
    named = [(work, _sync(work, journal, clock, patience)) for work in works]
    again = [_sync(work, journal, clock, patience) for work, (_, end) in named if _is_relieved(work, end)]
    return [*(ended for _, ended in named), *again]


def _sync(work: Work, journal: Journal, clock: Clock, patience: timedelta) -> Ended:
    until = clock.now() + patience
    while True:
        try:
            return work.job.layer, run_once(work.job, work.dataset, work.layer, journal, clock)
        except LayerBusy as busy:
            if clock.now() >= until:
                return work.job.layer, busy
            clock.pause(LOOK_AGAIN)
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


NONE: Final = timedelta()
PATIENCE: Final = timedelta(minutes=15)
"""How long `sync --wait` waits for a layer: longer than a lease."""

LOOK_AGAIN: Final = 2.0
"""Seconds between two looks at a layer that another run has, perhaps on another machine."""


def make_pass(
    works: Iterable[Work], journal: Journal, clock: Clock, audience: Audience, patience: timedelta = NONE
) -> list[Ended]:
    """Sync each layer, and let it be heard. `patience` is how long to wait for one that another run has."""
    audience.begin()
    try:
        ended = sync_all(works, journal, clock, patience)
    except Exception:
        audience.end([], 1)  # a bug: whoever watches is to know it at once
        raise
    audience.end(ended, worst(ended))
    return ended


def preview_all(
    works: Iterable[Work], recall: Callable[[str], Recall], clock: Clock
) -> list[Plan | BotError]:
    """Return what a sync of each layer would do, or why that can't be told."""
    return [_preview(work, recall(work.job.layer), clock) for work in works]


def _preview(work: Work, recall: Recall, clock: Clock) -> Plan | BotError:
    try:
        return preview(work.job, work.dataset, work.layer, recall, clock)
    except BotError as error:
        return error


class Approvals(Protocol):
    """Where a person's word is written down."""

    def find_held(self, code: str) -> tuple[Run, ...]: ...
    def waiting(self, layers: Iterable[str]) -> tuple[Run, ...]: ...
    def approve(self, layer: str, code: str, clock: Clock, given: Approval | None = None) -> None: ...
    def withdraw(self, layer: str, code: str) -> None: ...


class Given(msgspec.Struct, frozen=True):
    """A word that was written down: for which plan of which layer, and of which commit (None: the newest)."""

    layer: str
    digest: str
    commit: Commit | None = None


def approve(
    layers: Iterable[str], code: str, approvals: Approvals, clock: Clock, policy: Policy | None = None
) -> tuple[Given, ...]:
    """Write down a person's word for a plan of one of the layers, or for all plans of a pass that wait.

    With it go the commit and the policy that a held plan was made with. What was written is given back. A
    code that no held run has is written down too, for every layer, with `policy`: the next run makes its
    plan anyway, and may find just that one.
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
    given = [Given(run.layer, run.plan.digest if run.plan else code, run.commit) for run in held]
    policies = [run.plan.policy if run.plan else policy for run in held]
    for one, with_policy in zip(given, policies, strict=True):
        approvals.approve(one.layer, one.digest, clock, Approval(one.commit, with_policy))
    if held:
        return tuple(given)
    for layer in named:
        approvals.approve(layer, code, clock, Approval(policy=policy))
    return tuple(Given(layer, code) for layer in named)


@contextmanager
def approving(
    layers: Iterable[str], code: str | None, approvals: Approvals, clock: Clock, policy: Policy
) -> Iterator[None]:
    """Approve for what is done within, and take back what it had no use for."""
    given = approve(layers, code, approvals, clock, policy) if code else ()
    try:
        yield
    finally:
        for one in given:
            approvals.withdraw(one.layer, one.digest)


class Adoption(msgspec.Struct, frozen=True):
    """How features drawn by hand are to be matched: columns, metres, and pairs settled by hand."""

    match: tuple[str, ...] = ("name",)
    near: float = NEAR
    by_hand: dict[str, str] = {}

    def aim(self, work: Work) -> Adopt:
        commit, desired = work.dataset.read(work.dataset.head())
        return Adopt(commit, desired, work.job.policy, self.match, self.near, self.by_hand)


def preview_adoption(work: Work, adoption: Adoption, recall: Recall) -> tuple[Plan, Pairing]:
    """Return what an adoption would write, and how all was matched. Writes nothing."""
    aim = adoption.aim(work)
    live, base = glance(work.layer, recall)
    return preview_of(aim, live, base, work.job, recall), aim.pairing(live, base)


def adopt(work: Work, adoption: Adoption, journal: Journal, clock: Clock) -> Run:
    """Write the key of the pairs that are sure, if a person approved just that."""
    return carry_out(adoption.aim(work), work.job, work.layer, journal, clock)


class Log(Protocol):
    """What was done, to be read."""

    def run(self, number: int) -> Run | None: ...
    def runs_after(self, run: Run) -> tuple[Run, ...]: ...


def to_undo(number: int, work: Work, log: Log, *, known: bool = True) -> Rollback:
    """Return the aim of undoing a run of this layer. `known`: it was looked at what came of all pushes.

    Raise UsageError if there is nothing of it to undo.
    """
    run = log.run(number)
    if run is None or run.layer != work.job.layer:
        raise UsageError(
            say("There is no run {number} of this layer in the log.", number=number),
            way_out=say("umap-bot log names them."),
        )
    if not run.applied and not (run.outcome == "unfinished" and not known):
        raise UsageError(
            say("Run {number} changed nothing on the map, so there is nothing to undo.", number=number),
            way_out=say("umap-bot log tells which run changed what."),
        )
    return Rollback(run, work.job.policy, log.runs_after(run))


def preview_rollback(number: int, work: Work, log: Log, recall: Recall) -> Plan:
    """Return what undoing a run would do. Writes nothing. Raise UsageError as `to_undo` does."""
    aim = to_undo(number, work, log)
    live, base = glance(work.layer, recall)
    return preview_of(aim, live, base, work.job, recall)


def rollback(number: int, work: Work, log: Log, journal: Journal, clock: Clock) -> Run:
    """Undo a run. Raise as run_once does, and UsageError as `to_undo` does."""
    to_undo(number, work, log, known=False)  # what is wrong from the start is no run of its own

    def found() -> Rollback:
        return to_undo(number, work, log)

    return carry_out_found(found, "rollback", work.job, work.layer, journal, clock)


def code_of_plans(plans: Iterable[Plan | BotError]) -> int:
    """Return the exit code of plans: 0 nothing to do, 2 changes, 3 held; of errors, as `worst` does."""
    codes = [_code_of(plan) for plan in plans]
    return 1 if 1 in codes else max(codes, default=0)


def _code_of(plan: Plan | BotError) -> int:
    if isinstance(plan, BotError):
        return plan.code
    return HELD if plan.held else CHANGES if plan.changes else 0


def worst(ended: Iterable[Ended]) -> int:
    """Return the exit code of a pass: 1 if any is 1, else the highest."""
    codes = [end.code for _, end in ended]
    return 1 if 1 in codes else max(codes, default=0)
