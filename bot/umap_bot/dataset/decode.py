"""From the bytes of a dataset file to the layer that it describes. The file's name ending decides how."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from typing import Final, Protocol

import msgspec
from msgspec.structs import replace

from umap_bot.dataset import delimited, geojson
from umap_bot.dataset.findings import FileError, Findings, Unit
from umap_bot.dataset.known_rows import KnownRows
from umap_bot.dataset.limits import MOST_BYTES
from umap_bot.dataset.naming import check_names
from umap_bot.dataset.places.points import located
from umap_bot.dataset.publication import names_of_none, to_publish
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.rows import filtered, to_layer
from umap_bot.dataset.sheets import sheet
from umap_bot.dataset.table import Table
from umap_bot.dataset.waiting import TOO_MANY, may_wait, set_apart
from umap_bot.errors import DatasetError
from umap_bot.model.base import Base, Known
from umap_bot.model.layer import BadRows, Layer
from umap_bot.model.mark import AskPublished, nothing_published
from umap_bot.text import joined, say


class Reader(Protocol):
    def __call__(
        self, data: bytes, recipe: Recipe, findings: Findings, known_rows: KnownRows | None = None, /
    ) -> Table:
        """Return the table of a file, without records of the rows that `known_rows` know. Raise FileError."""


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


def decode(
    data: bytes, recipe: Recipe, base: Base | None = None, published: AskPublished = nothing_published
) -> Layer:
    """Return the layer that a file describes. Raise DatasetError with all its problems, by kind.

    `published` tells which id a row had that has none now.

    The same bytes and recipe always give the same layer. Rows that `base` knows by their source are taken
    from there, and only the others are read. With any problem or warning all are: it may be of those, too.
    Where the recipe lets rows wait that can't be read, the file is then read once more, as if they were not
    there: so nothing that is said of all rows together is said of them.
    """
    known = base.known if base else {}
    if any(row.source for row in known.values()):
        with suppress(DatasetError, msgspec.DecodeError):  # raised below, with all that there is to say
            layer = _decode(data, recipe, known, published)
            if not layer.warnings:
                return layer
    try:
        return _decode(data, recipe, {}, published)
    except FileError as error:
        if recipe.bad_rows == "wait" and error.rows:
            with suppress(DatasetError):  # then the first error says all that there is to say
                layer = _decode(data, recipe, {}, published, error)
                if may_wait(layer):
                    return layer
            error.way_out = joined((error.way_out, TOO_MANY))
        raise


def _decode(
    data: bytes,
    recipe: Recipe,
    known: Mapping[str, Known],
    published: AskPublished,
    error: FileError | None = None,
) -> Layer:
    """Return the layer, without the rows in which `error` found problems."""
    read, unit = reader_of(recipe)
    findings = Findings(recipe.path, unit, error.rows if error else ())
    recipe = recipe.normalized()
    if recipe.sheet and read is not sheet.read:
        findings.warn(
            say("DATASET_SHEET has no effect, because this file is not a spreadsheet; remove the setting")
        )
    if len(data) > MOST_BYTES:
        findings.fatal(say("the file is larger than {megabytes} MB; split it", megabytes=MOST_BYTES // 2**20))
    try:
        with _collector_off():
            table = read(data, recipe, findings, None if recipe.filter else KnownRows(recipe, known))
            check_names(table, recipe, findings)
            unnamed = names_of_none(table, recipe, findings, published)
            table, bad_rows = set_apart(table, error, recipe.key) if error else (table, BadRows())
            table, left_out = filtered(table, recipe)
            table, unpublished = to_publish(located(table, recipe, findings, known), recipe, findings, known)
            layer = to_layer(table, recipe, findings, left_out, unpublished, known, published)
            layer = replace(layer, unnamed=unnamed) if unnamed else layer
            return replace(layer, bad_rows=bad_rows, sources={}) if error else layer
    except MemoryError:
        findings.fatal(say("there is not enough memory to read the file; split it"))


def reader_of(recipe: Recipe) -> tuple[Reader, Unit]:
    """Return what reads a file, and what it calls a record. Raise DatasetError for other kinds of files."""
    ending = PurePosixPath(recipe.path).suffix.lower()
    if ending not in FORMATS:
        raise DatasetError(
            say("{file} has a format that umap-bot can't read.", file=recipe.path),
            way_out=say("Save it as .ods or .xlsx, and set DATASET_PATH to the new file.")
            if ending in _OTHER_SHEETS
            else say("DATASET_PATH must end in one of: {endings:, }.", endings=tuple(FORMATS)),
        )
    return FORMATS[ending]


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
