"""`umap-bot sync`: make the layer what the file says."""

from __future__ import annotations

from pathlib import Path

import click

from bot import rounds
from bot.cli import options
from bot.report import record, sentences, terminal
from bot.settings import load
from bot.wiring import wire


@click.command(name="sync")
@options.env_file
@options.once
@click.option("--approve", metavar="CODE", help="Your OK to the plan with this code. Good once.")
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
    settings = load(env_file)
    wired = wire(settings, options.this_once(settings.policy, drift, deleted, foreign))
    layer = wired.work.job.layer
    last = next(iter(wired.journal.peek(layer, wired.clock).history), None)
    with rounds.approving([layer], approve, wired.journal, wired.clock, wired.work.job.policy):
        ended = rounds.sync_all([wired.work], wired.journal, wired.clock)
    if as_json:
        click.echo(record.ended(ended))
    for _, end in ended:
        if isinstance(end, Exception):
            raise end
        if not as_json:
            sync = options.again(env_file, drift, deleted, foreign)
            click.echo(terminal.render(sentences.run_story(end, last, sync), full=full))
    return rounds.worst(ended)
