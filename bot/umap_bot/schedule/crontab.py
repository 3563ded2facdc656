"""A line of a crontab: five fields, as Debian's cron reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from umap_bot.schedule.field import DAY, HOUR, MINUTE, MONTH, WEEKDAY, ScheduleError, read_field
from umap_bot.text import say, say_n

NICKNAMES: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
FIELDS: Final = (MINUTE, HOUR, DAY, MONTH, WEEKDAY)

# A 29 February on a given weekday may be 40 years away, because 2100 has none.
YEARS: Final = 41
# From here all kinds of days come within those years.
SOME_DAY: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Crontab:
    """What a line names. Weekdays are 0 (Sunday) to 6.

    `either`: a day of the month or a weekday will do; else a day must be both. `wild`: minute or hour begins
    with `*`, and the line goes by time that passes, not by what the clock on the wall shows.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool
    wild: bool

    @classmethod
    def parse(cls, text: str) -> Crontab:
        """Read a line. Raise ScheduleError if it is none, or names no time that ever comes."""
        fields = _fields(text)
        values = [read_field(kind, field) for kind, field in zip(FIELDS, fields, strict=True)]
        minutes, hours, days, months, weekdays = values
        # cron looks at the first character alone: `*/2` is unrestricted to it, so its days must be both.
        minute_star, hour_star, day_star, _, weekday_star = (field.startswith("*") for field in fields)
        line = cls(
            minutes=minutes,
            hours=hours,
            days=days,
            months=months,
            weekdays=frozenset(weekday % 7 for weekday in weekdays),
            either=not (day_star or weekday_star),
            wild=minute_star or hour_star,
        )
        if next(line.dates(SOME_DAY), None) is None:
            raise never()
        return line

    def dates(self, start: date) -> Iterator[date]:
        """Return the days that the line names, from one on, for as many years as the rarest needs to come."""
        for ahead in range(YEARS * 366):
            day = start + timedelta(days=ahead)
            if self.names(day):
                yield day

    def names(self, day: date) -> bool:
        """Tell whether a day is one of the line's."""
        if day.month not in self.months:
            return False
        found = (day.day in self.days, day.isoweekday() % 7 in self.weekdays)
        return any(found) if self.either else all(found)

    def times(self, day: date) -> Iterator[datetime]:
        """Return what a clock on the wall shows, without time zone, when the line names it on a day of
        its."""
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                yield datetime.combine(day, time(hour, minute))


def read_line(text: str) -> Crontab:
    """Read a line. Raise ScheduleError as `Crontab.parse` does, with an example of what is right."""
    try:
        return Crontab.parse(text)
    except ScheduleError as error:
        example = say("{problem}; for example, 0 6 * * * is every day at 6:00", problem=error.text)
        raise ScheduleError(example) from error


def _fields(text: str) -> list[str]:
    words = text.split()
    if words and words[0].startswith("@"):
        return _nickname(words).split()
    if len(words) != len(FIELDS):
        raise ScheduleError(
            say_n(
                "it has {count} field, not five: minute, hour, day of month, month, day of week",
                "it has {count} fields, not five: minute, hour, day of month, month, day of week",
                len(words),
            )
        )
    return words


def _nickname(words: list[str]) -> str:
    name = words[0].lower()
    if name == "@reboot":
        raise ScheduleError(say("@reboot names no time"))
    if name not in NICKNAMES or len(words) > 1:
        names = tuple(NICKNAMES)
        raise ScheduleError(say("of words with @ it takes one alone, out of {names}", names=names))
    return NICKNAMES[name]


def never() -> ScheduleError:
    """Return what is wrong with a line such as `0 6 30 2 *`."""
    return ScheduleError(say("it names a day that never comes"))
