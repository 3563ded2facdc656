"""Times as people type them: a day, a moment, or how long."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import click

from umap_bot.text import say

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGE: Final = re.compile(r"(\d{1,5})\s*([mhdw])")


def duration(text: str) -> timedelta | None:
    """Return the duration of a text such as `3d`, `12h`, `90m` or `2w`; None for any other text."""
    found = _AGE.fullmatch(text.strip())
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


class Duration(click.ParamType[timedelta]):
    """A duration as an option: `90m`, `2h`, `3d`, `2w`."""

    name = "age"

    def convert(
        self,
        value: timedelta | str,
        param: click.Parameter | None,  # noqa: ARG002
        ctx: click.Context | None,  # noqa: ARG002
    ) -> timedelta:
        found = value if isinstance(value, timedelta) else duration(value)
        return found or self.fail(say("{value} is not a duration: write 90m, 2h or 3d.", value=str(value)))


class Since(click.ParamType[datetime]):
    """An aware time: `2026-11-24`, `2026-11-24 07:00` (in this machine's time zone), `3d`, `12h`."""

    name = "time"

    def convert(
        self,
        value: datetime | str,
        param: click.Parameter | None,  # noqa: ARG002
        ctx: click.Context | None,  # noqa: ARG002
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            ago = duration(value)
            return datetime.now(UTC) - ago if ago else datetime.fromisoformat(value.strip()).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(say("{value} is not a date: write 2026-11-24, or 3d for three days ago.", value=value))
