"""A file with ids in it: a column of them, or its empty cells filled, and nothing else changed."""

from __future__ import annotations

from collections.abc import Mapping

from umap_bot.dataset.editing.edits import Edits
from umap_bot.dataset.editing.file import edited, is_geojson
from umap_bot.dataset.ids.rows import Rows
from umap_bot.dataset.recipe import Recipe


def write(data: bytes, recipe: Recipe, rows: Rows, ids: Mapping[int, str]) -> bytes:
    """Return the file with these ids, by the numbers of their rows. Raise DatasetError if it can't be done
    without touching anything else."""
    column = "" if rows.exists or is_geojson(recipe) else rows.key
    cells = {number: {rows.key: key} for number, key in ids.items()}
    return edited(data, recipe, Edits(cells=cells, column=column))
