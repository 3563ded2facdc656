"""Which columns of a table say where things are, so that our reader and uMap's import find them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from umap_bot.dataset.places.coordinate_columns import (
    CoordinateColumns,
    GeometryColumn,
    LatLonColumns,
    candidates,
)
from umap_bot.dataset.writing.cells import cell_text
from umap_bot.dataset.writing.identify import plain_position
from umap_bot.dataset.writing.sheet import Row, Sheet
from umap_bot.model.canon import Geometry

_PAIRS: Final = (
    LatLonColumns("lat", "lon"),
    LatLonColumns("latitude", "longitude"),
    LatLonColumns("map_lat", "map_lon"),
    LatLonColumns("map_lat_2", "map_lon_2"),
)
_SINGLES: Final = tuple(
    map(GeometryColumn, ("geometry", "geojson", "geom", "map_geometry", "map_geometry_2"))
)


class Whereabouts(msgspec.Struct, frozen=True):
    """The columns of places. `found` tells whether they are found by their names, without a setting."""

    source: CoordinateColumns
    found: bool

    @property
    def columns(self) -> tuple[str, ...]:
        return self.source.columns

    @property
    def settings(self) -> dict[str, str]:
        """Return the fields of a recipe that name the columns; none if they are found."""
        return {} if self.found else self.source.settings

    def cells(self, geometry: Geometry | None, *, comma: bool = False) -> tuple[str, ...]:
        """Return the texts of the columns. `comma`: decimals as spreadsheets of most of Europe have them."""
        if geometry is None:
            return ("",) * len(self.columns)
        if isinstance(self.source, GeometryColumn):
            return (cell_text(geometry),)
        coordinates: Any = geometry["coordinates"]
        longitude, latitude = map(cell_text, coordinates)
        return tuple(text.replace(".", ",") if comma else text for text in (latitude, longitude))


def whereabouts(sheet: Sheet) -> Whereabouts:
    """Choose the columns: two of degrees if all features are points, else one of GeoJSON.

    Names that stand for properties already, or that our reader would mistake, are passed over. If none is
    left, the last one is for a setting to name.
    """
    offers: Iterable[CoordinateColumns] = _PAIRS if all(map(_is_point, sheet.rows)) else _SINGLES
    free = [Whereabouts(offer, found=False) for offer in offers]
    free = [offer for offer in free if not set(offer.columns) & set(sheet.columns)]
    for offer in free:
        names = [name for name in (*sheet.columns, *offer.columns) if name != sheet.key]
        if next(iter(candidates(names))) == [offer.source]:
            return Whereabouts(offer.source, found=True)
    return free[0] if free else _own_names(sheet, offers)


def _own_names(sheet: Sheet, offers: Iterable[CoordinateColumns]) -> Whereabouts:
    count = 3
    while any(str(count) in name for name in sheet.columns):
        count += 1
    pair = isinstance(next(iter(offers)), LatLonColumns)
    source = (
        LatLonColumns(f"map_lat_{count}", f"map_lon_{count}")
        if pair
        else GeometryColumn(f"map_geometry_{count}")
    )
    return Whereabouts(source, found=False)


def _is_point(row: Row) -> bool:
    """Tell whether two columns of degrees hold the place whole: no altitude, nothing but a point."""
    geometry = row.geometry
    if geometry is None:
        return True
    place = geometry.get("coordinates")
    return geometry.get("type") == "Point" and isinstance(place, list) and plain_position(place)
