"""`umap-bot show`: one run, field by field."""

from __future__ import annotations

from collections.abc import Sequence

import click
from msgspec.structs import replace

from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.options.runs import number_of
from umap_bot.cli.output import formats
from umap_bot.cli.output.formats import LayerResult
from umap_bot.errors import UsageError
from umap_bot.journal.reader import Reader
from umap_bot.model.access import Deed
from umap_bot.model.run import Run
from umap_bot.report.hide import without_columns
from umap_bot.report.settling import settlers
from umap_bot.report.story.acts import USUAL, Commands
from umap_bot.report.story.sentences import run_story
from umap_bot.report.story.several import LayerStory
from umap_bot.settings import Settings
from umap_bot.text import Text, say
from umap_bot.wiring import journal, names_of_layers


@click.command(name="show")
@click.argument("run")
@layers.chosen
@flags.full
@formats.chosen
def command(selection: Selection, run: str, full: bool, form: formats.Format) -> int:
    """Say what RUN did, field by field: its number in the log, or "latest" for the last one there."""
    number = number_of(run)
    settings = layers.settings(selection)
    reader = journal(settings[0]).reader
    found = _found(number, selection, settings, reader)
    told = without_columns(found, layers.hidden_columns(settings))
    settler = settlers((found, *reader.runs_after(found))).get(found.number)
    story = run_story(
        told, reader.success_before(found), _commands(found, selection, settings, reader), settler
    )
    if undone_by := reader.undone_by(found):
        undone = say(
            "Undone by run {number}: {command}", number=undone_by, command=f"umap-bot show {undone_by}"
        )
        story = replace(story, end=(undone, *story.end))
    deeds = journal(settings[0]).deeds.of_run(found.number)
    story = replace(story, end=(*map(_at_the_desk, deeds), *story.end))
    if found.pushes:
        story = replace(story, end=(*story.end, _backup(found.number, selection)))
    shown = [LayerResult(told.layer, told, LayerStory(told.layer, story))]
    whole = flags.typed("show", [str(found.number)], selection.words, ["--full"])
    formats.show(shown, form, whole=whole, full=full)
    return 0


def _at_the_desk(deed: Deed) -> Text:
    return say("At the desk: {what} · {name}, {time}", what=deed.said, name=deed.by, time=deed.at)


def _found(number: int | None, selection: Selection, settings: Sequence[Settings], reader: Reader) -> Run:
    """Return the run of this number, None for the latest of the chosen layers. Raise UsageError."""
    if number is None:
        chosen = names_of_layers(layers.named(settings, selection.layer), reader)
        last = [run for name in chosen for run in reader.runs(1, layer=name)]
        if not last:
            raise UsageError(
                say("There is no run in the log yet."), way_out=say("umap-bot sync makes the first.")
            )
        return max(last, key=lambda run: run.number)
    if found := reader.run(number):
        return found
    raise UsageError(
        say("There is no run {number} in the log.", number=number),
        way_out=say("To list the runs: umap-bot log"),
    )


def _commands(run: Run, selection: Selection, settings: Sequence[Settings], reader: Reader) -> Commands:
    """Return what people type about the run's layer."""
    names = names_of_layers(settings, reader)
    own = next((each for each, name in zip(settings, names, strict=True) if name == run.layer), None)
    chosen = selection._replace(layer=()).words
    if len(settings) > 1 and own:
        chosen = [*chosen, "--layer", own.umap_layer or run.layer]
    filtered = tuple(own.dataset_filter) if own else ()
    return Commands(sync=_command(run), chosen=tuple(chosen), filtered=filtered)


def _command(run: Run) -> str:
    """Return the command that makes such a run."""
    undo = run.plan.effects.undo if run.plan else None
    return f"umap-bot rollback {undo.run}" if undo else USUAL.sync


def _backup(run: int, selection: Selection) -> Text:
    command = flags.typed(
        "export", ["--backup", str(run)], Selection(selection.env_file, selection.manifest).words
    )
    return say("Backup, the layer before this run: {command}", command=command)
