"""`umap-bot export`: a layer as a file to keep in git or to bring it back, from the map or from a backup."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from umap_bot.cli import speech
from umap_bot.cli.files import backups
from umap_bot.cli.files.delivery import FileFormat, deliver, format_of, refuse_existing
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.dataset.naming import STYLES
from umap_bot.dataset.writing import whole
from umap_bot.dataset.writing.export import Written, write
from umap_bot.errors import RefusedError, SettingsError, UsageError
from umap_bot.model.layer import Entry, Feature, Live
from umap_bot.reconcile.slices import decode
from umap_bot.report.story.words import features, some
from umap_bot.settings import NOT_NEEDED, WAYS, Settings
from umap_bot.text import Text, as_text, joined, lines_of, say, say_n
from umap_bot.umap.address import read_address
from umap_bot.umap.layer.layer import UmapLayer
from umap_bot.wiring import WallClock, live_map

NO_WAY_IN: Final = {name.lower(): Settings.model_fields[name.lower()].default for way in WAYS for name in way}
OWN: Final = frozenset(
    {"name", "displayOnLoad", "inCaption", "browsable", "remoteData", "fields", "editMode"}
)
"""Settings that every layer has: no word of them."""


@click.command(name="export")
@click.argument("map_url", required=False)
@click.option("--layer", help=say("The layer's name or id. Default: UMAP_LAYER, or the only layer."))
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "geojson", "xlsx", "umap"]),
    help=say(
        "Output format. Default: from the extension of FILE, otherwise csv (geojson for a backup). "
        "umap is uMap's own format, for its import."
    ),
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help=say("The FILE to write. Default: standard output."),
)
@click.option("--key", help=say('The property that holds the ids, if any. Default: DATASET_KEY, or "id".'))
@click.option(
    "--excel",
    is_flag=True,
    help=say("Write the CSV so that French Excel opens it: with a byte order mark and semicolons."),
)
@click.option(
    "--backup",
    metavar="RUN",
    help=say(
        "Export the layer as it was before RUN (a number, or latest) changed it. Contacts neither the "
        "map nor the repository."
    ),
)
@click.option("--force", is_flag=True, help=say("Overwrite an existing file."))
@layers.manifest
@flags.env_file
def command(
    map_url: str | None,
    layer: str | None,
    form: FileFormat | None,
    output: Path | None,
    key: str | None,
    excel: bool,
    backup: str | None,
    force: bool,
    manifest: Path | None,
    env_file: Path | None,
) -> int:
    """Export a layer as a file: the layer in the settings, or one of the map at MAP_URL. Read access is
    enough.

    Each feature becomes a row with an id: its own, or one made from its name. Styles are not exported, except
    with --format umap, or --backup with --format geojson.
    """
    form = format_of(form, output, "csv" if backup is None else "geojson", excel=excel)
    refuse_existing(output, force=force)
    selection = Selection(env_file, manifest, (layer,) if layer else ())
    if backup is not None:
        data, said = backups.backup_file(selection, backup, map_url, form, output, key=key, excel=excel)
    else:
        data, said = _written(settings_for(selection, map_url), form, output, key=key, excel=excel)
    deliver(data, output, force=force)
    for line in said:
        speech.tell(line, err=True)
    return 0


def _written(
    settings: Settings, form: FileFormat, output: Path | None, *, key: str | None, excel: bool
) -> tuple[bytes, list[Text]]:
    """Return the layer on the map as a file, and what is to be said of it."""
    live = read_layer(settings)
    entry, found = live.entry, [decode(raw) for raw in live.standing.features]
    if form == "umap":
        data = whole.umap(
            live.standing,
            entry.settings,
            layer_name=entry.name,
            map_name=entry.map_name,
            map_url=entry.map_url,
        )
        return data, [_head(entry, found, output), backups.how_to_import()]
    column = key if key is not None else settings.key_on_map
    written = write(found, form, output.name if output else f"layer.{form}", key=column, excel=excel)
    return written.data, _said(written, entry, found, output)


def settings_for(selection: Selection, map_url: str | None) -> Settings:
    """Return the settings with what the command line says over them.

    The layer and the way in belong to the map of the settings: of another map they are left out.
    """
    assumed = {"DATASET_REPO": NOT_NEEDED, "DATASET_PATH": NOT_NEEDED}
    if map_url:
        assumed["UMAP_MAP_URL"] = map_url
    layer = selection.layer[0] if selection.layer else ""
    settings = _one_of(layers.settings(selection, assumed), layer, map_url)
    given: dict[str, object] = {}
    if map_url:
        given["umap_map_url"] = map_url
        if not _same_map(map_url, settings.umap_map_url):
            given |= {"umap_layer": "", **NO_WAY_IN}
    if layer:
        given["umap_layer"] = layer
    return settings.model_copy(update=given)


def _one_of(found: Sequence[Settings], layer: str, map_url: str | None) -> Settings:
    """Return the settings of the one layer that is meant: a manifest may name several. Raise UsageError."""
    named = [each for each in found if each.umap_layer == layer] or list(found)
    if map_url:
        return next((each for each in named if _same_map(map_url, each.umap_map_url)), named[0])
    if len(named) > 1:
        raise UsageError(
            say("This command works on one layer, but there are {count}.", count=len(found)),
            way_out=say(
                "Choose one with --layer: {names:, }.", names=tuple(each.umap_layer for each in found)
            ),
        )
    return named[0]


def _same_map(one: str, other: str) -> bool:
    wanted = read_address(one)
    try:
        known = read_address(other)
    except SettingsError:  # of the address in the settings, which is not used
        return False
    return (wanted.origin, wanted.base, wanted.map_id) == (known.origin, known.base, known.map_id)


def read_layer(settings: Settings) -> Live:
    """Read the layer. Raise RefusedError if its features are not in it, or it is not shown."""
    layer = UmapLayer(live_map(settings, WallClock()), settings.umap_layer or None)
    entry = layer.look()
    if entry.remote:
        raise RefusedError(
            say(
                "The layer shows remote data ({address}), so its features are not on the map.",
                address=entry.remote,
            ),
            way_out=say("Download the file from that address."),
        )
    if entry.group:
        raise RefusedError(
            say("The layer is a group of layers."),
            way_out=say("Choose a layer in it with --layer or UMAP_LAYER."),
        )
    return layer.read()


def _said(written: Written, entry: Entry, found: list[Feature], output: Path | None) -> list[Text]:
    columns = say("  columns: {columns:, }", columns=written.columns)
    notes = [_ids(written), *_stays(entry, found), *(as_text(note) for note in written.notes)]
    marked = [joined(("  ·", line)) for note in notes for line in lines_of(note)]
    return [_head(entry, found, output), columns, *marked, *_next(written, output)]


def _head(entry: Entry, found: list[Feature], output: Path | None) -> Text:
    return say(
        "Wrote {features} from “{layer}” ({map}) to {file}.",
        features=features(len(found)),
        layer=entry.name,
        map=entry.map_name,
        file=str(output) if output else "stdout",
    )


def _ids(written: Written) -> Text:
    made, kept = written.made, len(written.keys) - written.made
    parts = (
        [say_n("{count} taken from the map", "{count} taken from the map", kept)] if kept or not made else []
    )
    if made:
        text = say_n(
            "{count} generated from the name or place", "{count} generated from the name or place", made
        )
        parts.append(text)
    column, told = written.recipe.key, joined(parts, ", ")
    if not written.keys:
        return say("ids in the column {column}: {told}", column=column, told=told)
    names = some(written.keys, 3)
    return say("ids in the column {column}: {told} ({names})", column=column, told=told, names=names)


def _stays(entry: Entry, found: list[Feature]) -> list[Text]:
    """Return what is not in the file, and stays on the map."""
    styled = sum(any(feature.properties.get(name) for name in STYLES) for feature in found)
    settings = tuple(sorted(entry.settings.keys() - OWN))
    members = tuple(sorted({name for feature in found for name in feature.others}))
    stays = [say("styles of {features}", features=features(styled))] if styled else []
    if settings:
        stays.append(say("the layer's settings ({names})", names=some(settings)))
    if members:
        stays.append(say("members of features other than properties ({names})", names=some(members)))
    return [say("not in the file, stays on the map: {what:; }", what=tuple(stays))] if stays else []


def _next(written: Written, output: Path | None) -> list[Text]:
    if output is None:
        return []
    if not written.readable:
        return [say("Next: correct the file, then run umap-bot validate")]
    settings = {"DATASET_PATH": written.recipe.path}
    settings |= {"DATASET_KEY": written.recipe.key} if written.recipe.key != "id" else {}
    settings |= written.named
    told = " ".join(f"{name}={shlex.quote(value)}" for name, value in settings.items())
    if not written.made:
        return [say("Next: commit the file, set {settings}, then run umap-bot plan", settings=told)]
    adopt = say(
        "Next: commit the file, set {settings}, then run umap-bot adopt, which adds the ids "
        "to the map, and umap-bot plan",
        settings=told,
    )
    return [adopt]
