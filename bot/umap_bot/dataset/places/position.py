"""A place in one cell: two numbers in either order, WKT, or JSON text."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

import msgspec

from umap_bot.dataset.limits import MOST_POSITIONS
from umap_bot.dataset.missing import means_missing
from umap_bot.dataset.places.earth import in_france, on_earth
from umap_bot.dataset.places.errors import CELL, GeometryError
from umap_bot.dataset.places.geometry import checked
from umap_bot.dataset.places.wkt import from_wkt
from umap_bot.model.canon import Geometry, Value, number_text
from umap_bot.text import say

Order: TypeAlias = Literal["", "lat,lon", "lon,lat"]
Numbers: TypeAlias = tuple[float, float]

_NUMBER: Final = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_DECIMAL: Final = r"[+-]?\d{1,3}[.,]\d+"
_PAIRS: Final = (
    re.compile(rf"({_NUMBER}) ?, ?({_NUMBER})", re.ASCII),
    re.compile(rf"({_DECIMAL}) ?[; ] ?({_DECIMAL})", re.ASCII),
)
"""A comma between two numbers; or a semicolon or a blank, if both have decimals: `69 003` is no place."""
_BRACKETS: Final = (("[", "]"), ("(", ")"))
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:[., \u00a0\u202f]\d{3}){2,}", re.ASCII)
"""A number whose decimals a spreadsheet took for thousands: 45.764.043."""
_BINARY: Final = re.compile(r"0[01][0-9a-f]{40,}", re.IGNORECASE)
"""The geometry column of a database (WKB as hexadecimal digits)."""
_MINUS: Final = "\u2212"
"""The sign that word processors, and people who know type, write before a number."""
_NUMERIC: Final = 40
"""Characters of a number, at the most."""
_DEGREES: Final = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def coordinate_text(value: Value) -> str:
    """Return the text of a cell, "" if it holds neither text nor a number."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number_text(value)  # of a spreadsheet
    return ""


def degrees(text: str) -> float:
    """Return a number written with a point or a comma. Raise GeometryError."""
    written = text.strip().replace(_MINUS, "-")
    if not _DEGREES.fullmatch(written):
        raise _no_number(written)
    return float(written.replace(",", "."))


def _no_number(text: str) -> GeometryError:
    if means_missing(text):
        return _missing()
    if _GROUPED.fullmatch(text[:_NUMERIC]):
        return GeometryError(
            say("{cell} has thousands separators; write decimal degrees such as 45.73472", cell=CELL)
        )
    return GeometryError(say("{cell} is not a number; write decimal degrees such as 45.73472", cell=CELL))


def _missing() -> GeometryError:
    return GeometryError(
        say("{cell} is not a place; if the place is unknown, empty the cell", cell=CELL), "missing"
    )


def parse_place(text: str) -> Geometry | Numbers | None:
    """Return what a cell says: a checked geometry, or two numbers whose order is not known, or None.

    Understood: `a,b`, `a;b`, `a b`, also in brackets, WKT, GeoJSON text, `{"lon": …, "lat": …}`. Raise
    GeometryError.
    """
    if text.lstrip().startswith("{"):
        return _from_json(text)
    plain = " ".join(
        text.replace(_MINUS, "-").split()
    )  # patterns with several runs of white space can be made to take for ever
    if pair := _pair(plain):
        return pair
    if means_missing(plain):
        raise _missing()
    if plain[:1].isalpha():
        geometry = from_wkt(plain)
        return None if geometry is None else checked(geometry)
    if _BINARY.match(plain):
        raise GeometryError(say("{cell} is binary (WKB); export it as WKT or GeoJSON", cell=CELL))
    raise GeometryError(
        say("{cell} is not a place; write it as 45.73472,4.86806, with decimal points", cell=CELL)
    )


def _pair(text: str) -> Numbers | None:
    found = _numbers(text)
    return _read(found) if found else None


def _numbers(text: str) -> re.Match[str] | None:
    """Return where the two numbers of a text stand, perhaps between brackets."""
    inner = (1, len(text) - 1) if (text[:1], text[-1:]) in _BRACKETS else (0, len(text))
    trimmed = text[slice(*inner)]
    start = inner[0] + len(trimmed) - len(trimmed.lstrip())
    end = inner[1] - len(trimmed) + len(trimmed.rstrip())
    return next(filter(None, (pattern.fullmatch(text, start, end) for pattern in _PAIRS)), None)


def _read(found: re.Match[str]) -> Numbers:
    one, other = (float(number.replace(",", ".")) for number in found.groups())
    return one, other


def numbers_in(text: str) -> tuple[str, list[tuple[int, int]], Numbers]:
    """Return a cell of two numbers with single blanks, where the numbers stand in it, and what they are.

    Raise ValueError for any other cell.
    """
    plain = " ".join(text.replace(_MINUS, "-").split())
    found = _numbers(plain)
    if found is None:
        raise ValueError("no pair of numbers")
    return plain, [found.span(1), found.span(2)], _read(found)


def _from_json(text: str) -> Geometry | None:
    if text.count("[") + text.count("{") > MOST_POSITIONS:
        raise GeometryError(say("{cell} has more positions than a map can draw; simplify it", cell=CELL))
    try:
        value: Value = msgspec.json.decode(text)
    except msgspec.ValidationError:
        raise GeometryError(
            say("{cell} contains a number that is too large; write degrees", cell=CELL)
        ) from None
    except (msgspec.DecodeError, RecursionError):
        raise GeometryError(
            say("{cell} is not valid JSON; write the geometry as GeoJSON", cell=CELL)
        ) from None
    if isinstance(value, dict) and "type" not in value and {"lon", "lat"} <= value.keys():
        return checked({"type": "Point", "coordinates": [value["lon"], value["lat"]]})
    return checked(value)


def order_of(pairs: list[Numbers]) -> tuple[Order, set[int]]:
    """Return the order that the values prove, and the indexes of the pairs that prove the other one.

    A row proves its order if the other one is impossible (a latitude beyond 90), or if it lies in
    metropolitan France, whose latitudes and longitudes don't overlap. Of Réunion or Guyane both readings can
    be true: "" says that nothing is proved.
    """
    votes = [_proved(one, other) for one, other in pairs]
    first, second = votes.count("lat,lon"), votes.count("lon,lat")
    if not first and not second:
        return "", set()
    order: Order = "lat,lon" if first > second else "lon,lat"
    if first == second:
        order = next(vote for vote in votes if vote)
    return order, {row for row, vote in enumerate(votes) if vote and vote != order}


def _proved(one: float, other: float) -> Order:
    if in_france(latitude=one, longitude=other) or (on_earth(other, one) and not on_earth(one, other)):
        return "lat,lon"
    if in_france(latitude=other, longitude=one) or (on_earth(one, other) and not on_earth(other, one)):
        return "lon,lat"
    return ""
