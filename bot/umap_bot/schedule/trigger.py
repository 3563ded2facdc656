"""A schedule as APScheduler takes it. Its own reading of crontabs has weekdays off by one.

Import it where the scheduler is used: APScheduler is slow to import.
"""

from __future__ import annotations

from datetime import datetime

from apscheduler.triggers.base import BaseTrigger

from umap_bot.schedule.schedule import Schedule


class ScheduleTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Fires when a schedule says so, up to `jitter` seconds later.

    Its job needs `misfire_grace_time=None`: else a late run is dropped.
    """

    def __init__(self, schedule: Schedule, *, jitter: float = 0.0) -> None:
        self.schedule = schedule
        self.jitter = jitter

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the first time after the last run and after now, in UTC.

        What was missed meanwhile, on a machine that slept, is not made up for run by run: the run that is
        due now does for all. Nor does a clock that was set back bring a time a second time.
        """
        due = self.schedule.next_after(max(previous_fire_time or now, now))
        later: datetime = self._apply_jitter(due, self.jitter, now)
        return later
