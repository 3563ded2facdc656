"""Dates and times as spreadsheets keep them, a count of days, and as they are told: ISO 8601."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Final

from umap_bot.dataset.sheets.answer import Oddity

EPOCH: Final = date(1899, 12, 30)
EPOCH_1904: Final = date(1904, 1, 1)
_LONGEST: Final = 32_767 / 24
"""Days that a number may be to be a duration: from here on LibreOffice writes one as a date."""
_DAY: Final = 86_400_000
"""Milliseconds, to which a fraction of a day is exact."""
_CLOSE: Final = 2
"""Milliseconds that a time gains or loses when it is stored as a fraction of a day."""
_LAST_SHIFTED: Final = date(1900, 2, 28)
_ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,20}))?)?)?(?:Z|[+-]00:?00)?", re.ASCII
)


def date_text(days: float, epoch: date) -> str | None:
    """Return the date that is so many days after `epoch`, with its time if it has one.

    None before the year 1 and after the year 9999, of which other programs know nothing.
    """
    if not -1e7 < days < 1e7:  # noqa: PLR2004
        return None
    whole, milliseconds = divmod(_close(days), _DAY)
    try:
        day = epoch + timedelta(days=whole)
    except OverflowError:
        return None
    return f"{day.isoformat()}T{_clock(milliseconds)}" if milliseconds else day.isoformat()


def time_text(days: float, epoch: date) -> str | None:
    """Return a time of day, the duration of a day or more (27:30:00), or else what `date_text` does."""
    if abs(days) >= _LONGEST:
        return date_text(days, epoch)
    milliseconds = _close(days)
    if 0 <= milliseconds < _DAY:
        return _clock(milliseconds)
    seconds = round(abs(milliseconds) / 1000)
    sign = "-" if milliseconds < 0 and seconds else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _clock(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds, 60_000)
    return time(minutes // 60, minutes % 60, rest // 1000, rest % 1000 * 1000).isoformat()


def _close(days: float) -> int:
    """Return milliseconds, without those that a whole second gained or lost."""
    milliseconds = round(days * _DAY)
    second = round(milliseconds / 1000) * 1000
    return second if abs(milliseconds - second) <= _CLOSE else milliseconds


def iso_days(text: str, epoch: date) -> float | None:
    """Return how many days after `epoch` an ISO date or date and time is, None if it is none."""
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hours, minutes, seconds = (int(part or 0) for part in match.groups()[:6])
    fraction = float(f"0.{match[7] or 0}")
    try:
        days = (date(year, month, day) - epoch).days
    except ValueError:
        return None
    return days + (hours * 3600 + minutes * 60 + seconds + fraction) / 86_400


def oddity(text: str | None, epoch: date) -> Oddity | None:
    """Return what is odd about a number that is shown as the date `text`."""
    if text is None:
        return "no date"
    if epoch != EPOCH or not "1899-12-30" <= text[:10] <= _LAST_SHIFTED.isoformat():
        return None
    return "zero date" if text.startswith("1899-12-30") else "shifted date"
