"""One field of a crontab's line: numbers, names, ranges, steps, and lists of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from umap_bot.text import Text, say

PART: Final = re.compile(
    r"(?: \* | (?P<first>[a-z]+|[0-9]{1,4}) (?:-(?P<last>[a-z]+|[0-9]{1,4}))? ) (?:/(?P<step>[0-9]{1,4}))?",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)


class ScheduleError(ValueError):
    """What is wrong with a line or the name of a time zone: a sentence without full stop."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Kind:
    """Which of the five fields, and what it takes: numbers, both ends included, and names for some."""

    called: Text
    takes: Text
    low: int
    high: int
    names: Mapping[str, int] = field(default_factory=dict)


MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

MINUTE: Final = Kind(say("minute"), say("0 to 59"), 0, 59)
HOUR: Final = Kind(say("hour"), say("0 to 23"), 0, 23)
DAY: Final = Kind(say("day of month"), say("1 to 31"), 1, 31)
MONTH: Final = Kind(
    say("month"), say("1 to 12 or jan to dec"), 1, 12, {name: at for at, name in enumerate(MONTHS, 1)}
)
WEEKDAY: Final = Kind(
    say("day of week"),
    say("0 to 7, 0 and 7 being Sunday, or sun to sat"),
    0,
    7,
    {name: at for at, name in enumerate(WEEKDAYS)},
)


def read_field(kind: Kind, text: str) -> frozenset[int]:
    """Return the numbers that a field names, never none. Raise ScheduleError if it can't be read."""
    return frozenset(number for part in text.split(",") for number in _numbers(kind, part))


def _numbers(kind: Kind, part: str) -> range:
    found = PART.fullmatch(part)
    if not found or (found["step"] and found["first"] and not found["last"]):
        # `5/10` too: Debian's cron refuses it, others read it as `5-59/10`.
        raise ScheduleError(
            say(
                "{field}: write numbers, ranges (1-5), * for all, steps after these two (*/2),"
                " or several of them with commas between",
                field=kind.called,
            )
        )
    first = _number(kind, found["first"]) if found["first"] else kind.low
    last = _number(kind, found["last"]) if found["last"] else first if found["first"] else kind.high
    if last < first:
        raise _backwards(kind)
    return range(first, last + 1, _step(kind, found["step"]))


def _number(kind: Kind, word: str) -> int:
    number = int(word) if word.isdigit() else kind.names.get(word.lower(), -1)
    if not kind.low <= number <= kind.high:
        raise ScheduleError(say("{field}: it takes {values}", field=kind.called, values=kind.takes))
    return number


def _backwards(kind: Kind) -> ScheduleError:
    """Some crons never run such a line, others refuse it; nobody's goes round the end."""
    if kind is WEEKDAY:
        return ScheduleError(say("day of week: a range goes backwards; Sunday at its end is 7, as in sat-7"))
    return ScheduleError(say("{field}: a range goes backwards", field=kind.called))


def _step(kind: Kind, step: str | None) -> int:
    """Refuse a step that is wider than the field, as in `*/90`, which looks like 90 minutes and is hourly."""
    if step is None:
        return 1
    widest = kind.high - kind.low + 1
    if not 1 <= int(step) <= widest:
        raise ScheduleError(say("{field}: a step takes 1 to {widest}", field=kind.called, widest=widest))
    return int(step)
