"""The service: every layer on its schedule, until it is stopped.

Layers of one schedule are one pass: one login a map, one fetch a repository. A pass never meets itself, and
what was missed while the machine slept is made up for by one run. This is the service that has its state for
itself; for several on one database see `sharing`.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Final

from apscheduler.events import EVENT_SCHEDULER_STARTED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.blocking import BlockingScheduler

from umap_bot.errors import BotError, LayerBusy
from umap_bot.model.run import Run
from umap_bot.redaction import redact
from umap_bot.report.formats.terminal import one_line
from umap_bot.report.language import Language
from umap_bot.report.log import summary
from umap_bot.run.lanes import Stopped
from umap_bot.run.passes import Ended
from umap_bot.schedule.schedule import Schedule
from umap_bot.schedule.ticks import Ticks
from umap_bot.schedule.trigger import ScheduleTrigger
from umap_bot.text import Text, say

log = logging.getLogger(__name__)

WORKERS: Final = 4
"""Passes at the same time. More would be unkind to one uMap."""

JITTER: Final = 30.0
"""Seconds, at most, that a pass begins later than its time: not every bot of a site at the same second."""

LOOK: Final = 60.0
"""Seconds between two looks at the clock, which may be set while the next run is waited for."""

PASSING: Final = frozenset({1, 4, 12, 14, 15, 16})
"""Exit codes of trouble that may pass by itself. After others only a person's doing helps, and its next
time is soon enough."""

FIRST_PAUSE: Final = timedelta(minutes=5)
LONGEST_PAUSE: Final = timedelta(hours=1)

Pass = Callable[[Sequence[str], Stopped], list[Ended]]
"""Syncs the layers of these names, until it is stopped, and lets it be heard."""


class Service:
    """Serves layers until `stop`. `schedules` goes from a layer's name in the state to its schedule."""

    def __init__(
        self, schedules: Mapping[str, Schedule], make_pass: Pass, tongue: Language, *, jitter: float = JITTER
    ) -> None:
        self._schedules = schedules
        self._make_pass = make_pass
        self._tongue = tongue
        self._jitter = jitter
        self._pauses = Pauses()
        self._stopped = Event()
        self._workers = ThreadPoolExecutor(WORKERS)
        self._scheduler = BlockingScheduler(
            executors={"default": self._workers},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        self._scheduler.add_listener(self._begun, EVENT_SCHEDULER_STARTED)

    def run(self) -> None:
        """Run every pass once now, then each when it is due. Comes back when it was stopped, and the runs
        under way have ended.
        """
        groups: defaultdict[Schedule, list[str]] = defaultdict(list)
        for layer, schedule in self._schedules.items():
            groups[schedule].append(layer)
        for schedule, layers in groups.items():
            trigger = ScheduleTrigger(schedule, jitter=self._jitter)
            self._scheduler.add_job(self._pass, trigger, [layers], next_run_time=datetime.now(UTC))
        watcher = Thread(target=self._watch, name="clock")
        watcher.start()
        try:
            self._scheduler.start()
        except JobLookupError:
            # Stopped while it took a retry off its list, APScheduler looks for it on another one.
            if not self._stopped.is_set():
                raise
        finally:
            self._stopped.set()
            watcher.join()
        self._workers.shutdown()

    def stop(self) -> None:
        """Begin no run any more, and let those under way end. May be called before `run`, and twice.

        Not by a signal's handler itself, which may have interrupted the holder of a lock: by a thread of it.
        """
        self._stopped.set()
        with suppress(SchedulerNotRunningError):  # not yet, or not any more
            # It would wait with locks in hand that a run under way may need, to be tried again.
            self._scheduler.shutdown(wait=False)

    def _begun(self, _event: object) -> None:
        """See whether it was to stop before it had begun."""
        if self._stopped.is_set():
            self.stop()

    def _watch(self) -> None:
        """See that the clock was set: APScheduler sleeps for as long as it took the next run to be away."""
        ticks = Ticks(_now())
        while not self._stopped.wait(LOOK):
            now = _now()
            if before := ticks.set_back(now):
                log.warning("%s", self._tongue.say(clock_set_back(before, now)))
                self._plan_anew(now)
            self._scheduler.wakeup()

    def _plan_anew(self, now: datetime) -> None:
        """Plan each run from this moment on, and what is to be tried again at once."""
        self._pauses.forget()
        for job in self._scheduler.get_jobs():
            planned = isinstance(job.trigger, ScheduleTrigger)
            due = job.trigger.get_next_fire_time(None, now) if planned else now
            with suppress(JobLookupError):  # it has just begun, for the last time
                job.modify(next_run_time=due)

    def _pass(self, layers: Sequence[str]) -> None:
        if self._stopped.is_set():
            return
        now = _now()
        due = [layer for layer in layers if not self._pauses.holds(layer, now)]
        ended = ended_of(self._make_pass, due, self._stopped.is_set)
        with ExitStack() as notes:  # all are made, whatever goes wrong with one; that is raised at the end
            for layer, end in reversed(ended):
                notes.callback(self._try_again, layer, end)
                notes.callback(line, layer, end, self._tongue)

    def _try_again(self, layer: str, end: Run | BotError) -> None:
        """See to it that trouble which may pass is tried again, in growing pauses."""
        again = self._pauses.after(layer, end, _now())
        if again is not None and not self._stopped.is_set():
            self._scheduler.add_job(
                self._pass, "date", [[layer]], run_date=again, id=layer, replace_existing=True
            )


class Pauses:
    """How long each layer is left alone after trouble that may pass by itself."""

    def __init__(self) -> None:
        self._failures: Counter[str] = Counter()
        self._until: dict[str, datetime] = {}

    def forget(self) -> None:
        """End all pauses; how often each layer failed stays."""
        self._until.clear()

    def holds(self, layer: str, now: datetime) -> bool:
        return now < self._until.get(layer, now)

    def after(self, layer: str, end: Run | BotError, now: datetime) -> datetime | None:
        """Return when a layer is to be tried again, None if its schedule is soon enough."""
        if end.code not in PASSING:
            self._failures.pop(layer, None)
            self._until.pop(layer, None)
            return None
        self._failures[layer] += 1
        self._until[layer] = now + pause(self._failures[layer])
        return self._until[layer]


def _now() -> datetime:
    return datetime.now(UTC)


def clock_set_back(before: datetime, now: datetime) -> Text:
    """Say that the clock was set back. Times are aware."""
    return say(
        "The clock was set back from {before} to {now}. The next runs are scheduled from the new time.",
        before=before,
        now=now,
    )


def pause(failures: int) -> timedelta:
    """Return how long to wait after so many runs, one after the other, in trouble that may pass by itself."""
    doublings = min(failures - 1, 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def ended_of(make_pass: Pass, layers: Sequence[str], stopped: Stopped) -> list[Ended]:
    """Make a pass. Trouble before any layer's run (settings, state) is the end of each."""
    try:
        return make_pass(layers, stopped) if layers else []
    except BotError as error:
        return [(layer, error) for layer in layers]


def line(layer: str, end: Run | BotError, tongue: Language) -> None:
    """Log a run in one line."""
    told = _told(end)
    about = {"layer": layer, "run": end.number if isinstance(end, Run) else None, "code": end.code}
    log.log(_level(end), "%s", one_line(redact(f"{layer}: {tongue.say(told)}")), extra=about)


def _told(end: Run | BotError) -> Text:
    if not isinstance(end, Run):
        return end.text
    said = summary(end)
    return say("run {number}: {what}", number=end.number, what=said) if end.number else said


def _level(end: Run | BotError) -> int:
    if isinstance(end, LayerBusy):
        return logging.INFO
    if isinstance(end, Run):
        return logging.INFO if end.code == 0 else logging.WARNING
    return logging.ERROR
