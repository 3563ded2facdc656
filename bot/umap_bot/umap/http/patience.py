"""How long to wait before asking a busy server again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

BUSY: Final = frozenset({429, 500, 502, 503, 504})
"""Answers to a GET after which asking again may help.

500 is among them: while others push, uMap's version list can answer it (protocol 5).
"""

_SECONDS: Final = re.compile(r"[0-9]+")
_LONGEST: Final = 1e9
"""Seconds, thirty years: what is beyond is no number that people need to read."""


def pause_before(attempt: int, headers: Mapping[str, str], now: datetime) -> float:
    """Return the seconds to wait after that attempt: as the server asks, else as many as its number."""
    asked = _asked(headers.get("Retry-After", "").strip(), now)
    return float(attempt) if asked is None else min(max(asked, 0.0), _LONGEST)


def _asked(text: str, now: datetime) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds, or a date. None if there is none that can be read."""
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a year may have any number of digits
        return None
    return ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds()
