"""The moments at which clocks on a wall show a time: one, or none or two where they change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from umap_bot.text import say

A_ZONE: Final = "Europe/Paris"
MINUTE: Final = timedelta(minutes=1)


def zone_of(name: str) -> tzinfo:
    """Return a time zone by its name in the IANA list. Raise ValueError if this machine knows none of it."""
    if name == "UTC":
        return UTC  # needs no list, which some small machines lack
    zone = _zone(name)
    if zone:
        return zone
    if not _zone(A_ZONE):
        raise ValueError(say("this machine has no time zone data except UTC; install the tzdata package"))
    raise ValueError(say("it is not the name of a time zone, such as {zone}", zone=A_ZONE))


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; a path, or no zone's file; a folder
        return None


def moments(wall: datetime, zone: tzinfo, *, wild: bool) -> set[datetime]:
    """Return the moments, in UTC, at which a line runs for a time without zone. As in Debian's cron:

    A line at fixed times runs once. Of a time that comes twice, the first counts; for one that clocks leap
    over, it runs as soon as they did. A `wild` line goes by what passes: it runs each time that clocks show
    its time, and for what they leap over, not at all; so every ten minutes stay every ten minutes.
    """
    before, after = _readings(wall, zone)
    if wild:
        return {before, after} if before <= after else set()
    while before > after:  # clocks leap over it
        wall += MINUTE
        before, after = _readings(wall, zone)
    return {before}


def _readings(wall: datetime, zone: tzinfo) -> list[datetime]:
    """Return a time by the offset from before a change of clocks, and by that from after it, if there is
    one."""
    return [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
