"""`umap-bot show`: one run, field by field."""

from __future__ import annotations

import click
from msgspec.structs import replace

from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.output import formats
from umap_bot.cli.output.formats import LayerResult
from umap_bot.errors import UsageError
from umap_bot.model.run import Run
from umap_bot.report.hide import without_columns
from umap_bot.report.settling import settlers
from umap_bot.report.story.acts import USUAL, Commands
from umap_bot.report.story.sentences import run_story
from umap_bot.report.story.several import LayerStory
from umap_bot.text import Text, say
from umap_bot.wiring import journal


@click.command(name="show")
@click.argument("run", type=click.IntRange(1))
@layers.chosen
@flags.full
@formats.chosen
def command(selection: Selection, run: int, full: bool, form: formats.Format) -> int:
    """Say what RUN did, field by field."""
    settings = layers.settings(selection)
    reader = journal(settings[0]).reader
    found = reader.run(run)
    if found is None:
        raise UsageError(
            say("There is no run {number} in the log.", number=run), way_out=say("umap-bot log names them.")
        )
    told = without_columns(found, layers.hidden_columns(settings))
    settler = settlers((found, *reader.runs_after(found))).get(found.number)
    story = run_story(told, reader.success_before(found), Commands(sync=_command(found)), settler)
    if undone_by := reader.undone_by(found):
        undone = say(
            "Undone by run {number}: {command}", number=undone_by, command=f"umap-bot show {undone_by}"
        )
        story = replace(story, end=(undone, *story.end))
    if found.pushes:
        story = replace(story, end=(*story.end, _backup(run, selection)))
    shown = [LayerResult(told.layer, told, LayerStory(told.layer, story))]
    whole = flags.typed("show", [str(run)], selection.words, ["--full"])
    speech.page(formats.render(shown, form, whole=whole, full=full))
    return 0


def _command(run: Run) -> str:
    """Return the command that makes such a run."""
    undo = run.plan.effects.undo if run.plan else None
    return f"umap-bot rollback {undo.run}" if undo else USUAL.sync


def _backup(run: int, selection: Selection) -> Text:
    command = flags.typed(
        "export", ["--backup", str(run)], Selection(selection.env_file, selection.manifest).words
    )
    return say("Backup, the layer before this run: {command}", command=command)
