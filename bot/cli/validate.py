"""`umap-bot validate`: the file alone, without a map."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click
import msgspec

from bot.cli import options, speech
from bot.dataset.decode import decode
from bot.dataset.findings import FileError, Problem
from bot.dataset.limits import MOST_BYTES
from bot.errors import DatasetError, UsageError
from bot.model.layer import Layer
from bot.report.words import assumed, rows
from bot.text import joined, say
from bot.wiring import dataset, recipe

NONE: Final = "-"
"""Stands in for settings that are required, but not for this."""


@click.command(name="validate")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@options.env_file
@options.as_json
def command(file: Path | None, env_file: Path | None, as_json: bool) -> int:
    """Say whether the file is good: FILE here, or the one in the repository.

    FILE needs no settings, no map and no git; settings that are there say how it is read. With --json a bad
    file is an answer too, with all that is wrong with it.

    Exit code: 0 good · 11 not.
    """
    if not as_json:
        _tell(_layer(file, env_file))
        return 0
    try:
        said, code = _of_layer(_layer(file, env_file)), 0
    except DatasetError as error:
        said, code = _of_error(file.name if file else None, error), error.code
    encoded = msgspec.json.encode(said, enc_hook=speech.tongue().say)
    click.echo(msgspec.json.format(encoded, indent=2).decode())
    return code


def _tell(layer: Layer) -> None:
    good = say(
        "{file} is good: {rows}, {places}, columns {columns:, }.",
        file=layer.file,
        rows=rows(len(layer.rows)),
        places=say("with coordinates") if layer.places else say("without coordinates"),
        columns=layer.columns,
    )
    notes = (*assumed(layer), *layer.warnings)
    for line in (good, *(joined(("  ·", note)) for note in notes)):
        speech.tell(line)


def _of_layer(layer: Layer) -> dict[str, Any]:
    """Give the answer for a good file. Its members are a public interface."""
    return {
        "file": layer.file,
        "good": True,
        "rows": len(layer.rows),
        "columns": layer.columns,
        "places": layer.places,
        "assumed": layer.assumed,
        "warnings": layer.warnings,
        "problems": [],
        "more": 0,
    }


def _of_error(file: str | None, error: DatasetError) -> dict[str, Any]:
    """Give the same for a bad file: `problems` are the first 20, `more` is how many there are beside them."""
    if not isinstance(error, FileError):
        error = FileError(error.text, (Problem(error.text),), 0, (), ())
    return {
        "file": file,
        "good": False,
        "rows": None,
        "columns": None,
        "places": None,
        "assumed": error.assumed,
        "warnings": error.warnings,
        "problems": error.problems,
        "more": error.more,
    }


def _layer(file: Path | None, env_file: Path | None) -> Layer:
    return _in_repository(env_file) if file is None else _here(file, env_file)


def _in_repository(env_file: Path | None) -> Layer:
    found = dataset(speech.settings(env_file, assumed={"UMAP_MAP_URL": NONE}))
    return found.read(found.head())[1]


def _here(file: Path, env_file: Path | None) -> Layer:
    if str(file) == "-":
        raise UsageError(say("FILE is a file: how it is read is known by the ending of its name."))
    settings = speech.settings(
        env_file, assumed={"UMAP_MAP_URL": NONE, "DATASET_REPO": NONE, "DATASET_PATH": NONE}
    )
    return decode(_bytes(file), msgspec.structs.replace(recipe(settings), path=file.name))


def _bytes(file: Path) -> bytes:
    """Give what a file holds, a byte more than is allowed at the most: it may be a device without an end."""
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise DatasetError(
            say("{file} can't be read: {reason}.", file=str(file), reason=error.strerror or "")
        ) from error
