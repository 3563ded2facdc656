"""`umap-bot show`: one run, field by field."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli import options
from bot.errors import UsageError
from bot.report import record, sentences, terminal
from bot.settings import load
from bot.wiring import journal


@click.command(name="show")
@click.argument("run", type=click.IntRange(1))
@options.env_file
@options.full
@options.as_json
def command(run: int, env_file: Path | None, full: bool, as_json: bool) -> int:
    """Say what RUN did, field by field."""
    found = journal(load(env_file)).reader.run(run)
    if found is None:
        raise UsageError(f"There is no run {run} in the log.", way_out="umap-bot log names them.")
    click.echo(
        record.runs([found]) if as_json else terminal.render(sentences.run_story(found, None), full=full)
    )
    return 0
