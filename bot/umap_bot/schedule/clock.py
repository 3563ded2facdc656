"""The moments at which clocks on a wall show a time: one, or none or two where they change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from umap_bot.schedule.field import ScheduleError
from umap_bot.text import say

A_ZONE: Final = "Europe/Paris"


def zone_of(name: str) -> tzinfo:
    """Return a time zone by its name in the IANA list. Raise ScheduleError if this machine knows none of
    it."""
    if name == "UTC":
        return UTC  # needs no list, which some small machines lack
    zone = _zone(name)
    if zone:
        return zone
    if not _zone(A_ZONE):
        raise ScheduleError(
            say("this machine has no list of time zones but UTC; install tzdata, by its packages or by pip")
        )
    raise ScheduleError(say("it is no name of a time zone, such as {zone}", zone=A_ZONE))


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; a path, or no zone's file; a folder
        return None


def moments(wall: datetime, zone: tzinfo, *, wild: bool) -> tuple[datetime, ...]:
    """Return the moments, in UTC, at which a line runs for a time without zone. As in Debian's cron:

    A line at fixed times runs once. Of a time that comes twice, the first counts; for one that clocks leap
    over, it runs as soon as they did. A `wild` line goes by what passes: it runs each time that clocks show
    its time, and for what they leap over, not at all; so every ten minutes stay every ten minutes.
    """
    before = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)  # by the offset from before a change, if any
    after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if before == after:
        return (before,)
    if before < after:  # clocks show it twice
        return (before, after) if wild else (before,)
    return () if wild else (_leap(after, before, zone),)


def _leap(early: datetime, late: datetime, zone: tzinfo) -> datetime:
    """Return the moment between two, to the second, at which clocks leap."""
    old = early.astimezone(zone).utcoffset()
    low, high = 0, int((late - early).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (early + timedelta(seconds=middle)).astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return early + timedelta(seconds=high)
