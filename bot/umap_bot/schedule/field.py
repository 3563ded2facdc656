"""One field of a crontab's line: which numbers and names it takes, and what is wrong with one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cronsim import CronSim, CronSimError

from umap_bot.text import Text, say

PART: Final = re.compile(
    r"(?P<span> \* | (?P<first>[a-z]{3,}|[0-9]{1,4}) (?:-(?P<last>[a-z]{3,}|[0-9]{1,4}))? )"
    r"(?:/(?P<step>[0-9]{1,4}))?",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
SOME_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Field:
    """Which of the five fields, what it takes, and how many numbers that is."""

    called: Text
    takes: Text
    width: int

    def problem(self, text: str) -> Text | None:
        """Return what is wrong with a text in this field, None if nothing is."""
        return next(filter(None, map(self._problem, text.split(","))), None)

    def _problem(self, part: str) -> Text | None:
        found = PART.fullmatch(part)
        if not found or (found["step"] and found["first"] and not self._is_longer(found)):
            # cronsim takes more than Debian's cron: `L`, `5#2`, and `5/10` for `5-59/10`.
            return say(
                "{field}: write numbers, ranges (1-5), * for all, steps after a range or * (*/2), "
                "or several of these separated by commas",
                field=self.called,
            )
        if not all(self._reads(word) for word in found.group("first", "last") if word):
            return say("{field}: the values are {values}", field=self.called, values=self.takes)
        if not self._reads(found["span"]):
            return self._backwards()
        if found["step"] and not 1 <= int(found["step"]) <= self.width:
            # `*/90` looks like 90 minutes, and is hourly to cron.
            return say("{field}: a step is from 1 to {widest}", field=self.called, widest=self.width)
        return None

    def _is_longer(self, found: re.Match[str]) -> bool:
        """Tell whether a range has more than one number: cronsim takes `5-5/10` for `5/10`."""
        return bool(found["last"]) and not self._reads(f"{found['last']}-{found['first']}")

    def _reads(self, text: str) -> bool:
        try:
            CronSim(" ".join(text if each is self else "*" for each in FIELDS), SOME_TIME)
        except CronSimError:
            return False
        return True

    def _backwards(self) -> Text:
        if self is FIELDS[-1]:
            return say("day of week: a range goes backwards; write Sunday at its end as 7, as in sat-7")
        return say("{field}: a range goes backwards", field=self.called)


FIELDS: Final = (
    Field(say("minute"), say("0 to 59"), 60),
    Field(say("hour"), say("0 to 23"), 24),
    Field(say("day of month"), say("1 to 31"), 31),
    Field(say("month"), say("1 to 12 or jan to dec"), 12),
    Field(say("day of week"), say("0 to 7 (0 and 7 are Sunday), or sun to sat"), 8),
)
