"""`umap-bot validate`: the file alone, without a map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import click
import msgspec

from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.output import progress
from umap_bot.dataset.decode import decode
from umap_bot.dataset.findings import FileError, Problem
from umap_bot.dataset.limits import MOST_BYTES
from umap_bot.dataset.made_keys import counted_keys
from umap_bot.dataset.sources.pasted import is_bare
from umap_bot.errors import DatasetError, UsageError
from umap_bot.fetching import fetched_whole
from umap_bot.model.hidden import Hidden
from umap_bot.model.layer import Layer
from umap_bot.model.mark import nothing_published
from umap_bot.report.formats import jsontext
from umap_bot.report.hide import without_columns, words_without
from umap_bot.report.story.words import assumed, rows, with_coordinates
from umap_bot.settings import NOT_NEEDED, Settings
from umap_bot.text import joined, say
from umap_bot.wiring import dataset, published_ids, recipe


@click.command(name="validate")
@click.argument("file", type=click.Path(), required=False, metavar="[FILE|ADDRESS]")
@layers.chosen
@flags.full
@flags.as_json
def command(selection: Selection, file: str | None, full: bool, as_json: bool) -> int:
    """Check that a file is valid: FILE, the data at ADDRESS, or the file in the repository.

    ADDRESS is an address as in DATASET_URL. FILE and ADDRESS need no settings, no map and no git. If there
    are settings, the file is read as they say; with a manifest, as each layer says. With --json, the problems
    of an invalid file are part of the result.

    Exit code: 0 valid · 11 not valid.
    """
    if file == "-":
        raise UsageError(say("FILE must be a file, because its extension says how to read it."))
    ways = _settings(selection, file)
    with progress.shown(quiet=as_json):
        given = _given(file, ways[0]) if file is not None else None
        found = [_read(each, given) for each in ways]
    if as_json:
        _print(found, given.name if given else None)
    else:
        _tell_all([_in_full(each) for each in found] if full else found)
    return max(0 if isinstance(each, Layer) else each.code for each in found)


class Given(NamedTuple):
    """What was named on the command line: a file here, or one that was fetched.

    `read` gives its bytes, or raises DatasetError.
    """

    name: str
    read: Callable[[], bytes]


def _given(typed: str, settings: Settings) -> Given:
    """Return the file, or the data at the address. Raise SourceError, SettingsError."""
    if "://" not in typed and (Path(typed).exists() or not is_bare(typed)):
        return Given(typed, partial(bytes_of, Path(typed)))
    own = typed == settings.dataset_url
    return _fetched(
        settings if own else settings.model_copy(update={"dataset_url": typed, "dataset_path": ""})
    )


def _fetched(settings: Settings) -> Given:
    """Return the data as its source holds it now: what was fetched before is good. Raise SourceError."""
    came = fetched_whole(settings)
    return Given(settings.dataset_path or came.name, lambda: came.data)


def _read(settings: Settings, file: Given | None) -> Layer | DatasetError:
    columns = settings.hidden_columns
    try:
        if file is None and settings.dataset_url:
            file = _fetched(settings)
        layer = _in_repository(settings) if file is None else _here(file, settings)
    except FileError as error:
        return _without(error, columns)
    except DatasetError as error:
        return without_columns(error, columns)
    warnings = tuple(words_without(warning, columns) for warning in layer.warnings)
    return msgspec.structs.replace(layer, warnings=warnings)


def _without(error: FileError, columns: Hidden) -> FileError:
    """Return the error without the values of hidden columns, in each of its problems too."""
    return FileError(
        words_without(error.message, columns),
        tuple(_problem_without(each, columns) for each in error.problems),
        error.more,
        way_out=words_without(error.way_out, columns),
        assumed=error.assumed,
        warnings=tuple(words_without(warning, columns) for warning in error.warnings),
        lines=tuple(words_without(line, columns) for line in error.lines),
        rows=error.rows,
    )


def _problem_without(problem: Problem, columns: Hidden) -> Problem:
    value = "" if problem.column in columns else problem.value
    return msgspec.structs.replace(problem, text=words_without(problem.text, columns), value=value)


def _in_full(found: Layer | DatasetError) -> Layer | DatasetError:
    return DatasetError(found.in_full) if isinstance(found, FileError) else found


def _tell_all(found: Sequence[Layer | DatasetError]) -> None:
    if len(found) == 1 and isinstance(found[0], DatasetError):
        raise found[0]
    for each in found:
        if isinstance(each, Layer):
            _tell(each)
        else:
            speech.tell(each.text, err=True)


def _print(found: Sequence[Layer | DatasetError], name: str | None) -> None:
    said = [_of_layer(each) if isinstance(each, Layer) else _of_error(name, each) for each in found]
    told = said[0] if len(said) == 1 else {"files": said}
    speech.answer(jsontext.render(told, speech.tongue().say))


def _tell(layer: Layer) -> None:
    good = say(
        "{file} is valid: {rows}, {places}, columns {columns:, }.",
        file=layer.file,
        rows=rows(len(layer.rows)),
        places=with_coordinates(layer) if layer.places else say("without coordinates"),
        columns=layer.columns,
    )
    notes = (*assumed(layer), *layer.warnings, *counted_keys(layer))
    for line in (good, *(joined(("  ·", note)) for note in notes)):
        speech.tell(line)


def _of_layer(layer: Layer) -> dict[str, Any]:
    """Return the answer for a good file. Its members are a public interface."""
    return {
        "file": layer.file,
        "good": True,
        "rows": len(layer.rows),
        "columns": layer.columns,
        "places": layer.places,
        "assumed": layer.assumed,
        "warnings": (*layer.warnings, *counted_keys(layer)),
        "problems": [],
        "more": 0,
    }


def _of_error(file: str | None, error: DatasetError) -> dict[str, Any]:
    """Return the same for a bad file: `problems` are all that were kept, `more` is how many there are beside
    them."""
    if not isinstance(error, FileError):
        error = FileError(error.text, (Problem(error.text),))
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


def _settings(selection: Selection, file: str | None) -> Sequence[Settings]:
    """Return the settings of each way in which the file, or each file, is read."""
    missing = ("UMAP_MAP_URL", *(("DATASET_REPO", "DATASET_PATH") if file else ()))
    found = layers.settings(selection, dict.fromkeys(missing, NOT_NEEDED))
    chosen = layers.named(found, selection.layer)
    # Rows that a sync lets wait are problems all the same.
    strict = [each.model_copy(update={"dataset_bad_rows": "refuse"}) for each in chosen]
    ways = {(each.dataset_url, each.dataset_repo, msgspec.json.encode(recipe(each))): each for each in strict}
    return list(ways.values())


def _in_repository(settings: Settings) -> Layer:
    found = dataset(settings)
    return found.read(found.head())[1]


def _here(file: Given, settings: Settings) -> Layer:
    own = PurePosixPath(settings.dataset_path).name  # by its name: it may lie anywhere here
    published = partial(published_ids, settings) if Path(file.name).name == own else nothing_published
    how = msgspec.structs.replace(recipe(settings), path=file.name)
    return decode(file.read(), how, published=published)


def bytes_of(file: Path) -> bytes:
    """Return what a file holds, a byte more than is allowed at the most: it may be a device without an
    end."""
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise DatasetError(
            say("{file} can't be read: {reason}.", file=str(file), reason=error.strerror or ""),
            way_out=say("Check its path, and that you are allowed to read it."),
        ) from error
