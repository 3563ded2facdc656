"""A pass: every layer's run, those of different sites side by side. A layer that fails stops no other one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final, Protocol, TypeAlias

from umap_bot import progress
from umap_bot.errors import BotError, LayerBusy
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.ports import Clock, Journal
from umap_bot.run.job import Work
from umap_bot.run.lanes import Lane, Stopped, lanes_of, side_by_side
from umap_bot.run.run import run_once
from umap_bot.text import say

CHANGES = 2
HELD = 3


Ended: TypeAlias = tuple[str, Run | BotError]
"""The layer's name in the state, and its run, or why it failed."""


def never() -> bool:
    return False


def sync_all(
    works: Sequence[Work],
    journal: Journal,
    clock: Clock,
    patience: timedelta = timedelta(),
    stopped: Stopped = never,
) -> list[Ended]:
    """Sync each layer. What fails is in the log already; here it only must not stop the rest.

    A layer that kept features for another one to take over runs once more when that one has them; its lane
    is that of all layers which share the file. Once `stopped` says so, no run begins any more.
    """

    def run(lane: Lane, stopped: Stopped) -> dict[int, list[Ended]]:
        def sync(place: int) -> Ended:
            progress.layer(place + 1, len(works))
            return _sync(lane[place], journal, clock, patience, stopped)

        ended = {place: [sync(place)] for place in lane if not stopped()}
        for place, ends in ended.items():
            if _is_relieved(lane[place], ends[0][1]) and not stopped():
                ends.append(sync(place))
        return ended

    found = side_by_side(lanes_of(works), run, stopped)
    ends = [found[place] for place in sorted(found)]
    return [first for first, *_ in ends] + [second for _, *again in ends for second in again]


def _sync(work: Work, journal: Journal, clock: Clock, patience: timedelta, stopped: Stopped) -> Ended:
    until = clock.now() + patience
    while True:
        try:
            return work.job.layer, _once(work, journal, clock)
        except LayerBusy as busy:
            if clock.now() >= until or stopped():
                return work.job.layer, busy
            progress.step(say("Another run is working on the layer: waiting for it to end"))
            clock.pause(LOOK_AGAIN)
        except BotError as error:
            return work.job.layer, error
        except Exception as error:  # noqa: BLE001  its trace is kept, and the other layers go on
            return work.job.layer, journal.unforeseen(error)


def _once(work: Work, journal: Journal, clock: Clock) -> Run:
    if work.watch is None:
        return run_once(work.job, work.dataset, work.layer, journal, clock)
    from umap_bot.run.watching import watch_once  # noqa: PLC0415  all that compares: a sync may need none

    return watch_once(work.job, work.watch, work.layer, journal, clock)


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
    works: Sequence[Work],
    journal: Journal,
    clock: Clock,
    audience: Audience,
    patience: timedelta = NONE,
    stopped: Stopped = never,
) -> list[Ended]:
    """Sync each layer, and let it be heard. `patience` is how long to wait for one that another run has."""
    audience.begin()
    try:
        ended = sync_all(works, journal, clock, patience, stopped)
    except Exception:
        audience.end([], 1)  # a bug: whoever watches is to know it at once
        raise
    progress.step(say("Sending messages and writing pages"))
    told = [*ended, *sources_ended(works)]
    audience.end(told, worst(told))
    return ended


def sources_ended(works: Sequence[Work]) -> list[Ended]:
    """Return what there is to tell of where datasets are fetched from, each once, under its name."""
    sources = {id(work.source): work.source for work in works if work.source}
    return [(source.name, source.end) for source in sources.values() if source.end]


def preview_all(works: Sequence[Work], journal: Journal, clock: Clock) -> list[Plan | BotError]:
    """Return what a sync of each layer would do, or why that can't be told."""

    def look(place: int, work: Work) -> Plan | BotError:
        progress.layer(place + 1, len(works))
        return _preview(work, journal, clock)

    def run(lane: Lane, stopped: Stopped) -> dict[int, Plan | BotError]:
        return {place: look(place, work) for place, work in lane.items() if not stopped()}

    found = side_by_side(lanes_of(works), run, never)
    return [found[place] for place in sorted(found)]


def _preview(work: Work, journal: Journal, clock: Clock) -> Plan | BotError:
    from umap_bot.run.attempt import preview  # noqa: PLC0415  as the run does: no idle run is to load it

    try:
        state = journal.load(work.job.layer, clock, changes=work.job.policy.asks_of_last_run)
        return preview(work.job, work.dataset, work.layer, state, clock).plan
    except BotError as error:
        return error
    except Exception as error:  # noqa: BLE001  its trace is kept, and the other layers are told of
        return journal.unforeseen(error)


def code_of_plans(plans: Iterable[Plan | BotError]) -> int:
    """Return the exit code of plans: 0 nothing to do, 2 changes, 3 something waits; of errors, as `worst`
    does."""
    codes = [_code_of(plan) for plan in plans]
    return 1 if 1 in codes else max(codes, default=0)


def _code_of(plan: Plan | BotError) -> int:
    if isinstance(plan, BotError):
        return plan.code
    waits = plan.verdict.asks or plan.context.rows_wait
    return HELD if waits else CHANGES if plan.effects.changes else 0


def worst(ended: Iterable[Ended]) -> int:
    """Return the exit code of a pass: 1 if any is 1, else the highest."""
    codes = [end.code for _, end in ended]
    return 1 if 1 in codes else max(codes, default=0)
