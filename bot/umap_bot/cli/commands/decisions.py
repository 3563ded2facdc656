"""`umap-bot decisions`: what waits for a person, and what people decided."""

from __future__ import annotations

import re
from typing import Final

import click

from umap_bot.cli import speech
from umap_bot.cli.options import layers
from umap_bot.cli.options.layers import Selection
from umap_bot.journal.reader import LayerStatus
from umap_bot.model.approval_code import read_code
from umap_bot.questions import asked
from umap_bot.report.formats import terminal
from umap_bot.report.hide import without_columns
from umap_bot.report.story.acts import USUAL, Commands
from umap_bot.report.story.decisions import Question, decisions_story
from umap_bot.report.story.several import LayerStory
from umap_bot.run.approving import take_back
from umap_bot.text import say
from umap_bot.wiring import Wired

_NUMBER: Final = re.compile(r"[0-9]{1,9}")
"""Of a decision. A code is longer."""


@click.command(name="decisions")
@layers.chosen
@click.option(
    "--undo",
    "taken_back",
    multiple=True,
    metavar="NUMBER|CODE",
    help=say("Undo this decision, or the approval with this code. The next run asks again. Repeatable."),
)
def command(selection: Selection, taken_back: tuple[str, ...]) -> int:
    """Show what needs your approval and what has been decided: by whom, when, and about what.

    A decision holds until its value changes, in the file or on the map. An approval applies to the next sync.
    """
    wired = layers.wired(selection)
    if taken_back:
        _take_back(layers.single(wired), taken_back)
        speech.tell(say("Undone. The next run asks again."))
        return 0
    commands = layers.commands(wired, selection, USUAL.sync)
    found = {each.layer: each for each in wired[0].journal.reader.layers()}
    told = [
        _story(each, found.get(each.work.job.layer), commands[each.work.job.layer], named=len(wired) > 1)
        for each in wired
    ]
    speech.page(terminal.together(told, speech.tongue()))
    return 0


def _take_back(one: Wired, words: tuple[str, ...]) -> None:
    """Take back decisions by their numbers, and approvals by their codes. Raise UsageError."""
    layer, codes = one.work.job.layer, [read_code(word) for word in words if not _NUMBER.fullmatch(word)]
    approved = one.journal.reader.approvals(layer, one.clock.now())
    for code in codes:
        take_back(code, approved, one.journal)
    if numbers := [int(word) for word in words if _NUMBER.fullmatch(word)]:
        one.journal.take_back(layer, numbers, one.clock)


def _story(wired: Wired, status: LayerStatus | None, commands: Commands, *, named: bool) -> LayerStory:
    reader, columns, layer = wired.journal.reader, wired.settings.hidden_columns, wired.work.job.layer
    made, approved = reader.decisions(layer), reader.approvals(layer, wired.clock.now())
    found = asked(reader, status, wired.clock.now()) if status else None
    if found:
        found = Question(found.run, found.since, without_columns(found.plan, columns))
    shown = [without_columns(each, columns) for each in made]
    name = layers.called(wired)
    story = decisions_story(
        name if named else "", found, shown, approved, commands, headers=wired.settings.headers
    )
    return LayerStory(name, story)
