"""What one run did is undone: looked at, or carried out."""

from __future__ import annotations

from typing import Protocol

from umap_bot.errors import UsageError
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.ports import Clock, Journal
from umap_bot.reconcile.undo.rollback import Rollback
from umap_bot.run.attempt import carry_out, preview_of
from umap_bot.run.job import Work
from umap_bot.text import say


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
            way_out=say("To list the runs: umap-bot log"),
        )
    if not run.applied and not (run.outcome == "unfinished" and not known):
        raise UsageError(
            say("Run {number} changed nothing on the map, so there is nothing to roll back.", number=number),
            way_out=say("To see what each run changed: umap-bot log"),
        )
    return Rollback(run, work.job.policy, log.runs_after(run))


def preview_rollback(number: int, work: Work, log: Log, journal: Journal, clock: Clock) -> Plan:
    """Return what undoing a run would do. Writes nothing. Raise UsageError as `to_undo` does."""
    aim = to_undo(number, work, log)
    state = journal.load(work.job.layer, clock, changes=False)
    return preview_of(aim, work.job, work.layer, state, clock).plan


def rollback(number: int, work: Work, log: Log, journal: Journal, clock: Clock) -> Run:
    """Undo a run. Raise as run_once does, and UsageError as `to_undo` does."""
    to_undo(number, work, log, known=False)  # what is wrong from the start is no run of its own

    return carry_out(lambda: to_undo(number, work, log), "rollback", work.job, work.layer, journal, clock)
