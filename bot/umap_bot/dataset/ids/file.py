"""A file with ids in it, and the proof that nothing else of it has changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from xml.parsers import expat

from msgspec.structs import replace

from umap_bot.dataset.decode import reader_of
from umap_bot.dataset.findings import Findings
from umap_bot.dataset.ids import features, ods, text, xlsx
from umap_bot.dataset.ids.rows import Rows, read
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.sheets.answer import Request
from umap_bot.dataset.sheets.parts import UNPACKING, DamagedError, DoctypeError
from umap_bot.dataset.sheets.process import ask
from umap_bot.dataset.sheets.sheet import header_of
from umap_bot.errors import DatasetError
from umap_bot.model.canon import nfc
from umap_bot.text import say

_BROKEN = (
    *UNPACKING,
    *(expat.ExpatError, KeyError, IndexError, DamagedError, DoctypeError),
)
"""What writing into a file raises that is laid out in a way that we don't know."""


def write(data: bytes, recipe: Recipe, rows: Rows, ids: Mapping[int, str]) -> bytes:
    """Return the file with these ids, by the numbers of their rows. Raise DatasetError if it can't be done
    without touching anything else."""
    findings = Findings(recipe.path, rows.unit)
    try:
        written = _written(data, replace(recipe.normalized(), filter={}), rows, ids, findings)
        if _is_proved(written, recipe, rows, ids):
            return written
    except _BROKEN as error:
        raise _refusal(recipe) from error
    raise _refusal(recipe)


def _written(data: bytes, recipe: Recipe, rows: Rows, ids: Mapping[int, str], findings: Findings) -> bytes:
    reader_of(recipe)
    ending = PurePosixPath(recipe.path).suffix.lower()
    if ending in (".csv", ".tsv"):
        return text.write(data, recipe, ids, findings, exists=rows.exists)
    if ending in (".geojson", ".json"):
        return features.write(data, recipe.key, ids)
    sheet = ask(data, Request(recipe.sheet, recipe.key), findings)
    number, names = header_of(sheet.rows, recipe.key)
    width = max(len(cells) for _, cells in sheet.rows)
    column = names.index(recipe.key) if rows.exists else width
    if any(
        first <= column <= last and any(top <= row <= bottom for row in ids)
        for top, first, bottom, last in sheet.marks.merged
    ):
        findings.fatal(say('the column "{column}" has merged cells; unmerge them first', column=recipe.key))
    cells = dict(ids) if rows.exists else {number: recipe.key, **ids}
    if _is_excel(data):
        return xlsx.write(data, sheet.name, column, cells, findings)
    return ods.write(data, sheet.name, column, cells, findings)


def _is_excel(data: bytes) -> bool:
    """Tell an .xlsx from an .ods, whatever it is called."""
    return b"[Content_Types].xml" in data


def _is_proved(written: bytes, recipe: Recipe, rows: Rows, ids: Mapping[int, str]) -> bool:
    """Read the file again: every row has its id, and the cells beside it are what they were."""
    again = read(written, recipe)
    without = {
        number: {column: value for column, value in cells.items() if column != rows.key}
        for number, cells in rows.cells.items()
    }
    return again.own == {**rows.own, **{number: nfc(key) for number, key in ids.items()}} and without == {
        number: {column: value for column, value in cells.items() if column != rows.key}
        for number, cells in again.cells.items()
    }


def _refusal(recipe: Recipe) -> DatasetError:
    return DatasetError(
        say("Ids can't be added to {file} without changing other parts of it.", file=recipe.path),
        way_out=say("Save it as CSV UTF-8 or .ods, and use that file."),
    )
