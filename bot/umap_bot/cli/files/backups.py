"""Backups in the state: finding the one that is meant, and writing it as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from umap_bot.cli.files.delivery import FileFormat
from umap_bot.cli.options import layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.options.runs import number_of
from umap_bot.dataset.writing import whole
from umap_bot.dataset.writing.export import write
from umap_bot.errors import UsageError
from umap_bot.journal.reader import Reader
from umap_bot.model.backup import Backup
from umap_bot.model.layer import Feature
from umap_bot.reconcile.slices import decode
from umap_bot.report.story.words import features
from umap_bot.settings import NOT_NEEDED, Settings
from umap_bot.text import Text, joined, say, verbatim
from umap_bot.wiring import journal, names_of_layers

STATE_ALONE: Final = dict.fromkeys(("UMAP_MAP_URL", "DATASET_REPO", "DATASET_PATH"), NOT_NEEDED)
"""What is assumed where only the state is asked."""
_SHOWN: Final = 5


def backup_file(
    selection: Selection,
    which: str,
    map_url: str | None,
    form: FileFormat,
    output: Path | None,
    *,
    key: str | None,
    excel: bool,
) -> tuple[bytes, list[Text]]:
    """Return the backup as a file, and the lines to print about it.

    Raise UsageError if no backup is meant, SettingsError, StateError.
    """
    if map_url:
        raise UsageError(
            say("A backup can only be exported for the map that it was made from."),
            way_out=say("Run the command without MAP_URL."),
        )
    settings = layers.settings(selection, STATE_ALONE)
    reader = journal(settings[0]).reader
    backup = _found(reader, which, selection.layer, settings)
    found = [decode(raw) for raw in backup.standing.features]
    said = [_head(backup, found, reader, output)]
    if form == "geojson":
        return whole.geojson(backup.standing), said
    if form == "umap":
        return _umap(backup), [*said, *_without_settings(backup), how_to_import()]
    own = _by_name(settings, reader).get(backup.layer, settings[0])
    column = key if key is not None else own.key_on_map
    file = write(found, form, output.name if output else f"layer.{form}", key=column, excel=excel)
    whole_one = say("Styles are not exported; to include them: --format geojson or --format umap")
    return file.data, [*said, *(joined((verbatim("  ·"), note)) for note in file.notes), whole_one]


def how_to_import() -> Text:
    """Return how to import a file of uMap's own format into a map."""
    return say(
        "To restore it: open the map in uMap, edit it, choose “Import data”, select the "
        "file, import and save. Then run: umap-bot plan"
    )


def _umap(backup: Backup) -> bytes:
    settings = backup.settings.settings if backup.settings else {}
    return whole.umap(
        backup.standing,
        settings,
        layer_name=backup.layer_name,
        map_name=backup.map_name,
        map_url=backup.map_url,
    )


def _without_settings(backup: Backup) -> list[Text]:
    if backup.settings is not None:
        return []
    return [
        say(
            "The layer's own style is not included, because an earlier version of umap-bot made "
            "this backup and did not store it."
        )
    ]


def _head(backup: Backup, found: Sequence[Feature], reader: Reader, output: Path | None) -> Text:
    run = reader.run(backup.run)
    if run and run.kind == "watch":
        return say(
            "Wrote {features} of “{layer}” ({map}), as run {number} of {time} saw them, to {file}.",
            features=features(len(found)),
            layer=backup.layer_name,
            map=backup.map_name,
            number=backup.run,
            time=run.started,
            file=str(output) if output else "stdout",
        )
    return say(
        "Wrote {features} from “{layer}” ({map}), as they were before run {number}{time}, to {file}.",
        features=features(len(found)),
        layer=backup.layer_name,
        map=backup.map_name,
        number=backup.run,
        time=say(" of {time}", time=run.started) if run else "",
        file=str(output) if output else "stdout",
    )


def _found(reader: Reader, which: str, wanted: Sequence[str], settings: Sequence[Settings]) -> Backup:
    named = number_of(which)
    number = _latest(reader, wanted, settings) if named is None else named
    backup = reader.backup(number)
    if backup is None:
        raise _none_of(reader, number)
    if wanted and not _is_named(backup.layer, wanted):
        raise UsageError(
            say("Run {number} changed another layer: {layer}.", number=number, layer=backup.layer),
            way_out=say("Leave out --layer, or choose a run of that layer. To list runs: umap-bot log"),
        )
    return backup


def _latest(reader: Reader, wanted: Sequence[str], settings: Sequence[Settings]) -> int:
    """Return the newest run with a backup of the layer that is meant."""
    backed = reader.backed()
    if wanted:
        meant = [layer for layer in backed if _is_named(layer, wanted)]
    else:
        known = _by_name(settings, reader)
        meant = [layer for layer in backed if not known or layer in known]
    if len(meant) == 1:
        return backed[meant[0]]
    if not backed:
        raise UsageError(
            say("There is no backup: no run has changed a layer so far."),
            way_out=say("Check STATE_URL."),
        )
    if meant:
        raise UsageError(
            say("There are backups of {count} layers.", count=len(meant)),
            way_out=say("Name a run: {runs:, }.", runs=_runs({each: backed[each] for each in meant})),
        )
    raise UsageError(
        say("There is no backup of this layer."),
        way_out=say("To export a backup of another layer, name its run: {runs:, }.", runs=_runs(backed)),
    )


def _runs(backed: Mapping[str, int]) -> tuple[Text, ...]:
    newest = sorted(backed.items(), key=lambda one: -one[1])[:_SHOWN]
    return tuple(say("--backup {number} ({layer})", number=number, layer=layer) for layer, number in newest)


def _by_name(settings: Sequence[Settings], reader: Reader) -> dict[str, Settings]:
    """Return the settings of layers by the names that the state knows these by."""
    known = [each for each in settings if each.umap_map_url != NOT_NEEDED]
    return dict(zip(names_of_layers(known, reader), known, strict=True))


def _is_named(layer: str, names: Sequence[str]) -> bool:
    return any(layer == name or layer.endswith(f"/{name}") for name in names)


def _none_of(reader: Reader, number: int) -> UsageError:
    """Return why a run has no backup: it pushed nothing, is no longer kept, or never was."""
    if reader.run(number) is not None:
        return UsageError(
            say("Run {number} sent nothing to the map, so there is no backup of it.", number=number),
            way_out=say("To list the runs that changed something: umap-bot log"),
        )
    if number < max(reader.numbers(), default=0):
        return UsageError(
            say("Run {number} is no longer in the log, nor its backup.", number=number),
            way_out=say("STATE_KEEP_RUNS sets how many runs are kept. To list them: umap-bot log"),
        )
    return UsageError(
        say("There is no run {number} in the log.", number=number),
        way_out=say("To list the runs: umap-bot log"),
    )
