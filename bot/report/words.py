"""Values, distances, times and counts as people read them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from bot.model.canon import Value, canonical
from bot.model.change import Move
from bot.model.run import Run

LONG: Final = 60
"""Characters after which a value is cut in a line; the whole stands in --json."""

KILOMETRES: Final = 10_000
"""Metres from which a distance is told in kilometres."""

NOT_MOVED: Final = 0.05
"""Metres below which a point stands where it stood, by the precision of coordinates."""

EMPTY: Final = "(empty)"
"""What stands for no value."""

COMPASS: Final = (
    "north",
    "north-east",
    "east",
    "south-east",
    "south",
    "south-west",
    "west",
    "north-west",
)


def moved_text(move: Move) -> str:
    metres, bearing = move.metres, move.bearing
    if metres is None or bearing is None:
        return "drawn anew" if move.before else "placed"
    if metres < NOT_MOVED:
        return "altitude changed" if move.before and move.after else "placed"
    way = COMPASS[round(bearing / 45) % 8]
    return f"moved {distance_text(metres)} to the {way}"


def distance_text(metres: float) -> str:
    """Give a distance in metres, or kilometres from ten of them."""
    return f"{metres / 1000:.1f} km" if metres >= KILOMETRES else f"{metres:.0f} m"


def geometry_of(value: Value) -> dict[str, Value] | None:
    return value if isinstance(value, dict) else None


def value_text(value: Value | UnsetType) -> str:
    """Give a value as people read it, cut if it is long."""
    plain = None if value is UNSET else canonical(value)
    if plain is None:
        return EMPTY
    text = plain if isinstance(plain, str) else msgspec.json.encode(plain).decode()
    return f'"{cut(text)}"'


def cut(text: str) -> str:
    return text if len(text) <= LONG else text[: LONG - 1] + "…"


def features(count: int) -> str:
    return "1 feature" if count == 1 else f"{count} features"


def rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def some(names: tuple[str, ...], most: int = 5) -> str:
    return ", ".join(names[:most]) + ("…" if len(names) > most else "")


def listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def moment(time: datetime | None) -> str:
    """Give a time as people read it, in this machine's time zone."""
    return f"{time.astimezone():%-d %b %Y %H:%M}" if time else ""


def last_success(last: Run | None) -> str:
    return f"last success {moment(last.ended)}" if last else "no sync of this layer so far"


def took(run: Run) -> str:
    return f", {(run.ended - run.started).total_seconds():.1f} s" if run.ended else ""
