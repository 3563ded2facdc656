"""Geometries that uMap keeps: RFC 7946, checked by type, range and closed rings.

GeometryCollections, empty geometries and unknown types make uMap's editor drop the feature, or even those
after it (tried on 3.8): none of them passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from msgspec import Meta, defstruct

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

_LAMBERT_X: Final = (0, 1.4e6)
_LAMBERT_Y: Final = (6.0e6, 7.2e6)
"""Metres of Lambert 93 (EPSG:2154) over metropolitan France."""
_SCALED: Final = 100_000
"""PTV_GEODECIMAL: degrees × 100 000, as in the French fuel price feed."""
_METRES: Final = 1_000
"""Numbers beyond it are metres of some projection: no slip of the pen makes them of degrees."""


class GeometryError(ValueError):
    """What is wrong with a geometry, and the way out.

    `kind` is the same for mistakes that a whole file may share, else "".
    """

    def __init__(self, text: Text, kind: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.kind = kind

    def of(self, cell: Text) -> Text:
        """Return it said of the cell that holds the geometry."""
        if "cell" in self.text.values:
            return say(self.text.template, **{**self.text.values, "cell": cell})
        return say("{cell}: {text}", cell=cell, text=self.text)


CELL: Final = say("the cell")
"""Stands for the cell in a sentence, until `GeometryError.of` names it."""


def checked(geometry: Value) -> Geometry:
    """Return a decoded geometry's type and coordinates, as they are. Raise GeometryError."""
    if not isinstance(geometry, dict):
        raise GeometryError(say("its geometry is no object; write one of RFC 7946, or null"))
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if not isinstance(kind, str) or kind not in _STRUCTS:
        raise GeometryError(_strange(kind))
    if coordinates == [] or coordinates is None:
        raise GeometryError(
            say("its {type} has no coordinates; write them, or null as the geometry", type=kind)
        )
    plain: Geometry = {"type": kind, "coordinates": coordinates}
    if kind == "Point" and _is_good_pair(coordinates):
        return plain
    try:
        typed: Any = msgspec.convert(plain, _STRUCTS[kind])
    except msgspec.ValidationError as error:
        why = str(error).replace("`", "")
        raise GeometryError(say("its geometry is no good {type}: {why}", type=kind, why=why)) from error
    _check_places(kind, typed.coordinates)
    return plain


def _is_good_pair(coordinates: Value) -> bool:
    """Tell whether these are two degrees: most geometries are such points, and need no closer look."""
    match coordinates:
        case [float(longitude), float(latitude)]:
            return on_earth(longitude, latitude)
    return False


def _strange(kind: Value) -> Text:
    if kind == "GeometryCollection":
        return say(
            "its geometry is a GeometryCollection, which uMap does not keep; give each part its own feature"
        )
    if isinstance(kind, str) and kind.isprintable():
        return say(
            'its geometry\'s type is "{type}"; it must be one of {types:, }', type=kind[:30], types=TYPES
        )
    return say("its geometry's type is missing; it must be one of {types:, }", types=TYPES)


def _check_places(kind: str, coordinates: Any) -> None:
    for longitude, latitude, *_ in _positions(coordinates):
        if not on_earth(longitude, latitude):
            raise misplaced(longitude, latitude)
    polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}.get(kind, ())
    if any(ring[0] != ring[-1] for polygon in polygons for ring in polygon):
        raise GeometryError(say("its outline is not closed; end it with the position that it begins with"))


def _positions(coordinates: list[Any]) -> Iterator[list[float]]:
    """Return every position of nested lists."""
    if isinstance(coordinates[0], list):
        for member in coordinates:
            yield from _positions(member)
    else:
        yield coordinates


def on_earth(longitude: float, latitude: float) -> bool:
    """Tell whether these are degrees. NaN is none."""
    return -180 <= longitude <= 180 and -90 <= latitude <= 90  # noqa: PLR2004


def point(longitude: float, latitude: float) -> Geometry:
    """Return the point. Raise GeometryError if it lies nowhere."""
    if on_earth(longitude, latitude):
        return {"type": "Point", "coordinates": [longitude, latitude]}
    raise misplaced(longitude, latitude)


def misplaced(longitude: float, latitude: float) -> GeometryError:
    """Say what numbers that are no degrees most likely are. Nothing is converted silently."""
    # As the file has them, in every language: no decimal commas.
    read = {"longitude": f"{longitude:.10g}", "latitude": f"{latitude:.10g}"}
    for x, y in ((longitude, latitude), (latitude, longitude)):
        if _LAMBERT_X[0] <= x <= _LAMBERT_X[1] and _LAMBERT_Y[0] <= y <= _LAMBERT_Y[1]:
            text = say(
                "longitude {longitude}, latitude {latitude} look like metres of Lambert 93 (EPSG:2154); "
                "convert them to degrees (WGS 84, EPSG:4326)",
                **read,
            )
            return GeometryError(text, "lambert")
    if 90 < abs(latitude) <= 180 and abs(longitude) <= 90:  # noqa: PLR2004  degrees
        text = say(
            "longitude {longitude}, latitude {latitude} look swapped, no latitude is beyond 90; "
            "exchange the two",
            **read,
        )
        return GeometryError(text, "swapped")
    for x, y in ((longitude, latitude), (latitude, longitude)):
        if in_france(latitude=y / _SCALED, longitude=x / _SCALED):
            text = say(
                "longitude {longitude}, latitude {latitude} look like degrees × 100 000; "
                "divide them by 100 000",
                **read,
            )
            return GeometryError(text, "scaled")
    if min(abs(longitude), abs(latitude)) > _METRES:
        text = say(
            "longitude {longitude}, latitude {latitude} look like metres of a projection; "
            "convert them to degrees (WGS 84, EPSG:4326)",
            **read,
        )
        return GeometryError(text, "projected")
    text = say(
        "longitude {longitude}, latitude {latitude} are out of range (180, 90); "
        "write degrees (WGS 84, EPSG:4326)",
        **read,
    )
    return GeometryError(text, "range")


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


def in_france(latitude: float, longitude: float) -> bool:
    """Tell whether a point lies in the box of metropolitan France, whose two ranges don't overlap."""
    return 41.3 <= latitude <= 51.3 and -5.5 <= longitude <= 9.8  # noqa: PLR2004
