"""What a message says of a failed run, and of the end of such troubles."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from umap_bot.errors import BotError, LayerBusy, SessionEnded
from umap_bot.model.run import Run
from umap_bot.notify.decision import End, failure
from umap_bot.report.log import summary
from umap_bot.report.story.words import last_success
from umap_bot.text import Text, joined, lines_of, say, say_n

MOST: Final = 10
"""Lines of an error that a message holds: a file can be wrong in each of its rows."""

RESTLESS: Final = 4

SUBJECTS: Final = {
    RESTLESS: say("The map keeps changing"),
    10: say("A setting is wrong"),
    11: say("The file can't be used as it is"),
    12: say("The file's repository can't be read"),
    13: say("uMap refuses the bot"),
    14: say("uMap does not answer"),
    15: say("The bot's own state can't be used"),
}
FAILED: Final = say("The sync fails")
ENDED: Final = say("Log in again: the session has ended")

UNTOUCHED: Final = (10, 11, 12, 13)
"""Codes of runs that wrote nothing more to the map, and are certain of it."""


def trouble_subject(end: End, since: datetime | None, *, again: bool) -> Text:
    """Say what is the matter; with `again` since when."""
    what = ENDED if isinstance(end, SessionEnded) else SUBJECTS.get(failure(end) or RESTLESS, FAILED)
    return say("Still, since {since:day}: {what}", since=since, what=what) if again and since else what


def trouble_body(end: End, since: datetime | None, last: datetime | None) -> list[Text]:
    """Say since when, what became of the map, the cause. `last` is when file and map last agreed."""
    began = say("Since {time}.", time=since) if since else ""
    stays = say("The public map stays as it is.") if failure(end) in UNTOUCHED else ""
    agreed = last_success(last) if last else ""
    body = [joined((joined((began, stays)), agreed), " · ")]
    cause = _cause(end)
    left = len(cause) - MOST
    body += cause[:MOST] if left > 1 else cause
    return [*body, say("… and {count} more", count=left)] if left > 1 else body


def _cause(end: End) -> tuple[Text, ...]:
    if isinstance(end, Run) and end.outcome == "restless":
        return (
            say(
                "Run after run, someone or something saves the map while the bot pushes: not everything of "
                "the file may stand on it. The next run tries again."
            ),
        )
    first, *more = lines_of(end.message if isinstance(end, BotError) else end.error)
    return (say("Cause: {cause}", cause=first), *more)


def trouble_end(end: End) -> list[Text]:
    way_out = end.way_out if isinstance(end, BotError) else ""
    return [say("What to do: {way_out}", way_out=way_out)] if way_out else []


def recovery_subject(lasted: timedelta | None) -> Text:
    return say("Working again (down for {time})", time=span(lasted or timedelta()))


def span(time: timedelta) -> Text:
    """Return how long something lasted, in the unit that fits."""
    minutes = max(1, round(time / timedelta(minutes=1)))
    if minutes < 2 * 60:
        return say_n("{count} minute", "{count} minutes", minutes)
    hours = round(time / timedelta(hours=1))
    if hours < 2 * 24:
        return say_n("{count} hour", "{count} hours", hours)
    return say_n("{count} day", "{count} days", time.days)


def in_short(end: End) -> Text:
    """Say in one line how a run ended, whatever way."""
    if isinstance(end, Run):
        return summary(end)
    if isinstance(end, LayerBusy):
        return end.message
    return say("FAILED: {error}", error=lines_of(end.message)[0])
