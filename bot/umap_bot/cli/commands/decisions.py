"""`umap-bot decisions`: what waits for a person, and what people decided."""

from __future__ import annotations

import click

from umap_bot.cli import speech
from umap_bot.cli.options import layers
from umap_bot.cli.options.layers import Selection
from umap_bot.journal.reader import LayerStatus, Reader
from umap_bot.report.formats import terminal
from umap_bot.report.hide import without_columns
from umap_bot.report.story.acts import USUAL, Commands
from umap_bot.report.story.decisions import Question, decisions_story, still_asked
from umap_bot.report.story.several import LayerStory
from umap_bot.text import say
from umap_bot.wiring import Wired


@click.command(name="decisions")
@layers.chosen
@click.option(
    "--undo",
    "taken_back",
    multiple=True,
    type=click.IntRange(1),
    metavar="NUMBER",
    help=say("Take this decision back; the next run asks again. Repeatable."),
)
def command(selection: Selection, taken_back: tuple[int, ...]) -> int:
    """Show what needs your approval, and what was decided: by whom, when, about what.

    A decision holds until the value that it is about changes, in the file or on the map.
    """
    wired = layers.wired(selection)
    if taken_back:
        one = layers.single(wired)
        one.journal.take_back(one.work.job.layer, taken_back, one.clock)
        speech.tell(say("Taken back. The next run asks again."))
        return 0
    commands = layers.commands(wired, selection, USUAL.sync)
    found = {each.layer: each for each in wired[0].journal.reader.layers()}
    told = [
        _story(each, found.get(each.work.job.layer), commands[each.work.job.layer], named=len(wired) > 1)
        for each in wired
    ]
    speech.page(terminal.together(told, speech.tongue()))
    return 0


def _story(wired: Wired, status: LayerStatus | None, commands: Commands, *, named: bool) -> LayerStory:
    reader, columns = wired.journal.reader, wired.settings.hidden_columns
    made = reader.decisions(wired.work.job.layer)
    asked = _question(reader, status) if status else None
    asked = still_asked(asked, made) if asked else None
    if asked:
        asked = Question(asked.run, asked.since, without_columns(asked.plan, columns))
    shown = [without_columns(each, columns) for each in made]
    name = layers.called(wired)
    return LayerStory(name, decisions_story(name if named else "", asked, shown, commands))


def _question(reader: Reader, status: LayerStatus) -> Question | None:
    """Return what waits: parts of plans since a settled run, or the whole plan of the last one."""
    if status.waiting:
        run = reader.run(status.waiting.run)
        return Question(status.waiting.run, status.waiting.since, run.plan) if run and run.plan else None
    last = status.last
    return (
        Question(last.number, last.started, last.plan)
        if last and last.plan and last.plan.verdict.asks
        else None
    )
