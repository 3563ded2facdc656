"""A line of a crontab: five fields, or a word that stands for them. cronsim reads them as Debian's cron."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cronsim import CronSim, CronSimError

from umap_bot.schedule.field import FIELDS, SOME_TIME
from umap_bot.text import Text, say, say_n

NICKNAMES: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


def read_line(text: str) -> str:
    """Return the five fields of a line. Raise ValueError if it is none, or names no time that ever comes.

    No text of it holds what was given: a secret may have been pasted there.
    """
    words = NICKNAMES.get(text.strip().lower(), text).lower().split()
    problem = _problem(words)
    if problem:
        raise ValueError(say("{problem}; for example, 0 6 * * * means every day at 6:00", problem=problem))
    return " ".join(words)


def _problem(words: Sequence[str]) -> Text | None:
    if words and words[0] == "@reboot":
        return say("@reboot does not name a time")
    if words and words[0].startswith("@"):
        names = tuple(NICKNAMES)
        return say("a word with @ must stand alone, and be one of {names}", names=names)
    if len(words) != len(FIELDS):  # cronsim takes a sixth, for seconds
        return say_n(
            "it has {count} field, not five: minute, hour, day of month, month, day of week",
            "it has {count} fields, not five: minute, hour, day of month, month, day of week",
            len(words),
        )
    problems = (field.problem(word) for field, word in zip(FIELDS, words, strict=True))
    return next(filter(None, problems), None) or _never(words)


def _never(words: Sequence[str]) -> Text | None:
    """Return what is wrong with good fields that cronsim refuses together, such as `0 6 30 2 *`."""
    try:
        CronSim(" ".join(words), SOME_TIME)
    except CronSimError:
        return say("it names a day that does not exist")
    return None
