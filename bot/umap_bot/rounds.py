"""A pass: every layer's run, one after the other. One failing layer never stops the others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, Protocol, TypeAlias

import msgspec

from umap_bot.errors import BotError, LayerBusy, UsageError
from umap_bot.job import Job
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.ports import Clock, Dataset, Journal, LiveLayer
from umap_bot.reconcile.aims import Adopt
from umap_bot.reconcile.outcome import Outcome
from umap_bot.reconcile.pairing import NEAR
from umap_bot.reconcile.undo.rollback import Rollback
from umap_bot.run import carry_out, preview, preview_of, run_once
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
    if isinstance(end, BotError) or end.plan is None or not end.plan.context.awaited:
        return False
    try:
        return len(work.dataset.read(end.commit)[1].awaited) < len(end.plan.context.awaited)
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


def preview_all(works: Iterable[Work], journal: Journal, clock: Clock) -> list[Plan | BotError]:
    """Return what a sync of each layer would do, or why that can't be told."""
    return [_preview(work, journal, clock) for work in works]


def _preview(work: Work, journal: Journal, clock: Clock) -> Plan | BotError:
    try:
        state = journal.load(work.job.layer, clock)
        return preview(work.job, work.dataset, work.layer, state, clock).plan
    except BotError as error:
        return error
    except Exception as error:  # noqa: BLE001  its trace is kept, and the other layers are told of
        return journal.unforeseen(error)


class Adoption(msgspec.Struct, frozen=True):
    """How features drawn by hand are to be matched: columns, metres, and pairs settled by hand."""

    match: tuple[str, ...] = ("name",)
    near: float = NEAR
    by_hand: dict[str, str] = {}

    def aim(self, work: Work) -> Adopt:
        commit, desired = work.dataset.read(work.dataset.head())
        return Adopt(commit, desired, work.job.policy, self.match, self.near, self.by_hand)


def preview_adoption(work: Work, adoption: Adoption, journal: Journal, clock: Clock) -> Outcome:
    """Return what an adoption would write, and how all was matched. Writes nothing."""
    return preview_of(adoption.aim(work), work.job, work.layer, journal.load(work.job.layer, clock))


def adopt(work: Work, adoption: Adoption, journal: Journal, clock: Clock) -> Run:
    """Write the key of the pairs that are sure, if a person approved just that."""
    aim = adoption.aim(work)
    return carry_out(lambda: aim, aim.kind, work.job, work.layer, journal, clock)


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


def preview_rollback(number: int, work: Work, log: Log, journal: Journal, clock: Clock) -> Plan:
    """Return what undoing a run would do. Writes nothing. Raise UsageError as `to_undo` does."""
    aim = to_undo(number, work, log)
    return preview_of(aim, work.job, work.layer, journal.load(work.job.layer, clock)).plan


def rollback(number: int, work: Work, log: Log, journal: Journal, clock: Clock) -> Run:
    """Undo a run. Raise as run_once does, and UsageError as `to_undo` does."""
    to_undo(number, work, log, known=False)  # what is wrong from the start is no run of its own

    return carry_out(lambda: to_undo(number, work, log), "rollback", work.job, work.layer, journal, clock)


def code_of_plans(plans: Iterable[Plan | BotError]) -> int:
    """Return the exit code of plans: 0 nothing to do, 2 changes, 3 held; of errors, as `worst` does."""
    codes = [_code_of(plan) for plan in plans]
    return 1 if 1 in codes else max(codes, default=0)


def _code_of(plan: Plan | BotError) -> int:
    if isinstance(plan, BotError):
        return plan.code
    return HELD if plan.verdict.held else CHANGES if plan.effects.changes else 0


def worst(ended: Iterable[Ended]) -> int:
    """Return the exit code of a pass: 1 if any is 1, else the highest."""
    codes = [end.code for _, end in ended]
    return 1 if 1 in codes else max(codes, default=0)
