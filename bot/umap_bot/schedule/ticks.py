"""Looks at the clock, one after the other: whether it was set back between them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

LEAST: Final = timedelta(minutes=1)
"""By which a clock is set back before anything is planned anew: no schedule is finer."""


class Ticks:
    """`now` is when the first look is. Times are aware."""

    def __init__(self, now: datetime) -> None:
        self._last = now

    def set_back(self, now: datetime) -> datetime | None:
        """Return what the clock showed at the last look, if it was set back since; else None."""
        last, self._last = self._last, now
        return last if now < last - LEAST else None
