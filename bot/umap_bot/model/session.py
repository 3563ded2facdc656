"""A browser's session that the bot was given: until when it lets the bot in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

import msgspec

NEAR: Final = 5
"""Days before its end from which every report tells of it."""


class Session(msgspec.Struct, frozen=True, omit_defaults=True):
    """`ends` is the day of its end, by UTC. `known`: the browser or uMap said so; else it is reckoned, and
    the session ends then at the latest.

    `place` is the map, as the state calls it, `mark` a keyed digest of the cookie: another cookie is another
    session.
    """

    ends: date
    known: bool
    place: str = ""
    mark: str = ""

    def left(self, now: datetime) -> int:
        """Return how many days are left at an aware time; 0 on the last day, less after it."""
        return (self.ends - now.astimezone(UTC).date()).days

    def is_near(self, now: datetime) -> bool:
        """Tell whether its end is to be told of."""
        return self.left(now) <= NEAR
