"""Geometries that uMap keeps: RFC 7946, checked by type, range and closed rings.

GeometryCollections, MultiPoints of several points, empty geometries and unknown types make uMap's editor drop
the feature, or even those after it (tried on 3.8): none of them passes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from math import isfinite
from typing import Annotated, Any, Final, NoReturn, TypeAlias

import msgspec
from msgspec import Meta, defstruct

from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.keys import SAFE
from umap_bot.dataset.limits import levels
from umap_bot.dataset.places.earth import in_france, misplaced, on_earth
from umap_bot.dataset.places.errors import ExtraNumbersError, GeometryError
from umap_bot.model.canon import Geometry, Value
from umap_bot.text import Text, say

Position: TypeAlias = Annotated[list[float], Meta(min_length=2, max_length=3)]
"""Longitude and latitude in degrees, and perhaps the altitude in metres."""
Line: TypeAlias = Annotated[list[Position], Meta(min_length=2)]
Ring: TypeAlias = Annotated[list[Position], Meta(min_length=4)]
Rings: TypeAlias = Annotated[list[Ring], Meta(min_length=1)]


_COORDINATES: Final[dict[str, Any]] = {
    "Point": Position,
    "MultiPoint": Annotated[list[Position], Meta(min_length=1)],
    "LineString": Line,
    "MultiLineString": Annotated[list[Line], Meta(min_length=1)],
    "Polygon": Rings,
    "MultiPolygon": Annotated[list[Rings], Meta(min_length=1)],
}
_STRUCTS: Final = {kind: defstruct(kind, [("coordinates", shape)]) for kind, shape in _COORDINATES.items()}
TYPES: Final = tuple(_STRUCTS)
_DEEPEST: Final = 4
"""Lists in one another in the coordinates of a MultiPolygon."""
_KEPT: Final = tuple(kind for kind in TYPES if kind != "MultiPoint")
"""What uMap keeps. A MultiPoint of one point is read too: the editor makes it a Point."""


def checked(geometry: Value) -> Geometry:
    """Return a decoded geometry's type and coordinates, as they are.

    Raise ExtraNumbersError if only a part of them is of use (RFC 7946, 3.1.1), GeometryError if none is.
    """
    if not isinstance(geometry, dict):
        raise GeometryError(say("its geometry is not an object; write a GeoJSON geometry, or null"))
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if not isinstance(kind, str) or kind not in _STRUCTS:
        raise GeometryError(_strange(kind))
    if coordinates == [] or coordinates is None:
        raise GeometryError(
            say("its {type} has no coordinates; add them, or set the geometry to null", type=kind)
        )
    plain: Geometry = {"type": kind, "coordinates": coordinates}
    if kind == "Point" and _is_good_pair(coordinates):
        return plain
    try:
        _check(kind, coordinates)
    except msgspec.ValidationError as error:
        _refuse_shape(kind, coordinates, error)
    return plain


def _check(kind: str, coordinates: Value) -> None:
    """Raise msgspec.ValidationError for coordinates of another shape, GeometryError for wrong places."""
    typed: Any = msgspec.convert({"coordinates": coordinates}, _STRUCTS[kind])
    if kind == "MultiPoint" and len(typed.coordinates) > 1:
        text = say("its geometry is a MultiPoint, which uMap does not keep; make one feature per point")
        raise GeometryError(text, "multipoint")
    _check_places(kind, typed.coordinates)


def _refuse_shape(kind: str, coordinates: Value, error: msgspec.ValidationError) -> NoReturn:
    cut = _without_extras(coordinates)
    if cut != coordinates:
        with suppress(msgspec.ValidationError):
            _check(kind, cut)
            raise ExtraNumbersError({"type": kind, "coordinates": cut}) from None
    strange = [value for value in _leaves(coordinates) if not _is_number(value)]
    if strange:
        text = say(
            "its geometry is not a valid {type}: {value} is not a number; export the file again",
            type=kind,
            value=excerpt(json.dumps(strange[0]), 30),
        )
    else:
        text = say(
            "its geometry is not a valid {type}: positions or brackets are missing; export the file again",
            type=kind,
        )
    raise GeometryError(text) from error


def _leaves(coordinates: Value) -> Iterator[Value]:
    """Return what stands in nested lists and objects."""
    for level in chain([[coordinates]], levels(coordinates)):
        yield from (value for value in level if not isinstance(value, (list, dict)))


def _is_number(value: Value) -> bool:
    return type(value) is float or (type(value) is int and -SAFE <= value <= SAFE)


def _without_extras(coordinates: Any, depth: int = _DEEPEST) -> Any:
    """Return nested positions without altitudes that are null, and without what is beyond the altitude."""
    if not isinstance(coordinates, list) or not depth:
        return coordinates
    if not coordinates or isinstance(coordinates[0], list):
        return [_without_extras(member, depth - 1) for member in coordinates]
    return coordinates[:2] if coordinates[2:3] == [None] else coordinates[:3]


def _is_good_pair(coordinates: Value) -> bool:
    """Tell whether these are two degrees: most geometries are such points, and need no closer look."""
    match coordinates:
        case [float(longitude), float(latitude)]:
            return on_earth(longitude, latitude)
    return False


def _strange(kind: Value) -> Text:
    if kind == "GeometryCollection":
        return say(
            "its geometry is a GeometryCollection, which uMap does not keep; make one feature per part"
        )
    if isinstance(kind, str) and kind.isprintable():
        return say(
            'its geometry\'s type is "{type}"; it must be one of {types:, }', type=kind[:30], types=_KEPT
        )
    return say("its geometry's type is missing; it must be one of {types:, }", types=_KEPT)


def _check_places(kind: str, coordinates: Any) -> None:
    for longitude, latitude, *altitude in _positions(coordinates):
        if not on_earth(longitude, latitude):
            raise misplaced(longitude, latitude)
        if altitude and not isfinite(altitude[0]):
            raise GeometryError(say("its altitude is too large a number; remove it"), "altitude")
    polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(kind, ())
    if any(ring[0] != ring[-1] for polygon in polygons for ring in polygon):
        raise GeometryError(say("its outline is not closed; its last position must equal the first"))


def _positions(coordinates: list[Any]) -> Iterator[list[float]]:
    """Return every position of nested lists."""
    if isinstance(coordinates[0], list):
        for member in coordinates:
            yield from _positions(member)
    else:
        yield coordinates


def warn_of_extras(numbers: list[int], findings: Findings) -> None:
    """Warn once of the records whose positions had to be shortened."""
    if numbers:
        findings.warn(
            say(
                "positions in {rows} have a null altitude or more than three numbers; the rest is ignored "
                "(RFC 7946, 3.1.1)",
                rows=findings.rows(numbers),
            )
        )


def point(longitude: float, latitude: float) -> Geometry:
    """Return the point. Raise GeometryError if it lies nowhere."""
    if on_earth(longitude, latitude):
        return {"type": "Point", "coordinates": [longitude, latitude]}
    raise misplaced(longitude, latitude)


def seem_swapped(geometries: Iterable[Geometry | None]) -> bool:
    """Tell whether every point would lie in metropolitan France if its two numbers were exchanged.

    As read they then lie in the sea off Somalia.
    """
    seen = False
    for geometry in geometries:
        if geometry:
            first, second, *_ = _first(geometry["coordinates"])
            if not in_france(latitude=first, longitude=second):
                return False
            seen = True
    return seen


def is_flat(geometry: Geometry) -> bool:
    """Tell whether a line has no length, or an outline no area: all its positions are one, or two."""
    kind = geometry["type"]
    if kind not in ("LineString", "Polygon"):
        return False
    coordinates: Any = geometry["coordinates"]
    positions = coordinates if kind == "LineString" else coordinates[0]
    return len({tuple(position[:2]) for position in positions}) < (2 if kind == "LineString" else 3)


def _first(coordinates: Any) -> list[float]:
    """Return the first position: enough to tell the order of a geometry's numbers."""
    while isinstance(coordinates[0], list):
        coordinates = coordinates[0]
    position: list[float] = coordinates
    return position
