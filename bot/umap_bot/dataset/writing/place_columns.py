"""Which columns of a table say where things are, so that our reader and uMap's import find them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from umap_bot.dataset.made_keys import plain_position
from umap_bot.dataset.places.coordinate_columns import (
    CoordinateColumns,
    GeometryColumn,
    LatLonColumns,
    candidates,
)
from umap_bot.dataset.writing.cells import Losses, cell_text
from umap_bot.dataset.writing.grid import Grid, Row
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


class PlaceColumns(msgspec.Struct, frozen=True):
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


def choose_place_columns(grid: Grid) -> PlaceColumns:
    """Choose the columns: two of degrees if all features are points, else one of GeoJSON.

    Names that stand for properties already, or that our reader would mistake, are passed over. If none is
    left, the last one is for a setting to name.
    """
    offers: Iterable[CoordinateColumns] = _PAIRS if all(map(_is_point, grid.rows)) else _SINGLES
    free = [PlaceColumns(offer, found=False) for offer in offers]
    free = [offer for offer in free if not set(offer.columns) & set(grid.columns)]
    for offer in free:
        names = [name for name in (*grid.columns, *offer.columns) if name != grid.key]
        if next(iter(candidates(names))) == [offer.source]:
            return PlaceColumns(offer.source, found=True)
    return free[0] if free else _own_names(grid, offers)


def _own_names(grid: Grid, offers: Iterable[CoordinateColumns]) -> PlaceColumns:
    count = 3
    while any(str(count) in name for name in grid.columns):
        count += 1
    pair = isinstance(next(iter(offers)), LatLonColumns)
    source = (
        LatLonColumns(f"map_lat_{count}", f"map_lon_{count}")
        if pair
        else GeometryColumn(f"map_geometry_{count}")
    )
    return PlaceColumns(source, found=False)


def _is_point(row: Row) -> bool:
    """Tell whether two columns of degrees hold the place whole: no altitude, nothing but a point."""
    geometry = row.geometry
    if geometry is None:
        return True
    place = geometry.get("coordinates")
    return geometry.get("type") == "Point" and isinstance(place, list) and plain_position(place)


def rows_of_text(
    grid: Grid, places: PlaceColumns, losses: Losses, *, workbook: bool = False, comma: bool = False
) -> Iterator[list[str]]:
    """Return the cells of each row as texts, those of its place last, and note what they lose."""
    for row in grid.rows:
        cells = []
        for column in grid.columns:
            value = row.cells.get(column)
            text = cell_text(value, workbook=workbook)
            losses.compare(column, value, text)
            cells.append(text)
        yield [*cells, *places.cells(row.geometry, comma=comma)]
