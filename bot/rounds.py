"""A pass: every layer's run, one after the other. One failing layer never stops the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeAlias

import msgspec

from bot.errors import BotError
from bot.model.layer import Commit
from bot.model.plan import Plan
from bot.model.run import Run
from bot.ports import Clock, Dataset, Journal, LiveLayer, Recall
from bot.sync import Job, preview, run_once

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
    """Sync each layer. What fails is in the log already; here it only must not stop the rest."""
    ended: list[Ended] = []
    for work in works:
        try:
            ended.append((work.job.layer, run_once(work.job, work.dataset, work.layer, journal, clock)))
        except BotError as error:
            ended.append((work.job.layer, error))
    return ended


def preview_one(work: Work, recall: Recall) -> Plan:
    """Give what a sync of this layer would do."""
    return preview(work.job, work.dataset, work.layer, recall)


class Approvals(Protocol):
    """Where a person's word is written down."""

    def find_held(self, code: str) -> tuple[Run, ...]: ...
    def approve(self, layer: str, code: str, clock: Clock, commit: Commit | None = None) -> None: ...


def approve_one(layer: str, code: str, approvals: Approvals, clock: Clock) -> Commit | None:
    """Write down a person's word for a plan, with the commit that the plan was made of, if a run held it.

    Raise UsageError if CODE is no code of a plan.
    """
    held = next((run for run in approvals.find_held(code) if run.layer == layer), None)
    commit = held.commit if held else None
    approvals.approve(layer, code, clock, commit)
    return commit


def code_of_plans(plans: Iterable[Plan]) -> int:
    """Give the exit code of plans: 0 nothing to do, 2 changes, 3 held."""
    return max((HELD if plan.held else CHANGES if plan.changes else 0 for plan in plans), default=0)


def worst(ended: Iterable[Ended]) -> int:
    """Give the exit code of a pass: 1 if any is 1, else the highest."""
    codes = [end.code for _, end in ended]
    return 1 if 1 in codes else max(codes, default=0)
