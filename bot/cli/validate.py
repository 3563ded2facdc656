"""`umap-bot validate`: the file alone, without a map."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli import options
from bot.dataset.decode import decode
from bot.errors import DatasetError
from bot.report.terminal import clean
from bot.report.words import rows
from bot.settings import load
from bot.wiring import recipe, wire


@click.command(name="validate")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@options.env_file
def command(file: Path | None, env_file: Path | None) -> int:
    """Say whether the file is good: FILE here, or the one in the repository.

    Exit code: 0 good · 11 not.
    """
    settings = load(env_file)
    if file is None:
        dataset = wire(settings).work.dataset
        _, layer = dataset.read(dataset.head())
    else:
        try:
            data = file.read_bytes()
        except OSError as error:
            raise DatasetError(f"{file} can't be read: {error.strerror}.") from error
        layer = decode(data, recipe(settings))
    places = "with" if layer.places else "without"
    columns = ", ".join(layer.columns)
    told = [f"{layer.file} is good: {rows(len(layer.rows))}, {places} coordinates, columns {columns}."]
    click.echo(clean("\n".join([*told, *(f"  · {warning}" for warning in layer.warnings)])))
    return 0
