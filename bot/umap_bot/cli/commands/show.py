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
from umap_bot.text import Text, say
from umap_bot.wiring import Wired


@click.command(name="show")
@click.argument("run")
@layers.logged
@flags.full
@formats.chosen
def command(selection: Selection, run: str, full: bool, form: formats.Format) -> int:
    """Show what RUN changed, field by field. RUN is a number from the log, or "latest" for the last run."""
    number = number_of(run)
    wired = layers.seen(selection._replace(layer=()))
    reader = wired[0].journal.reader
    found = _found(number, layers.narrowed(wired, selection.layer), reader)
    told = without_columns(found, layers.hidden_columns([each.settings for each in wired]))
    settler = settlers((found, *reader.runs_after(found))).get(found.number)
    story = run_story(told, reader.success_before(found), _commands(found, selection, wired), settler)
    if undone_by := reader.undone_by(found):
        undone = say(
            "Undone by run {number}: {command}", number=undone_by, command=f"umap-bot show {undone_by}"
        )
        story = replace(story, end=(undone, *story.end))
    deeds = wired[0].journal.deeds.of_run(found.number)
    story = replace(story, end=(*map(_at_the_desk, deeds), *story.end))
    if found.pushes or _saw_the_layer(found):
        story = replace(story, end=(*story.end, _backup(found, selection)))
    shown = [LayerResult(told.layer, told, LayerStory(told.layer, story))]
    whole = flags.typed("show", [str(found.number)], selection.words, ["--full"])
    formats.show(shown, form, whole=whole, full=full)
    return 0


def _at_the_desk(deed: Deed) -> Text:
    return say("At the desk: {what} · {name}, {time}", what=deed.said, name=deed.by, time=deed.at)


def _saw_the_layer(run: Run) -> bool:
    """Tell whether a run that only watches kept the layer as it found it."""
    return run.kind == "watch" and run.plan is not None and not run.plan.context.news_of_map.gone


def _found(number: int | None, wired: Sequence[Wired], reader: Reader) -> Run:
    """Return the run of this number, None for the latest of the chosen layers. Raise UsageError."""
    if number is None:
        last = [run for each in wired for run in reader.runs(1, layer=each.work.job.layer)]
        if not last:
            raise UsageError(
                say("The log has no runs yet."), way_out=say("To make the first one: umap-bot sync")
            )
        return max(last, key=lambda run: run.number)
    if found := reader.run(number):
        return found
    raise UsageError(
        say("There is no run {number} in the log.", number=number),
        way_out=say("To list the runs: umap-bot log"),
    )


def _commands(run: Run, selection: Selection, wired: Sequence[Wired]) -> Commands:
    """Return what people type about the run's layer."""
    own = next((each.settings for each in wired if each.work.job.layer == run.layer), None)
    chosen = selection._replace(layer=()).words
    if len(wired) > 1 and own:
        chosen = [*chosen, "--layer", own.umap_layer or run.layer]
    filtered = tuple(own.dataset_filter) if own else ()
    fetched = own is not None and bool(own.dataset_url)
    return Commands(sync=_command(run), chosen=tuple(chosen), filtered=filtered, fetched=fetched)


def _command(run: Run) -> str:
    """Return the command that makes such a run."""
    undo = run.plan.effects.undo if run.plan else None
    return f"umap-bot rollback {undo.run}" if undo else USUAL.sync


def _backup(run: Run, selection: Selection) -> Text:
    files = Selection(selection.env_file, selection.manifest).words
    command = flags.typed("export", ["--backup", str(run.number)], files)
    if run.kind == "watch":
        return say("The layer as this run saw it: {command}", command=command)
    return say("To export the layer as it was before this run: {command}", command=command)
