"""Which columns of a table say where things are, so that our reader and uMap's import find them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from umap_bot.dataset.places.columns import Pair, Single, candidates
from umap_bot.dataset.writing.cells import cell_text
from umap_bot.dataset.writing.identify import plain_position
from umap_bot.dataset.writing.sheet import Row, Sheet
from umap_bot.model.canon import Geometry

_PAIRS: Final = (
    Pair("lat", "lon"),
    Pair("latitude", "longitude"),
    Pair("map_lat", "map_lon"),
    Pair("map_lat_2", "map_lon_2"),
)
_SINGLES: Final = tuple(map(Single, ("geometry", "geojson", "geom", "map_geometry", "map_geometry_2")))


class Whereabouts(msgspec.Struct, frozen=True):
    """The columns of places. `found` tells whether they are found by their names, without a setting."""

    source: Pair | Single
    found: bool

    @property
    def columns(self) -> tuple[str, ...]:
        source = self.source
        return (source.latitude, source.longitude) if isinstance(source, Pair) else (source.column,)

    @property
    def settings(self) -> dict[str, str]:
        """Return the fields of a recipe that name the columns; none if they are found."""
        if self.found:
            return {}
        source = self.source
        if isinstance(source, Pair):
            return {"latitude": source.latitude, "longitude": source.longitude}
        return {"geometry": source.column}

    def cells(self, geometry: Geometry | None, *, comma: bool = False) -> tuple[str, ...]:
        """Return the texts of the columns. `comma`: decimals as spreadsheets of most of Europe have them."""
        if geometry is None:
            return ("",) * len(self.columns)
        if isinstance(self.source, Single):
            return (cell_text(geometry),)
        coordinates: Any = geometry["coordinates"]
        longitude, latitude = map(cell_text, coordinates)
        return tuple(text.replace(".", ",") if comma else text for text in (latitude, longitude))


def whereabouts(sheet: Sheet) -> Whereabouts:
    """Choose the columns: two of degrees if all features are points, else one of GeoJSON.

    Names that stand for properties already, or that our reader would mistake, are passed over. If none is
    left, the last one is for a setting to name.
    """
    offers: Iterable[Pair | Single] = _PAIRS if all(map(_is_point, sheet.rows)) else _SINGLES
    free = [Whereabouts(offer, found=False) for offer in offers]
    free = [offer for offer in free if not set(offer.columns) & set(sheet.columns)]
    for offer in free:
        names = [name for name in (*sheet.columns, *offer.columns) if name != sheet.key]
        if next(iter(candidates(names))) == [offer.source]:
            return Whereabouts(offer.source, found=True)
    return free[0] if free else _own_names(sheet, offers)


def _own_names(sheet: Sheet, offers: Iterable[Pair | Single]) -> Whereabouts:
    count = 3
    while any(str(count) in name for name in sheet.columns):
        count += 1
    pair = isinstance(next(iter(offers)), Pair)
    source = Pair(f"map_lat_{count}", f"map_lon_{count}") if pair else Single(f"map_geometry_{count}")
    return Whereabouts(source, found=False)


def _is_point(row: Row) -> bool:
    """Tell whether two columns of degrees hold the place whole: no altitude, nothing but a point."""
    geometry = row.geometry
    if geometry is None:
        return True
    place = geometry.get("coordinates")
    return geometry.get("type") == "Point" and isinstance(place, list) and plain_position(place)
