"""`umap-bot history`: the life of one feature."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli import options, pager, speech
from bot.errors import UsageError
from bot.report import record, terminal
from bot.report.hide import hidden
from bot.report.history import history_story
from bot.text import say
from bot.wiring import wire


@click.command(name="history")
@click.argument("key", metavar="ID")
@options.env_file
@options.as_json
def command(key: str, env_file: Path | None, as_json: bool) -> int:
    """Say all that ever became of the feature with this ID: by the file and by people, with every value."""
    settings = speech.settings(env_file)
    wired = wire(settings)
    found = wired.journal.reader.history(key, wired.work.job.layer, limit=None)
    if not found:
        raise UsageError(
            say('The log has nothing of a feature with the id "{key}".', key=key),
            way_out=say("Is it the id as it stands in the file? umap-bot log names what was changed."),
        )
    runs = [hidden(run, settings.hidden_columns) for run in found]
    if as_json:
        click.echo(record.runs(runs, speech.tongue()))
    else:
        pager.show(terminal.render(history_story(key, runs), speech.tongue(), full=True))
    return 0
