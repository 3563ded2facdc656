"""`umap-bot ids`: a copy of a file, with an id in each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from shlex import join, quote
from typing import Final

import click
from msgspec.structs import replace

from umap_bot.cli import speech
from umap_bot.cli.commands.export import read_layer, settings_for
from umap_bot.cli.commands.validate import bytes_of
from umap_bot.cli.files.delivery import deliver, refuse_existing
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.output import progress
from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.ids import file as ids_file
from umap_bot.dataset.ids.rows import Rows, chosen, doubtful, read
from umap_bot.dataset.made_keys import is_number
from umap_bot.dataset.rows import named_keys
from umap_bot.errors import UsageError
from umap_bot.model.layer import Feature, Layer
from umap_bot.model.mark import Published
from umap_bot.model.pairing import Doubt, Pairing
from umap_bot.reconcile.identity import Standing, key_of
from umap_bot.reconcile.pairing import NEAR, pair
from umap_bot.reconcile.slices import decode
from umap_bot.report.story.words import some
from umap_bot.settings import NOT_NEEDED, Settings
from umap_bot.text import Text, joined, say, say_n
from umap_bot.wiring import published_ids, recipe

_SHOWN: Final = 20
"""Doubtful rows that are told; with --full all are."""


@click.command(name="ids")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--map",
    "map_url",
    metavar="URL",
    help=say("Rows that are already on this map get their id from it."),
)
@click.option(
    "--layer", help=say("The layer's name or id on that map. Default: UMAP_LAYER, or the only layer.")
)
@click.option(
    "--near",
    type=click.FloatRange(0),
    default=NEAR,
    show_default=True,
    help=say("Maximum distance in metres."),
)
@click.option("--key", metavar="COLUMN", help=say('The column for the ids. Default: DATASET_KEY, or "id".'))
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help=say('The file to write. Default: the name of FILE with "-ids" added.'),
)
@click.option("--force", is_flag=True, help=say("Overwrite an existing file."))
@flags.full
@flags.env_file
def command(
    file: Path,
    map_url: str | None,
    layer: str | None,
    near: float,
    key: str | None,
    output: Path | None,
    force: bool,
    full: bool,
    env_file: Path | None,
) -> int:
    """Write a copy of FILE in which every row has an id. Nothing else is changed.

    FILE is a CSV, TSV, GeoJSON, XLSX or ODS file. It need not be in git. Rows that have an id keep it. New
    ids are made from names, as in an export; if all ids are numbers, they are the next numbers. With --map, a
    row that has the name and position of a feature on the map gets the id of that feature.
    """
    output = _target(file, output)
    refuse_existing(output, force=force)
    selection = Selection(env_file, None, (layer,) if layer else ())
    settings = _settings(selection, map_url)
    named = settings.dataset_key
    settings = settings.model_copy(update={"dataset_key": key or named})
    how = replace(recipe(settings), path=str(file))
    with progress.shown():
        data = bytes_of(file)
        rows = read(data, how)
        shown = _shown(settings) if map_url and rows.missing else []
    pairing = _paired(rows, shown, settings.key_on_map, near)
    given = _given(pairing, shown, settings.key_on_map)
    on_map = [known for feature in shown if (known := key_of(feature, settings.key_on_map))]
    before = published_ids(settings).of(settings.key_on_map)
    ids = chosen(rows, given, [*on_map, *filter(is_number, (*before.marks, *before.used))])
    if ids:
        deliver(ids_file.write(data, how, rows, ids), output, force=force)
        said = [*_written(rows, ids, given, output)]
    else:
        said = [say("Every row of {file} already has an id, so nothing was written.", file=str(file))]
    doubts = [*_gone(before, rows, ids), *_pairing_doubts(pairing, rows, ids), *doubtful(rows, ids)]
    said += _told(doubts, full=full)
    then = "init" if settings.dataset_repo == NOT_NEEDED else "plan"
    for line in (*said, *(_next(file, output, how.key if how.key != named else "", then) if ids else ())):
        speech.tell(line)
    return 0


def _target(file: Path, output: Path | None) -> Path:
    """Return the file to write. Raise UsageError for one that would be read in another way."""
    output = output or file.with_name(f"{file.stem}-ids{file.suffix}")
    if output.suffix.lower() != file.suffix.lower():
        raise UsageError(
            say(
                "{output} does not have the same file extension as {file}.",
                output=output.name,
                file=file.name,
            ),
            way_out=say("Choose an --output with the same extension."),
        )
    return output


def _settings(selection: Selection, map_url: str | None) -> Settings:
    """Return the settings that say how the file is read, and of which map."""
    if map_url:
        return settings_for(selection, map_url)
    missing = dict.fromkeys(("UMAP_MAP_URL", "DATASET_REPO", "DATASET_PATH"), NOT_NEEDED)
    return layers.settings(selection, missing)[0]


def _shown(settings: Settings) -> list[Feature]:
    return [decode(raw) for raw in read_layer(settings).standing.features]


def _gone(before: Published, rows: Rows, ids: dict[int, str]) -> Iterator[Text]:
    """Ask about ids that were published and are in no row, if this is the file of those that were."""
    gone = before.gone({*rows.own.values(), *ids.values()})
    if gone and ids and before.marks.keys() & {*rows.own.values()}:
        yield say_n(
            "the id {ids} is on the map but no longer in the file. Does it belong to a row that was just "
            "given a new id?",
            "the ids {ids} are on the map but no longer in the file. Do they belong to rows that were just "
            "given new ids?",
            len(gone),
            ids=named_keys(gone),
        )


def _paired(rows: Rows, shown: list[Feature], key: str, near: float) -> Pairing:
    """Pair the rows without an id with features whose id is in no row. Rows are called by their numbers."""
    own = set(rows.own.values())
    free = [Standing(place, each) for place, each in enumerate(shown) if key_of(each, key) not in own]
    desired = Layer(
        file="",
        key=rows.key,
        columns=(),
        rows={str(number): row for number, row in rows.missing.items()},
        places=True,
    )
    return pair(desired, desired.rows, free, near=near)


def _given(pairing: Pairing, shown: list[Feature], key: str) -> dict[int, str]:
    """Return the ids that stand on the map for rows that are sure; one that stands twice is nobody's."""
    found = {int(match.key): key_of(shown[match.place], key) for match in pairing.sure}
    times = Counter(key_of(feature, key) for feature in shown)
    return {number: known for number, known in found.items() if known and times[known] == 1}


def _pairing_doubts(pairing: Pairing, rows: Rows, ids: dict[int, str]) -> Iterator[Text]:
    for doubt in pairing.doubtful:
        yield _doubt(doubt, rows, ids)


def _doubt(doubt: Doubt, rows: Rows, ids: dict[int, str]) -> Text:
    number = int(doubt.key)
    return say(
        '{row}, "{name}", got the new id {id} but may already be on the map: {why} ({names})',
        row=Findings("", rows.unit).record(number),
        name=excerpt(doubt.name),
        id=ids[number],
        why=doubt.why,
        names=some(tuple(excerpt(each.name) for each in doubt.candidates), 3),
    )


def _written(rows: Rows, ids: dict[int, str], given: dict[int, str], output: Path) -> Iterator[Text]:
    yield say_n(
        "Wrote {count} id to {file}, {where}: {names}.",
        "Wrote {count} ids to {file}, {where}: {names}.",
        len(ids),
        file=str(output),
        where=_where(rows),
        names=some(tuple(map(excerpt, ids.values())), 3),
    )
    if given:
        yield say_n("  {count} taken from the map", "  {count} taken from the map", len(given))
    if rows.own:
        yield say_n(
            "  {count} row had an id and keeps it", "  {count} rows had an id and keep it", len(rows.own)
        )


def _where(rows: Rows) -> Text:
    """Name the column, and the sheet where there are several: without a key in any, the first was taken."""
    if not rows.sheet:
        return say('column "{column}"', column=excerpt(rows.key))
    return say(
        'sheet "{sheet}" (DATASET_SHEET), column "{column}"',
        sheet=excerpt(rows.sheet),
        column=excerpt(rows.key),
    )


def _told(doubts: list[Text], *, full: bool) -> Iterator[Text]:
    if not doubts:
        return
    yield say_n("Please check ({count}):", "Please check ({count}):", len(doubts))
    shown = doubts if full else doubts[:_SHOWN]
    yield from (joined(("  ·", doubt)) for doubt in shown)
    if more := len(doubts) - len(shown):
        yield say("  and {count} more (--full shows all)", count=more)


def _next(file: Path, output: Path, key: str, then: str) -> Iterator[Text]:
    """Say what to do with the copy; `key` is a column that the settings must name first, `then` the command
    that goes on."""
    yield say(
        "{file} is unchanged. From now on, keep each id with its row; only new rows get new ids.",
        file=str(file),
    )
    if key:
        yield say("Set {setting} so that umap-bot finds the ids.", setting=f"DATASET_KEY={quote(key)}")
    yield say("Next:  {command}", command=join(["umap-bot", "validate", str(output)]))
    yield say(
        "then replace {file} with it, commit it, and run:  {command}",
        file=str(file),
        command=f"umap-bot {then}",
    )
