"""`umap-bot show`: one run, field by field."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from bot.cli import options
from bot.errors import UsageError
from bot.report import record, sentences, terminal
from bot.settings import load
from bot.wiring import journal

EARLIER: Final = 50
"""How many runs back the last success is looked for."""


@click.command(name="show")
@click.argument("run", type=click.IntRange(1))
@options.env_file
@options.full
@options.as_json
def command(run: int, env_file: Path | None, full: bool, as_json: bool) -> int:
    """Say what RUN did, field by field."""
    reader = journal(load(env_file)).reader
    found = reader.run(run)
    if found is None:
        raise UsageError(f"There is no run {run} in the log.", way_out="umap-bot log names them.")
    earlier = reader.runs(limit=EARLIER, layer=found.layer, before=run)
    last = next((each for each in earlier if each.outcome == "done"), None)
    click.echo(
        record.runs([found]) if as_json else terminal.render(sentences.run_story(found, last), full=full)
    )
    return 0
