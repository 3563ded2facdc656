"""Crontab read a second time, in the plainest way: every minute is looked at, as a cron does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
NAMES: list[dict[str, str]] = [
    {},
    {},
    {},
    {name: f"{at}" for at, name in enumerate(MONTHS, 1)},
    {name: f"{at}" for at, name in enumerate(WEEKDAYS)},
]
ENDS = ["0-59", "0-23", "1-31", "1-12", "0-7"]


class Reference:
    """A line that is known to be good."""

    def __init__(self, line: str) -> None:
        self.fields = line.lower().split()
        self.sets = [self._expand(at, field) for at, field in enumerate(self.fields)]
        if 7 in self.sets[4]:
            self.sets[4].add(0)
        self.stars = [field[0] == "*" for field in self.fields]

    def _expand(self, at: int, field: str) -> set[int]:
        found: set[int] = set()
        for part in field.replace("*", ENDS[at]).split(","):
            span, _, step = part.partition("/")
            first, _, last = span.partition("-")
            numbers = [int(NAMES[at].get(word, word)) for word in (first, last or first)]
            found.update(range(numbers[0], numbers[1] + 1)[:: int(step or 1)])
        return found

    def day(self, day: date) -> bool:
        by_date, by_weekday = day.day in self.sets[2], int(day.strftime("%w")) in self.sets[4]
        if self.stars[2] or self.stars[4]:
            return day.month in self.sets[3] and by_date and by_weekday
        return day.month in self.sets[3] and (by_date or by_weekday)

    def shows(self, wall: datetime) -> bool:
        return wall.minute in self.sets[0] and wall.hour in self.sets[1] and self.day(wall.date())

    def due(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Tell whether a minute is one in which a cron that lives in a zone starts the line."""
        now, before = moment.astimezone(zone), (moment - MINUTE).astimezone(zone)
        if self.stars[0] or self.stars[1]:
            return self.shows(now)
        return (self.shows(now) and not now.fold) or any(map(self.shows, leapt(before, now)))

    def next_after(self, moment: datetime, zone: ZoneInfo, until: datetime) -> datetime | None:
        at = moment.astimezone(UTC).replace(second=0, microsecond=0) + MINUTE
        while at <= until:
            if self.due(at, zone):
                return at
            at += MINUTE
        return None


def leapt(before: datetime, now: datetime) -> Iterator[datetime]:
    """Return what the clock on the wall never showed between two minutes."""
    wall, end = before.replace(tzinfo=None) + MINUTE, now.replace(tzinfo=None)
    while wall < end:
        yield wall
        wall += MINUTE
