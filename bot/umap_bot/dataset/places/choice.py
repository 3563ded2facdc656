"""Which columns of a table are taken for its places: those of the settings, else those that names suggest."""

from __future__ import annotations

from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.limits import MOST_POSITIONS
from umap_bot.dataset.missing import means_missing
from umap_bot.dataset.naming import words
from umap_bot.dataset.places.coordinate_columns import (
    CoordinateColumns,
    GeometryColumn,
    LatLonColumns,
    candidates,
)
from umap_bot.dataset.places.earth import on_earth
from umap_bot.dataset.places.errors import ExtraNumbersError, GeometryError
from umap_bot.dataset.places.offers import offer_places, settings_of
from umap_bot.dataset.places.position import coordinate_text, degrees, parse_place
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.table import Record, Table, nearest
from umap_bot.text import Text, say, verbatim


def choose(table: Table, recipe: Recipe, findings: Findings) -> CoordinateColumns | None:
    """Return the coordinate columns of a table, None if it has none. Raise FileError."""
    named = _from_settings(table.columns, recipe, findings)
    chosen = named or _by_names(table, recipe, findings)
    if chosen is None:
        findings.assume(say("no coordinates (DATASET_LATITUDE, DATASET_LONGITUDE or DATASET_GEOMETRY)"))
    elif not named:
        _assume(chosen, findings)
    if chosen and recipe.key in chosen.columns:
        findings.fatal(
            say(
                "the id column {column} can't also hold the coordinates; set DATASET_KEY to another column",
                column=recipe.key,
            )
        )
    return chosen


def is_plain(columns: tuple[str, ...], recipe: Recipe) -> bool:
    """Tell whether the names alone decide on a pair of columns, so that each row says for itself where it is.

    A vague name is proved by the values of all rows, and so is the order of two numbers in one cell.
    """
    if recipe.geometry or recipe.latitude or recipe.longitude:
        return not recipe.geometry
    kinds = candidates(name for name in columns if name != recipe.key)
    return bool(kinds) and isinstance(kinds[0][0], LatLonColumns) and not kinds[0][0].vague


def _from_settings(columns: tuple[str, ...], recipe: Recipe, findings: Findings) -> CoordinateColumns | None:
    """Return the columns that the settings name, None if they name none. Raise FileError for unknown ones."""
    if recipe.geometry:
        name, order = recipe.geometry, ""
        if name not in columns and name.endswith((":lat,lon", ":lon,lat")):
            name, _, order = name.rpartition(":")
        _must_be_there(name, "DATASET_GEOMETRY", columns, findings)
        return GeometryColumn(name, "lat,lon" if order == "lat,lon" else "lon,lat" if order else "")
    if not recipe.latitude and not recipe.longitude:
        return None
    if not recipe.latitude or not recipe.longitude:
        findings.fatal(say("DATASET_LATITUDE and DATASET_LONGITUDE go together; set both or neither"))
    _must_be_there(recipe.latitude, "DATASET_LATITUDE", columns, findings)
    _must_be_there(recipe.longitude, "DATASET_LONGITUDE", columns, findings)
    return LatLonColumns(recipe.latitude, recipe.longitude)


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


def _assume(source: CoordinateColumns, findings: Findings) -> None:
    if isinstance(source, GeometryColumn):
        findings.assume(say("place from {column} (DATASET_GEOMETRY)", column=excerpt(source.column)))
    else:
        findings.assume(
            say(
                "latitude from {latitude}, longitude from {longitude} (DATASET_LATITUDE, DATASET_LONGITUDE)",
                latitude=excerpt(source.latitude),
                longitude=excerpt(source.longitude),
            )
        )


def _by_names(table: Table, recipe: Recipe, findings: Findings) -> CoordinateColumns | None:
    names = [name for name in table.columns if name != recipe.key]
    for rivals in candidates(names):
        proved = [rival for rival in rivals if not rival.vague or _is_place(rival, table.records, findings)]
        if len(proved) > 1:
            findings.fatal(_which(proved))
        if proved:
            return proved[0]
    if not offer_places(names, table.records, findings):
        _warn_of_half_a_pair(names, findings)
    return None


def _warn_of_half_a_pair(names: list[str], findings: Findings) -> None:
    lone = (("lat",), ("latitude",), ("longitude",))
    alone = [name for name in names if words(name) in lone]
    if alone:
        findings.warn(
            say(
                "the column {column} has no matching latitude or longitude column, so no "
                "coordinates are read from the file",
                column=alone[0],
            )
        )


def _is_place(vague: CoordinateColumns, records: list[Record], findings: Findings) -> bool:
    """Tell whether columns of vague names say where things are, which they must prove by their values.

    Of numbers without any decimals nobody knows what they are.
    """
    filled = positions = 0
    precise = isinstance(vague, GeometryColumn)
    strange: list[int] = []
    for record in records:
        if positions > MOST_POSITIONS:
            break  # as many as are refused when they are read
        texts = [coordinate_text(record.cells.get(column)) for column in vague.columns]
        if all(not text or means_missing(text) for text in texts):
            continue
        filled += 1
        positions += texts[0].count(",")
        precise = precise or not all(text.isdecimal() for text in texts)
        if not (_is_pair(*texts) if isinstance(vague, LatLonColumns) else _parses(*texts)):
            strange.append(record.number)
    if precise and strange and len(strange) < filled:
        findings.warn(
            say(
                "the column {column} is read as text, because it does not hold coordinates in "
                "{rows}; if it should, set {settings}",
                column=_spoken(vague),
                rows=findings.rows(strange),
                settings=settings_of(vague),
            )
        )
    return precise and filled > 0 and not strange


def _is_pair(latitude: str, longitude: str) -> bool:
    try:
        return on_earth(degrees(longitude), degrees(latitude))
    except GeometryError:
        return False


def _parses(text: str) -> bool:
    if text.count(",") > MOST_POSITIONS:
        return True
    try:
        parse_place(text)
    except ExtraNumbersError:
        return True
    except GeometryError:
        return False
    return True


def _which(rivals: list[CoordinateColumns]) -> Text:
    """Ask which of the columns say where things are."""
    return say(
        "several columns could hold the coordinates: {columns: or }; choose one: {settings}",
        columns=tuple(map(_spoken, rivals)),
        settings=settings_of(rivals[0]),
    )


def _spoken(source: CoordinateColumns) -> Text:
    if isinstance(source, GeometryColumn):
        return verbatim(source.column)
    return say("{latitude} with {longitude}", latitude=source.latitude, longitude=source.longitude)
