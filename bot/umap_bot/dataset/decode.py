"""From the bytes of a dataset file to the layer that it describes. The file's name ending decides how."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Final

from umap_bot.dataset import delimited, geojson
from umap_bot.dataset.findings import Findings, Unit
from umap_bot.dataset.limits import MOST_BYTES
from umap_bot.dataset.naming import check_names
from umap_bot.dataset.places.points import located
from umap_bot.dataset.publication import published
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.rows import filtered, to_layer
from umap_bot.dataset.sheets import sheet
from umap_bot.dataset.table import Table
from umap_bot.errors import DatasetError
from umap_bot.model.layer import Layer
from umap_bot.text import say

Reader = Callable[[bytes, Recipe, Findings], Table]

FORMATS: Final[dict[str, tuple[Reader, Unit]]] = {
    ".csv": (delimited.read, "row"),
    ".tsv": (delimited.read, "row"),
    ".geojson": (geojson.read, "feature"),
    ".json": (geojson.read, "feature"),
    ".xlsx": (sheet.read, "row"),
    ".xlsm": (sheet.read, "row"),
    ".ods": (sheet.read, "row"),
}
"""Name ending → the reader, and what it calls a record."""

_OTHER_SHEETS: Final = (".xls", ".xlsb", ".xlt", ".fods", ".sxc", ".numbers")


def decode(data: bytes, recipe: Recipe) -> Layer:
    """Return the layer that a file describes. Raise DatasetError with all its problems, one a line.

    The same bytes and recipe always give the same layer.
    """
    ending = PurePosixPath(recipe.path).suffix.lower()
    if ending not in FORMATS:
        raise DatasetError(
            say("{file} is of a kind that can't be read.", file=recipe.path),
            way_out=say("Save it as .ods or .xlsx, and name that in DATASET_PATH.")
            if ending in _OTHER_SHEETS
            else say("DATASET_PATH must end in {endings:, }.", endings=tuple(FORMATS)),
        )
    read, unit = FORMATS[ending]
    findings = Findings(recipe.path, unit)
    recipe = recipe.normalized()
    if recipe.sheet and read is not sheet.read:
        findings.warn(say("DATASET_SHEET is not used: only spreadsheets have sheets"))
    if len(data) > MOST_BYTES:
        findings.fatal(say("is larger than {megabytes} MB; use a part of it", megabytes=MOST_BYTES // 2**20))
    try:
        with _collector_off():
            table = read(data, recipe, findings)
            check_names(table, recipe, findings)
            table, left_out = filtered(table, recipe)
            table, unpublished = published(located(table, recipe, findings), recipe, findings)
            return to_layer(table, recipe, findings, left_out, unpublished)
    except MemoryError:
        findings.fatal(say("takes more memory than there is; use a part of it"))


@contextmanager
def _collector_off() -> Iterator[None]:
    """Keep the garbage collector out: a decoded file has no cycles, and takes twice the time with it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
