"""When the next run is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import takewhile
from typing import Final

from cronsim import CronSim

from umap_bot.schedule.clock import moments, zone_of
from umap_bot.schedule.crontab import read_line

FURTHEST_BACK: Final = timedelta(hours=3)
"""By more no clock was set back since 2000."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A line of a crontab, and the time zone whose clocks it means."""

    line: str
    zone: tzinfo

    @classmethod
    def parse(cls, text: str, timezone: str) -> Schedule:
        """Read SYNC_SCHEDULE and SYNC_TIMEZONE. Raise ValueError if one of them is wrong."""
        return cls(read_line(text), zone_of(timezone))

    def next_after(self, moment: datetime) -> datetime:
        """Return the first time, in UTC, after a moment (aware; itself excluded)."""
        start = moment.astimezone(self.zone).replace(tzinfo=None) - FURTHEST_BACK
        ahead = (
            (wall, at)
            for wall in CronSim(self.line, start)
            for at in moments(wall, self.zone, wild=self.wild)
            if at > moment
        )
        first, due = next(ahead)
        # Of clocks that go back, a later time may come sooner.
        rivals = takewhile(lambda each: each[0] <= first + FURTHEST_BACK, ahead)
        return min([due, *(at for _, at in rivals)])

    @property
    def wild(self) -> bool:
        """Tell whether minute or hour begins with `*`: the line goes by time that passes, not by what the
        clock on the wall shows."""
        minute, hour, *_ = self.line.split()
        return minute.startswith("*") or hour.startswith("*")


def next_due(text: str, timezone: str, after: datetime) -> datetime | None:
    """Return the first time, in UTC, after a moment (aware), at which a run is due; None without
    SYNC_SCHEDULE.

    Raise ValueError if SYNC_SCHEDULE or SYNC_TIMEZONE is wrong.
    """
    return Schedule.parse(text, timezone).next_after(after) if text.strip() else None
