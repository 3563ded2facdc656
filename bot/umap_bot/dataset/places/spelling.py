"""A place written as the cells of its row write it: decimal sign, order and brackets stay, and so does a
number that is the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from umap_bot.dataset.editing.splices import Splice, spliced
from umap_bot.dataset.places.coordinate_columns import CoordinateColumns, LatLonColumns
from umap_bot.dataset.places.errors import GeometryError
from umap_bot.dataset.places.position import coordinate_text, degrees, numbers_in
from umap_bot.model.canon import PRECISION, Geometry, Value, canonical, number_text
from umap_bot.model.members import element_spans, members, put, spelled

_WKT: Final = re.compile(r"(?P<head>\s*(?:SRID\s*=\s*\d+\s*;\s*)?)[A-Za-z]+")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_PAIR: Final = 2


def spelled_place(
    source: CoordinateColumns, cells: Mapping[str, Value], was: Geometry | None, place: Geometry
) -> dict[str, Value]:
    """Return the cells of the coordinate columns that change when the place is another.

    `cells` are those of the row, or of another of the file that says how places are written there, and `was`
    is the place that they say. Raise ValueError if these columns can't hold the place.
    """
    place = rounded(place)
    if isinstance(source, LatLonColumns):
        return _halves(source, cells, place)
    text = coordinate_text(cells.get(source.column))
    written = _in_one_cell(text, was, place)
    return {source.column: written} if written != text else {}


def rounded(geometry: Geometry) -> Geometry:
    """Return a geometry as exactly as it is compared: uMap's editor keeps no more of what it moved."""
    return {"type": geometry.get("type"), "coordinates": _rounded(geometry.get("coordinates"))}


def _rounded(value: Value) -> Value:
    if isinstance(value, list):
        return [_rounded(member) for member in value]
    return round(value, PRECISION) if isinstance(value, float) else value


def _point(place: Geometry) -> tuple[float, float]:
    """Return the longitude and latitude of a point. Raise ValueError for any other shape."""
    numbers: Any = place.get("coordinates")
    if place.get("type") != "Point" or not isinstance(numbers, list) or len(numbers) != _PAIR:
        raise ValueError("no point of two numbers")
    return numbers[0], numbers[1]


def _halves(pair: LatLonColumns, cells: Mapping[str, Value], place: Geometry) -> dict[str, Value]:
    longitude, latitude = _point(place)
    texts = {column: coordinate_text(cells.get(column)) for column in pair.columns}
    comma = any("," in text for text in texts.values())
    wanted = {pair.latitude: latitude, pair.longitude: longitude}
    return {
        column: _digits(number, comma=comma)
        for column, number in wanted.items()
        if not _says(texts[column], number)
    }


def _says(text: str, number: float) -> bool:
    """Tell whether a text spells this number, as exactly as places are compared."""
    try:
        return bool(text) and round(degrees(text), PRECISION) == round(number, PRECISION)
    except GeometryError:
        return False


def _digits(number: float, *, comma: bool = False) -> str:
    text = number_text(round(number, PRECISION))
    return text.replace(".", ",") if comma else text


def _in_one_cell(text: str, was: Geometry | None, place: Geometry) -> str:
    if not text or was is None:
        raise ValueError("no cell shows how places are written here")
    if text.startswith("{"):
        return json_place(text, place)
    if text[0].isalpha():
        return _wkt(text, place)
    return _pair(text, was, place)


def _pair(text: str, was: Geometry, place: Geometry) -> str:
    """Return two numbers in one cell, in the order that `was` tells."""
    plain, spans, numbers = numbers_in(text)
    longitude, latitude = _point(place)
    if numbers == _point(was):
        wanted = (longitude, latitude)
    elif numbers == _point(was)[::-1]:
        wanted = (latitude, longitude)
    else:
        raise ValueError("the cell says another place")
    return spliced(plain, _differing(plain, spans, wanted))


def _differing(text: str, spans: list[tuple[int, int]], numbers: tuple[float, ...]) -> Iterator[Splice]:
    for (start, end), number in zip(spans, numbers, strict=True):
        if not _says(text[start:end], number):
            yield start, end, _digits(number, comma="," in text[start:end])


def _wkt(text: str, place: Geometry) -> str:
    spans = [found.span() for found in _NUMBER.finditer(text, text.index("("))] if "(" in text else []
    if place.get("type") == "Point" and len(spans) == _PAIR:
        return spliced(text, _differing(text, spans, _point(place)))
    head, kind = _WKT.match(text), place.get("type")
    if head is None or not isinstance(kind, str):
        raise ValueError("no WKT")
    return f"{head['head']}{kind.upper()} {_nested(place.get('coordinates'), outer=True)}"


def _nested(value: Any, *, outer: bool = False) -> str:
    """Return positions as WKT writes them."""
    if not isinstance(value[0], list):
        position = " ".join(_digits(number) for number in value)
        return f"({position})" if outer else position
    return f"({', '.join(_nested(member) for member in value)})"


def json_place(text: str, place: Geometry) -> str:
    """Return the text of a GeoJSON geometry with another place; of a point only the numbers that differ
    change."""
    if {"lon", "lat"} <= {member.name for member in members(text)}:
        longitude, latitude = _point(place)
        return put(put(text, ("lon",), longitude), ("lat",), latitude)
    positions, numbers = spelled(text, ("coordinates",)), place.get("coordinates")
    if spelled(text, ("type",)) == '"Point"' == f'"{place.get("type")}"' and isinstance(numbers, list):
        spans = list(element_spans(positions or "[]"))
        if positions and len(spans) == len(numbers):
            written = spliced(positions, _positions(positions, spans, numbers))
            return put(text, ("coordinates",), msgspec.Raw(written.encode()))
    return put(put(text, ("type",), place.get("type")), ("coordinates",), place.get("coordinates"))


def _positions(text: str, spans: list[tuple[int, int]], numbers: list[Value]) -> Iterator[Splice]:
    for (start, end), number in zip(spans, numbers, strict=True):
        was: Value = msgspec.json.decode(text[start:end])
        if not isinstance(was, int | float) or canonical(round(was, PRECISION)) != canonical(number):
            yield start, end, msgspec.json.encode(number).decode()
