"""How long to wait before asking a busy server again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

BUSY: Final = frozenset({429, 500, 502, 503, 504})
"""Answers to a GET after which asking again may help.

500 is among them: while others push, uMap's version list can answer it (protocol 5).
"""


def pause_before(attempt: int, headers: Mapping[str, str]) -> float:
    """Return the seconds to wait after that attempt: as the server asks, else as many as its number."""
    asked = _asked(headers.get("Retry-After", "").strip())
    return float(attempt) if asked is None else asked


def _asked(text: str) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds, or a date. None if there is none that can be read."""
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
