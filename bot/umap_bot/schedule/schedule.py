"""When the next run is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from umap_bot.errors import SettingsError
from umap_bot.schedule.clock import moments, zone_of
from umap_bot.schedule.crontab import Crontab, never, read_line
from umap_bot.schedule.field import ScheduleError
from umap_bot.text import say

ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A line of a crontab, and the time zone whose clocks it means."""

    line: Crontab
    zone: tzinfo

    @classmethod
    def parse(cls, text: str, timezone: str) -> Schedule:
        """Read SYNC_SCHEDULE and SYNC_TIMEZONE. Raise SettingsError if one of them is wrong.

        No text of it holds what was given: a secret may have been pasted there.
        """
        return cls(_line(text), _zone(timezone))

    def next_after(self, moment: datetime) -> datetime:
        """Return the first time, in UTC, after a moment (aware; itself excluded)."""
        # The day before too: clocks that go back at midnight show the end of that day a second time.
        start = moment.astimezone(self.zone).date() - ONE_DAY
        for day in self.line.dates(start):
            ahead = self._ahead(day, moment)
            if ahead:  # and of the next day, which then begins before this one has ended
                return min(ahead + self._ahead(day + ONE_DAY, moment))
        raise never()  # of a line that was not parsed

    def _ahead(self, day: date, moment: datetime) -> list[datetime]:
        """Return what of a day is after a moment."""
        walls = self.line.times(day) if self.line.names(day) else ()
        times = (at for wall in walls for at in moments(wall, self.zone, wild=self.line.wild))
        return [at for at in times if at > moment]


def next_due(text: str, timezone: str, after: datetime) -> datetime | None:
    """Return the first time, in UTC, after a moment (aware), at which a run is due; None without
    SYNC_SCHEDULE.

    Raise SettingsError if SYNC_SCHEDULE or SYNC_TIMEZONE is wrong.
    """
    return Schedule.parse(text, timezone).next_after(after) if text.strip() else None


def _line(text: str) -> Crontab:
    try:
        return read_line(text)
    except ScheduleError as error:
        raise SettingsError(say("SYNC_SCHEDULE: {problem}.", problem=error.text)) from error


def _zone(timezone: str) -> tzinfo:
    try:
        return zone_of(timezone)
    except ScheduleError as error:
        raise SettingsError(say("SYNC_TIMEZONE: {problem}.", problem=error.text)) from error
