"""`umap-bot log`: the change log, newest first."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli import options
from bot.report import record, terminal
from bot.report.log import log_lines
from bot.settings import load
from bot.wiring import wire


@click.command(name="log")
@options.env_file
@click.option("-n", "--number", type=click.IntRange(1), default=20, show_default=True, help="How many runs.")
@options.as_json
def command(env_file: Path | None, number: int, as_json: bool) -> int:
    """Say what was done, newest first: one line a run."""
    wired = wire(load(env_file))
    runs = wired.journal.reader.runs(limit=number, layer=wired.work.job.layer)
    lines = (terminal.one_line(line) for line in log_lines(runs))
    click.echo(record.runs(list(runs)) if as_json else "\n".join(lines))
    return 0
