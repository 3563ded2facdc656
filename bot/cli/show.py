"""`umap-bot show`: one run, field by field."""

from __future__ import annotations

import click

from bot.cli import formats, layers, options, pager
from bot.cli.formats import Shown
from bot.cli.layers import Front
from bot.errors import UsageError
from bot.report.hide import hidden
from bot.report.sentences import run_story
from bot.report.several import Told
from bot.text import say
from bot.wiring import journal


@click.command(name="show")
@click.argument("run", type=click.IntRange(1))
@layers.chosen
@options.full
@formats.option
@options.as_json
def command(front: Front, run: int, full: bool, form: formats.Form, as_json: bool) -> int:
    """Say what RUN did, field by field."""
    settings = layers.settings(front)
    reader = journal(settings[0]).reader
    found = reader.run(run)
    if found is None:
        raise UsageError(
            say("There is no run {number} in the log.", number=run), way_out=say("umap-bot log names them.")
        )
    told = hidden(found, layers.hidden_columns(settings))
    story = run_story(told, reader.success_before(found))
    shown = [Shown(told.layer, told, Told(told.layer, story))]
    whole = options.typed("show", [str(run)], front.words, ["--full"])
    pager.show(formats.render(shown, "json" if as_json else form, whole=whole, full=full))
    return 0
