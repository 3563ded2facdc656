"""`umap-bot history`: the life of one feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import click

from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.options.runs import runs_after_questions
from umap_bot.errors import UsageError
from umap_bot.model.natural import natural
from umap_bot.model.run import Run
from umap_bot.reconcile.names import fold
from umap_bot.report.formats import record, terminal
from umap_bot.report.hide import NAME, without_columns
from umap_bot.report.history import history_story
from umap_bot.text import say
from umap_bot.wiring import Wired

SHOWN: Final = 5
"""How many ids are named where several features have one name."""


@click.command(name="history")
@click.argument("feature", metavar="ID|NAME")
@layers.logged
@flags.as_json
def command(selection: Selection, feature: str, as_json: bool) -> int:
    """Show every change to the feature with this ID or NAME, from the file and on the map, with all values.

    Case, accents and hyphens of a name do not matter.
    """
    wired = layers.seen(selection)
    key = feature
    found = [run for each in wired for run in _history(each, key)]
    if not found:
        key = _called(feature, wired)
        found = [run for each in wired for run in _history(each, key)]
    runs = sorted(found, key=lambda run: run.number, reverse=True)
    if as_json:
        speech.answer(record.runs(runs, speech.tongue()))
    else:
        later = [run for each in wired for run in runs_after_questions(each, runs)]
        speech.page(terminal.render(history_story(key, runs, later), speech.tongue(), full=True))
    return 0


def _history(wired: Wired, key: str) -> Sequence[Run]:
    found = wired.journal.reader.history(key, wired.work.job.layer, limit=None)
    return [without_columns(run, wired.settings.hidden_columns) for run in found]


def _called(name: str, wired: Sequence[Wired]) -> str:
    """Return the id of the feature that has, or had, this name. Raise UsageError if there is not just one."""
    told = [each for each in wired if NAME not in each.settings.hidden_columns]
    found = {
        key
        for each in told
        for key, known in each.journal.reader.names(each.work.job.layer)
        if key and fold(known) == fold(name)
    }
    if len(found) > 1:
        keys = sorted(found, key=natural)
        raise UsageError(
            say('{count} features are called "{name}".', count=len(keys), name=name),
            way_out=say("Name the one you mean by its id: {keys:, }.", keys=tuple(keys[:SHOWN])),
        )
    if not found:
        raise UsageError(
            say('The log has nothing of a feature with the id or the name "{name}".', name=name),
            way_out=say("Is it as it stands in the file? umap-bot log names what was changed."),
        )
    return found.pop()
