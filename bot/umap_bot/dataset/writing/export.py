"""From features to a file, and the proof that it reads back as it was."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import PurePosixPath
from typing import Final, Literal, TypeAlias

import msgspec

from umap_bot.dataset.decode import FORMATS, decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.writing import delimited, geojson, workbook
from umap_bot.dataset.writing.cells import Losses, cell_text, json_value
from umap_bot.dataset.writing.grid import Grid, arrange
from umap_bot.dataset.writing.place_columns import PlaceColumns, choose_place_columns
from umap_bot.errors import DatasetError
from umap_bot.model.canon import canonical, canonical_geometry, nfc
from umap_bot.model.layer import Feature, Layer
from umap_bot.text import Text, say, say_n

Format: TypeAlias = Literal["csv", "geojson", "xlsx"]
ENDINGS: Final[dict[str, Format]] = {
    ".csv": "csv",
    ".geojson": "geojson",
    ".json": "geojson",
    ".xlsx": "xlsx",
}

_LISTED: Final = 5


class Written(msgspec.Struct, frozen=True):
    """A file. `recipe` reads it, `named` are the settings besides path and key that this takes.

    `made` counts the keys that don't stand on the map. `notes` tell what is not as on the map.
    `readable` tells whether umap-bot can read it: the format, and all that is in it.
    """

    data: bytes
    recipe: Recipe
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    made: int
    named: dict[str, str]
    notes: tuple[Text, ...]
    readable: bool


def write(
    features: Iterable[Feature], form: Format, path: str, *, key: str = "id", excel: bool = False
) -> Written:
    """Write features as a file of that form; `path` is what it will be called.

    The same features give the same bytes, in whatever order they come. `excel` is for CSV only.
    Raise UsageError for a key that can't be one or a missing extra, DatasetError for what the form can't
    hold.
    """
    grid, losses = arrange(features, nfc(key)), Losses()
    places = None if form == "geojson" else choose_place_columns(grid)
    data = _data(grid, places, losses, form, excel=excel)
    named = places.settings if places else {}
    recipe = msgspec.structs.replace(Recipe(path=path, key=grid.key), **named)
    notes, readable = _proved(data, recipe, grid, form)
    risky = delimited.formulas(grid) if form == "csv" else 0
    if risky:
        notes.append(
            say_n(
                "{count} cell begins like a formula (=, +, -, @), and a spreadsheet may run it",
                "{count} cells begin like formulas (=, +, -, @), and a spreadsheet may run them",
                risky,
            )
        )
    return Written(
        data=data,
        recipe=recipe,
        columns=(*grid.columns, *(places.columns if places else ())),
        keys=tuple(row.key for row in grid.rows),
        made=grid.made,
        named={f"DATASET_{name.upper()}": value for name, value in named.items()},
        notes=(*grid.notes, *losses.notes, *notes),
        readable=readable,
    )


def _data(grid: Grid, places: PlaceColumns | None, losses: Losses, form: Format, *, excel: bool) -> bytes:
    if places is None:
        return geojson.write(grid, losses)
    if form == "xlsx":
        return workbook.write(grid, places, losses)
    return delimited.write(grid, places, losses, excel=excel)


def _proved(data: bytes, recipe: Recipe, grid: Grid, form: Format) -> tuple[list[Text], bool]:
    """Read the file as a sync would. Return notes of what is not right in it, and whether it can be read."""
    if PurePosixPath(recipe.path).suffix.lower() not in FORMATS:
        return [], False
    try:
        layer = decode(data, recipe)
    except DatasetError as error:
        note = say("umap-bot can't use the file as it is; correct the map or the file: {why}", why=error.text)
        return [note], False
    unlike = tuple(_unlike(layer, grid, form)[:_LISTED])
    note = say(
        "some features do not read back as written: {keys:, }; please report this problem", keys=unlike
    )
    return [note] if unlike else [], True


def _unlike(layer: Layer, grid: Grid, form: Format) -> list[str]:
    """Return the keys of rows that don't read back as they were written."""
    value_of = json_value if form == "geojson" else partial(cell_text, workbook=form == "xlsx")
    unlike = []
    for row in grid.rows:
        read = layer.rows.get(row.key)
        written = {column: value_of(value) for column, value in row.cells.items()}
        if (
            read is None
            or canonical(read.properties) != canonical(written)
            or canonical_geometry(read.geometry) != canonical_geometry(row.geometry)
        ):
            unlike.append(row.key)
    return unlike
