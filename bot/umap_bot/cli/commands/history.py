"""`umap-bot history`: the life of one feature."""

from __future__ import annotations

from collections.abc import Sequence

import click

from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.errors import UsageError
from umap_bot.model.run import Run
from umap_bot.report.formats import record, terminal
from umap_bot.report.hide import without_columns
from umap_bot.report.history import history_story
from umap_bot.text import say
from umap_bot.wiring import Wired


@click.command(name="history")
@click.argument("key", metavar="ID")
@layers.chosen
@flags.as_json
def command(selection: Selection, key: str, as_json: bool) -> int:
    """Show every change to the feature with this ID, from the file and on the map, with all values."""
    wired = layers.wired(selection)
    found = [run for each in wired for run in _history(each, key)]
    if not found:
        raise UsageError(
            say('The log has no changes to a feature with the id "{key}".', key=key),
            way_out=say("Use the id from the file. To see what was changed: umap-bot log"),
        )
    runs = sorted(found, key=lambda run: run.number, reverse=True)
    if as_json:
        speech.answer(record.runs(runs, speech.tongue()))
    else:
        speech.page(terminal.render(history_story(key, runs), speech.tongue(), full=True))
    return 0


def _history(wired: Wired, key: str) -> Sequence[Run]:
    found = wired.journal.reader.history(key, wired.work.job.layer, limit=None)
    return [without_columns(run, wired.settings.hidden_columns) for run in found]
