"""`umap-bot validate`: the file alone, without a map."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
import msgspec

from bot.cli import options, speech
from bot.dataset.decode import decode
from bot.errors import DatasetError
from bot.model.layer import Layer
from bot.report.words import rows
from bot.text import joined, say
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
    good = say(
        "{file} is good: {rows}, {places}, columns {columns:, }.",
        file=layer.file,
        rows=rows(len(layer.rows)),
        places=say("with coordinates") if layer.places else say("without coordinates"),
        columns=layer.columns,
    )
    for line in (good, *(joined(("  ·", warning)) for warning in layer.warnings)):
        speech.tell(line)
    return 0


def _in_repository(env_file: Path | None) -> Layer:
    found = dataset(speech.settings(env_file, assumed={"UMAP_MAP_URL": NONE}))
    return found.read(found.head())[1]


def _here(file: Path, env_file: Path | None) -> Layer:
    settings = speech.settings(
        env_file, assumed={"UMAP_MAP_URL": NONE, "DATASET_REPO": NONE, "DATASET_PATH": NONE}
    )
    try:
        data = file.read_bytes()
    except OSError as error:
        raise DatasetError(
            say("{file} can't be read: {reason}.", file=str(file), reason=error.strerror or "")
        ) from error
    return decode(data, msgspec.structs.replace(recipe(settings), path=file.name))
