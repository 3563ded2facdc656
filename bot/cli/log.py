"""`umap-bot log`: the change log, newest first."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import get_args

import click

from bot.cli import options, pager, speech
from bot.cli.ages import Since
from bot.model.run import Outcome
from bot.report import record, terminal
from bot.report.hide import hidden
from bot.report.log import log_lines
from bot.text import say
from bot.wiring import wire


@click.command(name="log")
@options.env_file
@click.option(
    "-n", "--number", type=click.IntRange(1), default=20, show_default=True, help=say("How many runs.")
)
@click.option(
    "--since", type=Since(), help=say("Only runs from then on: 2026-11-24, or 3d for three days ago.")
)
@click.option(
    "--outcome",
    type=click.Choice(get_args(Outcome)),
    multiple=True,
    help=say("Only runs that ended so. May be given more than once."),
)
@click.option("--key", metavar="ID", help=say("Only runs that had to do with the feature of this id."))
@options.as_json
def command(
    env_file: Path | None,
    number: int,
    since: datetime | None,
    outcome: tuple[Outcome, ...],
    key: str | None,
    as_json: bool,
) -> int:
    """Say what was done, newest first: one line a run."""
    settings = speech.settings(env_file)
    wired = wire(settings)
    layer = wired.work.job.layer
    reader = wired.journal.reader
    found = reader.runs(limit=number, layer=layer, since=since, outcome=outcome, key=key)
    runs = [hidden(run, settings.hidden_columns) for run in found]
    if as_json:
        click.echo(record.runs(runs, speech.tongue()))
    else:
        lines = (terminal.one_line(speech.tongue().say(line)) for line in log_lines(runs))
        pager.show("\n".join(lines))
    return 0
