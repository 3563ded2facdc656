"""Which columns say where things are: by their names, as French open data writes them.

Names decide which columns; the order of two numbers in one cell is never taken from a name, since the same
names are used for both orders (`coordonneesXY` is lon,lat, `Géocodage xy` is lat,lon).
Sources: the schemas of schema.data.gouv.fr, portals of Opendatasoft, csv-detective's lists, uMap's import.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

import msgspec

from umap_bot.dataset.naming import words
from umap_bot.dataset.places.position import Order


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_LATITUDES: Final = {
    **dict.fromkeys(("latitude", "latitud", "latitudine", "lattitude"), "full"),
    "lat": "short",
    "ylat": "axis",
    "ylatitude": "axis",
}
_LONGITUDES: Final = {
    **dict.fromkeys(("longitude", "longitud", "longitudine"), "full"),
    "lon": "short",
    "long": "short",
    "lng": "short",
    "xlong": "axis",
    "xlon": "axis",
    "xlongitude": "axis",
}
_AXIS_X: Final = {"x": "axis"}
_AXIS_Y: Final = {"y": "axis"}
_PROJECTED: Final = frozenset({"l93", "lb93", "lambert", "lambert93", "rgf93", "2154"})
_GEOMETRIES: Final = _set(
    "geojson geoshape geometry geometrie geom thegeom wkt geomwkt wktgeom geometriewkt geompoint geomsurf"
)
_POSITIONS: Final = _set(
    "coordonneesxy coordonneesgps coordinates coordinate geopoint geopoint2d geolocalisation "
    "geoloc geocodagexy latlon latlng latlong lonlat longlat latitudelongitude longitudelatitude"
)
_VAGUE: Final = _set(
    "coordonnees position point localisation location gps coord coords xy geo geocodage centroid centroide "
    "wgs84 pointgeo positiongps localisationgps coordonneesgeo coordonneesgeographiques coordonneeswgs84 "
    "coordonneeslatlon gpscoordinates"
)
"""Names that are also used for other things: such a column counts only if all its values are places."""


class LatLonColumns(msgspec.Struct, frozen=True):
    """Two columns of degrees. Vague names must prove themselves by their values."""

    latitude: str
    longitude: str
    vague: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return self.latitude, self.longitude

    @property
    def settings(self) -> dict[str, str]:
        """Return the fields of a recipe that name the columns."""
        return {"latitude": self.latitude, "longitude": self.longitude}


class GeometryColumn(msgspec.Struct, frozen=True):
    """One column that holds the place. Only settings give `order`. A vague name must prove itself."""

    column: str
    order: Order = ""
    vague: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    @property
    def settings(self) -> dict[str, str]:
        """Return the fields of a recipe that name the column."""
        return {"geometry": self.column}


CoordinateColumns: TypeAlias = LatLonColumns | GeometryColumn


def candidates(columns: Iterable[str]) -> list[list[CoordinateColumns]]:
    """Return the coordinate columns that names suggest, best kind first; those of one kind are rivals.

    Exact names come before names that only contain a word for it; degrees before plain x and y.
    """
    names = {name: words(name) for name in columns}
    exact, containing, plain, axes = _pairs(names)
    joined = {name: "".join(parts) for name, parts in names.items()}
    kinds: list[list[CoordinateColumns]] = [
        [*exact],
        [GeometryColumn(name) for name, text in joined.items() if text in _GEOMETRIES],
        [GeometryColumn(name) for name, text in joined.items() if text in _POSITIONS],
        [*containing],
        [GeometryColumn(name, vague=True) for name, text in joined.items() if text in _VAGUE],
        [*plain],
        [*axes],
    ]
    return [kind for kind in kinds if kind]


def _pairs(
    names: dict[str, tuple[str, ...]],
) -> tuple[list[LatLonColumns], list[LatLonColumns], list[LatLonColumns], list[LatLonColumns]]:
    """Return pairs of exact names, of names with the same other words, of x and y, of names with x and y.

    Columns of two pairs are never mixed: what is left of both names must be the same, and so must the way of
    writing (lat with lon, latitude with longitude), unless only one column of each is there.
    """
    latitudes = _by_rest(names, _LATITUDES, _LONGITUDES, "y")
    longitudes = _by_rest(names, _LONGITUDES, _LATITUDES, "x")
    exact: list[LatLonColumns] = []
    containing: list[LatLonColumns] = []
    for rest in latitudes.keys() & longitudes.keys():
        found = _matched(latitudes[rest], longitudes[rest])
        (containing if rest else exact).extend(found)
    northings = _by_rest(names, _AXIS_Y, _AXIS_X)
    eastings = _by_rest(names, _AXIS_X, _AXIS_Y)
    of_x, of_y = eastings.pop((), []), northings.pop((), [])
    plain = [LatLonColumns(y, x) for y, _ in of_y for x, _ in of_x]
    axes = [
        msgspec.structs.replace(pair, vague=True)
        for rest in northings.keys() & eastings.keys()
        for pair in _matched(northings[rest], eastings[rest])
    ]
    order = {name: index for index, name in enumerate(names)}
    for found in (containing, axes):
        found.sort(key=lambda pair: order[pair.latitude])
    return exact, containing, plain, axes


def _by_rest(
    names: dict[str, tuple[str, ...]], wanted: dict[str, str], other: dict[str, str], axis: str = ""
) -> dict[tuple[str, ...], list[tuple[str, str]]]:
    """Return (column, way of writing) of the columns with one word of `wanted`, by their other words.

    The letter of the axis is none of these: `Latitude (Y)` goes with `Longitude (X)`.
    """
    found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for name, parts in names.items():
        hits = [part for part in parts if part in wanted]
        if len(hits) == 1 and not any(part in other or part in _PROJECTED for part in parts):
            rest = tuple(part for part in parts if part not in wanted and part != axis)
            found.setdefault(rest, []).append((name, wanted[hits[0]]))
    return found


def _matched(latitudes: list[tuple[str, str]], longitudes: list[tuple[str, str]]) -> list[LatLonColumns]:
    if len(latitudes) == len(longitudes) == 1:
        return [LatLonColumns(latitudes[0][0], longitudes[0][0])]
    return [
        LatLonColumns(latitude, longitude)
        for latitude, way in latitudes
        for longitude, other in longitudes
        if way == other
    ]
