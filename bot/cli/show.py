"""`umap-bot show`: one run, field by field."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli import formats, options, pager, speech
from bot.errors import UsageError
from bot.report.hide import hidden
from bot.report.sentences import run_story
from bot.text import say
from bot.wiring import journal


@click.command(name="show")
@click.argument("run", type=click.IntRange(1))
@options.env_file
@options.full
@formats.option
@options.as_json
def command(run: int, env_file: Path | None, full: bool, form: formats.Form, as_json: bool) -> int:
    """Say what RUN did, field by field."""
    settings = speech.settings(env_file)
    reader = journal(settings).reader
    found = reader.run(run)
    if found is None:
        raise UsageError(
            say("There is no run {number} in the log.", number=run), way_out=say("umap-bot log names them.")
        )
    told = hidden(found, settings.hidden_columns)
    story = run_story(told, reader.success_before(found))
    pager.show(formats.render(told, story, "json" if as_json else form, full=full))
    return 0
