"""`umap-bot validate`: the file alone, without a map."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
import msgspec

from bot.cli import options
from bot.dataset.decode import decode
from bot.errors import DatasetError
from bot.model.layer import Layer
from bot.report.terminal import clean
from bot.report.words import rows
from bot.settings import load
from bot.wiring import dataset, recipe

NONE: Final = "-"
"""Stands in for settings that are required, but not for this."""


@click.command(name="validate")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@options.env_file
def command(file: Path | None, env_file: Path | None) -> int:
    """Say whether the file is good: FILE here, or the one in the repository.

    Exit code: 0 good · 11 not.
    """
    layer = _in_repository(env_file) if file is None else _here(file, env_file)
    places = "with" if layer.places else "without"
    columns = ", ".join(layer.columns)
    told = [f"{layer.file} is good: {rows(len(layer.rows))}, {places} coordinates, columns {columns}."]
    click.echo(clean("\n".join([*told, *(f"  · {warning}" for warning in layer.warnings)])))
    return 0


def _in_repository(env_file: Path | None) -> Layer:
    found = dataset(load(env_file, assumed={"UMAP_MAP_URL": NONE}))
    return found.read(found.head())[1]


def _here(file: Path, env_file: Path | None) -> Layer:
    settings = load(env_file, assumed={"UMAP_MAP_URL": NONE, "DATASET_REPO": NONE, "DATASET_PATH": NONE})
    try:
        data = file.read_bytes()
    except OSError as error:
        raise DatasetError(f"{file} can't be read: {error.strerror}.") from error
    return decode(data, msgspec.structs.replace(recipe(settings), path=file.name))
