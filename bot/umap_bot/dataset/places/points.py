"""From coordinate cells to points: each row gets its geometry, and the columns leave the properties."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from msgspec.structs import replace

from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.limits import MOST_POSITIONS
from umap_bot.dataset.places.choice import choose
from umap_bot.dataset.places.coordinate_columns import GeometryColumn, LatLonColumns
from umap_bot.dataset.places.earth import misplaced, on_earth
from umap_bot.dataset.places.errors import ExtraNumbersError, GeometryError
from umap_bot.dataset.places.geometry import is_flat, point, seem_swapped, warn_of_extras
from umap_bot.dataset.places.position import Numbers, coordinate_text, degrees, order_of, parse_place
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.table import Record, Table
from umap_bot.model.area import swapped
from umap_bot.model.base import Known, geometries
from umap_bot.model.canon import Geometry
from umap_bot.text import Text, say, say_n

_PLAIN: Final = re.compile("[-+0-9. ]*")
_MANY: Final = 3
"""Points that are hardly equal by chance."""


def located(
    table: Table, recipe: Recipe, findings: Findings, known: Mapping[str, Known] = MappingProxyType({})
) -> Table:
    """Return the table with geometries, without the columns that they came from.

    A row with nothing in them has no geometry yet, which is counted in a warning. `known` has the table's
    unchanged rows.
    """
    source = table if table.places else _from_columns(table, recipe, findings)
    if not source.places:
        return source
    empty = [record.number for record in source.records if record.geometry is None]
    if empty:
        findings.warn(
            say(
                "no coordinates in {rows}: not added to the map; features that are already there "
                "stay where they are",
                rows=findings.rows(empty),
            )
        )
    # What is odd of all places together is looked for among all: those of unchanged rows come last.
    placed = [
        *(record.geometry for record in source.records),
        *geometries(known[key] for key in source.unchanged),
    ]
    positions = [_position(geometry) for geometry in placed]
    _warn_of_odd_places(source.records, positions, findings)
    _warn_of_swapped(source, positions, findings)
    if seem_swapped(placed):
        findings.warn(
            say(
                "all places are off the coast of Somalia, but would be in France with latitude and "
                "longitude swapped; check their order"
            )
        )
    return source


def _warn_of_odd_places(
    records: list[Record], positions: list[tuple[float, float] | None], findings: Findings
) -> None:
    """Warn of places that are legal and nearly always wrong."""
    nowhere = [record.number for record, place in zip(records, positions, strict=False) if place == (0, 0)]
    if nowhere:
        findings.warn(
            say(
                "the coordinates are 0, 0 in {rows}, which is in the Gulf of Guinea; if the place "
                "is unknown, empty the cells",
                rows=findings.rows(nowhere),
            )
        )
    points = [place for place in positions if place]
    if len(points) >= _MANY and not nowhere and all(place == points[0] for place in points):
        findings.warn(say("all points are at the same place; check the coordinates"))
    elif len(points) >= _MANY and not nowhere and all(first == second for first, second in points):
        findings.warn(
            say("latitude and longitude are equal in every row; check that the two columns are different")
        )
    shapes = ((record.number, record.geometry) for record in records if record.geometry)
    flat = [number for number, shape in shapes if shape["type"] != "Point" and is_flat(shape)]
    if flat:
        findings.warn(
            say(
                "lines without length and outlines without area are invisible on a map: {rows}",
                rows=findings.rows(flat),
            )
        )


def _warn_of_swapped(table: Table, positions: list[tuple[float, float] | None], findings: Findings) -> None:
    """Warn of rows whose points would lie among the others if their two numbers were exchanged."""
    found = swapped(positions)
    if not found:
        return
    numbers = [*(record.number for record in table.records), *table.unchanged.values()]
    rows = findings.rows([numbers[index] for index in found])
    shown = (f"{number:.10g}" for number in positions[found[0]] or ())
    latitude, longitude = (text.replace(".", table.decimal) for text in shown)
    findings.warn(
        say_n(
            "latitude and longitude look swapped in {rows}: the point is far from all others, "
            "but would be among them at latitude {latitude}, longitude {longitude}; swap the two",
            "latitude and longitude look swapped in {rows}: the points are far from all others, "
            "but the first would be among them at latitude {latitude}, longitude {longitude}; "
            "swap the two in each",
            len(found),
            rows=rows,
            latitude=latitude,
            longitude=longitude,
        )
    )


def _position(geometry: Geometry | None) -> tuple[float, float] | None:
    """Return a point's longitude and latitude."""
    if not geometry or geometry["type"] != "Point":
        return None
    coordinates: Any = geometry["coordinates"]
    return coordinates[0], coordinates[1]


def _from_columns(table: Table, recipe: Recipe, findings: Findings) -> Table:
    chosen = choose(table, recipe, findings)
    if chosen is None:
        return table
    if isinstance(chosen, LatLonColumns):
        table.decimal = _read_pairs(table.records, chosen, findings)
    else:
        _read_singles(table.records, chosen, findings)
    if recipe.keep_coordinates:
        return replace(table, places=True)
    for record in table.records:
        for name in chosen.columns:
            record.cells.pop(name, None)
    rest = tuple(name for name in table.columns if name not in chosen.columns)
    return replace(table, columns=rest, places=True)


def _read_pairs(records: list[Record], pair: LatLonColumns, findings: Findings) -> str:
    """Place the records. Return the decimal separator of their numbers."""
    latitudes, longitudes = (
        [coordinate_text(record.cells.get(column)) for record in records] for column in pair.columns
    )
    plain = _are_plain(latitudes) and _are_plain(longitudes)
    for record, latitude, longitude in zip(records, latitudes, longitudes, strict=True):
        if not latitude and not longitude:
            continue
        try:
            record.geometry = (
                point(float(longitude), float(latitude)) if plain else _point(pair, latitude, longitude)
            )
        except ValueError:
            _note_problem(record, pair, latitude, longitude, findings)
    return "." if plain or not any("," in text for text in (*latitudes, *longitudes)) else ","


def _note_problem(
    record: Record, pair: LatLonColumns, latitude: str, longitude: str, findings: Findings
) -> None:
    try:
        _point(pair, latitude, longitude)
    except GeometryError as error:
        column, value = _where(pair, record)
        findings.problem(error.text, record.number, error.kind, column=column, value=value)


def _are_plain(texts: list[str]) -> bool:
    """Tell whether Python reads the numbers of a column as `degrees` does: of these characters it takes no
    other for one. To look at a column is ten times faster than to look at each cell."""
    return _PLAIN.fullmatch(" ".join(texts)) is not None


def _where(pair: LatLonColumns, record: Record) -> tuple[str, str]:
    """Return the column and the value that a problem of a pair is about, for programs."""
    for column, most in ((pair.latitude, 90), (pair.longitude, 180)):
        text = coordinate_text(record.cells.get(column))
        if not _is_within(text, most):
            return column, text
    return "", ""


def _is_within(text: str, most: float) -> bool:
    try:
        return abs(degrees(text)) <= most
    except GeometryError:
        return False


def _point(pair: LatLonColumns, latitude: str, longitude: str) -> Geometry:
    if not latitude or not longitude:
        empty, full = (pair.latitude, pair.longitude) if not latitude else (pair.longitude, pair.latitude)
        raise GeometryError(
            say("{empty} is empty but {full} is not; fill in both or neither", empty=empty, full=full)
        )
    north, east = _degrees(pair.latitude, latitude), _degrees(pair.longitude, longitude)
    return point(east, north)


def _degrees(column: str, text: str) -> float:
    try:
        return degrees(text)
    except GeometryError as error:
        raise GeometryError(error.of(_cell(column, text)), error.kind) from error


def _cell(column: str, text: str) -> Text:
    return say('{place} "{value}"', place=column, value=excerpt(text))


def _read_singles(records: list[Record], single: GeometryColumn, findings: Findings) -> None:
    numbers: list[tuple[Record, Numbers]] = []
    extras: list[int] = []
    positions = 0
    for record in records:
        text = coordinate_text(record.cells.get(single.column))
        positions += text.count(",")
        if positions > MOST_POSITIONS:
            findings.fatal(
                say(
                    "its outlines have more than {most} positions, which is more than a map can draw; "
                    "simplify them",
                    most=MOST_POSITIONS,
                )
            )
        try:
            found = parse_place(text) if text else None
        except ExtraNumbersError as error:
            extras.append(record.number)
            found = error.geometry
        except GeometryError as error:
            said = error.of(_cell(single.column, text))
            findings.problem(said, record.number, error.kind, column=single.column, value=text)
            continue
        if isinstance(found, tuple):
            numbers.append((record, found))
        else:
            record.geometry = found
    warn_of_extras(extras, findings)
    _order(numbers, single, findings)


def _order(numbers: list[tuple[Record, Numbers]], single: GeometryColumn, findings: Findings) -> None:
    """Make points of numbers whose order the settings say, or all rows together prove."""
    column = single.column
    order, against = (single.order, set()) if single.order else order_of([pair for _, pair in numbers])
    if numbers and not order:
        first, pair = numbers[0]
        if not on_earth(*pair) and not on_earth(*pair[::-1]):
            error = _misplaced_pair(pair)
            value = _written(pair)
            findings.problem(error.text, first.number, error.kind, column=column, value=value, of_file=True)
            return
        text = say(
            "{place} {value}: the values don't show whether latitude or longitude comes first; "
            "set DATASET_GEOMETRY={place}:lat,lon or DATASET_GEOMETRY={place}:lon,lat",
            place=column,
            value=_written(pair),
        )
        findings.problem(text, first.number, column=column, value=_written(pair), of_file=True)
        return
    if numbers and not single.order:
        findings.assume(say("{column} is {order} (DATASET_GEOMETRY)", column=excerpt(column), order=order))
    for index, (record, pair) in enumerate(numbers):
        if index in against:
            text = say(
                "{place} {value} is swapped: the other rows are {order}; swap the two",
                place=column,
                value=_written(pair),
                order=order,
            )
            findings.problem(text, record.number, column=column, value=_written(pair))
            continue
        longitude, latitude = pair if order == "lon,lat" else pair[::-1]
        try:
            record.geometry = point(longitude, latitude)
        except GeometryError as error:
            findings.problem(error.text, record.number, error.kind, column=column, value=_written(pair))


def _misplaced_pair(pair: Numbers) -> GeometryError:
    """Say what two numbers in either order are, that are no degrees in any."""
    errors = misplaced(*pair[::-1]), misplaced(*pair)  # latitude first is the more usual
    return next((error for error in errors if error.kind not in ("range", "projected")), errors[0])


def _written(pair: Numbers) -> str:
    return f"{pair[0]:.10g},{pair[1]:.10g}"
