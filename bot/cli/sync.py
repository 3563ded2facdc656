"""`umap-bot sync`: make the layer what the file says."""

from __future__ import annotations

from pathlib import Path

import click

from bot import rounds
from bot.cli import options, speech
from bot.errors import BotError
from bot.report import record, terminal
from bot.report.hide import hidden
from bot.report.sentences import run_story
from bot.text import say
from bot.wiring import audience, wire


@click.command(name="sync")
@options.env_file
@options.once
@click.option("--approve", metavar="CODE", help=say("Your OK to the plan with this code. Good once."))
@options.full
@options.as_json
def command(
    env_file: Path | None,
    drift: str | None,
    deleted: str | None,
    foreign: str | None,
    approve: str | None,
    full: bool,
    as_json: bool,
) -> int:
    """Make the layer what the file says, read it back, and write it down.

    Exit code: 0 done or nothing to do · 3 waiting for your OK · 4 the map kept changing · 5 another run has
    the layer.
    """
    settings = speech.settings(env_file)
    wired = wire(settings, options.this_once(settings.policy, drift, deleted, foreign))
    layer, tongue = wired.work.job.layer, speech.tongue()
    again = options.again(env_file, drift, deleted, foreign)
    hearers = audience([wired], tongue, again)
    last = wired.journal.peek(layer, wired.clock).checked
    with rounds.approving([layer], approve, wired.journal, wired.clock, wired.work.job.policy):
        ended = rounds.make_pass([wired.work], wired.journal, wired.clock, hearers)
    shown = [(name, hidden(end, settings.hidden_columns)) for name, end in ended]
    if as_json:
        click.echo(record.ended(shown, tongue))
    for _, end in shown:
        if isinstance(end, BotError):
            raise end
        if not as_json:
            click.echo(terminal.render(run_story(end, last, again), tongue, full=full))
    return rounds.worst(ended)
