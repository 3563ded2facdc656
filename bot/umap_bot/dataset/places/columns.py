"""Which columns say where things are: by their names, as French open data writes them.

Names decide which columns; the order of two numbers in one cell is never taken from a name, since the same
names are used for both orders (`coordonneesXY` is lon,lat, `Géocodage xy` is lat,lon).
Sources: the schemas of schema.data.gouv.fr, portals of Opendatasoft, csv-detective's lists, uMap's import.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

import msgspec

from umap_bot.dataset.findings import Findings
from umap_bot.dataset.places.position import Order
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.table import nearest
from umap_bot.text import say

_LONG: Final = 100
"""Characters of a name that is none of a coordinate column."""


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_LATITUDES: Final = {"latitude": "full", "lat": "short", "ylat": "axis", "ylatitude": "axis"}
_LONGITUDES: Final = {
    "longitude": "full",
    "lon": "short",
    "long": "short",
    "lng": "short",
    "xlong": "axis",
    "xlon": "axis",
    "xlongitude": "axis",
}
_PROJECTED: Final = frozenset({"l93", "lb93", "lambert", "lambert93", "rgf93", "2154"})
_GEOMETRIES: Final = _set(
    "geojson geoshape geometry geometrie geom thegeom wkt geomwkt wktgeom geometriewkt geompoint geomsurf"
)
_POSITIONS: Final = _set(
    "coordonneesxy coordonneesgps coordinates coordinate geopoint geopoint2d geolocalisation "
    "geoloc geocodagexy latlon latlng latlong lonlat longlat"
)
_VAGUE: Final = _set(
    "coordonnees position point localisation location gps coord coords xy geo geocodage centroid centroide "
    "wgs84"
)
"""Names that are also used for other things: such a column counts only if all its values are places."""


class Pair(msgspec.Struct, frozen=True):
    """Two columns of degrees."""

    latitude: str
    longitude: str


class Single(msgspec.Struct, frozen=True):
    """One column that holds the place. Only settings give `order`. A vague name must prove itself."""

    column: str
    order: Order = ""
    vague: bool = False


def words(name: str) -> tuple[str, ...]:
    """Return the words of a name: case, accents, separators folded; `camelCase` is two words."""
    if len(name) > _LONG:
        return ()
    parted = re.sub(r"([a-zà-öø-ÿ])([A-ZÀ-ÖØ-Þ])", r"\1 \2", name)
    folded = unicodedata.normalize("NFKD", parted).casefold()
    return tuple(
        re.findall(r"[a-z0-9]+", "".join(char for char in folded if not unicodedata.combining(char)))
    )


def told(columns: tuple[str, ...], recipe: Recipe, findings: Findings) -> Pair | Single | None:
    """Return the coordinate columns that the settings name; None if they name none. Unknown ones are
    fatal."""
    if recipe.geometry:
        name, order = recipe.geometry, ""
        if name not in columns and name.endswith((":lat,lon", ":lon,lat")):
            name, _, order = name.rpartition(":")
        _must_be_there(name, "DATASET_GEOMETRY", columns, findings)
        return Single(name, "lat,lon" if order == "lat,lon" else "lon,lat" if order else "")
    if not recipe.latitude and not recipe.longitude:
        return None
    if not recipe.latitude or not recipe.longitude:
        findings.fatal(say("DATASET_LATITUDE and DATASET_LONGITUDE go together; set both, or neither"))
    _must_be_there(recipe.latitude, "DATASET_LATITUDE", columns, findings)
    _must_be_there(recipe.longitude, "DATASET_LONGITUDE", columns, findings)
    return Pair(recipe.latitude, recipe.longitude)


def _must_be_there(name: str, setting: str, columns: tuple[str, ...], findings: Findings) -> None:
    if name not in columns:
        findings.fatal(
            say(
                "{setting}: there is no column {name}; {hint}",
                setting=setting,
                name=name,
                hint=nearest(name, columns),
            )
        )


def candidates(columns: Iterable[str]) -> list[list[Pair | Single]]:
    """Return the coordinate columns that names suggest, best kind first; those of one kind are rivals.

    Exact names come before names that only contain a word for it; degrees before plain x and y.
    """
    names = {name: words(name) for name in columns}
    exact, containing, plain = _pairs(names)
    joined = {name: "".join(parts) for name, parts in names.items()}
    kinds: list[list[Pair | Single]] = [
        [*exact],
        [Single(name) for name, text in joined.items() if text in _GEOMETRIES],
        [Single(name) for name, text in joined.items() if text in _POSITIONS],
        [*containing],
        [Single(name, vague=True) for name, text in joined.items() if text in _VAGUE],
        [*plain],
    ]
    return [kind for kind in kinds if kind]


def _pairs(names: dict[str, tuple[str, ...]]) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Return pairs of exact names, of names with the same other words, and of x and y.

    Columns of two pairs are never mixed: what is left of both names must be the same, and so must the way of
    writing (lat with lon, latitude with longitude), unless only one column of each is there.
    """
    latitudes = _by_rest(names, _LATITUDES, _LONGITUDES)
    longitudes = _by_rest(names, _LONGITUDES, _LATITUDES)
    exact: list[Pair] = []
    containing: list[Pair] = []
    for rest in latitudes.keys() & longitudes.keys():
        found = _matched(latitudes[rest], longitudes[rest])
        (containing if rest else exact).extend(found)
    of_x, of_y = ([name for name, parts in names.items() if parts == (axis,)] for axis in "xy")
    plain = [Pair(y, x) for y in of_y for x in of_x]
    place = list(names).index
    return exact, sorted(containing, key=lambda pair: place(pair.latitude)), plain


def _by_rest(
    names: dict[str, tuple[str, ...]], wanted: dict[str, str], other: dict[str, str]
) -> dict[tuple[str, ...], list[tuple[str, str]]]:
    """Return (column, way of writing) of the columns with one word of `wanted`, by their other words."""
    found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for name, parts in names.items():
        hits = [part for part in parts if part in wanted]
        if len(hits) == 1 and not any(part in other or part in _PROJECTED for part in parts):
            rest = tuple(part for part in parts if part not in wanted)
            found.setdefault(rest, []).append((name, wanted[hits[0]]))
    return found


def _matched(latitudes: list[tuple[str, str]], longitudes: list[tuple[str, str]]) -> list[Pair]:
    if len(latitudes) == len(longitudes) == 1:
        return [Pair(latitudes[0][0], longitudes[0][0])]
    return [
        Pair(latitude, longitude)
        for latitude, way in latitudes
        for longitude, other in longitudes
        if way == other
    ]
