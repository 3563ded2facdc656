"""`umap-bot plan`: what a sync would do."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli import options
from bot.report import record, sentences, terminal
from bot.rounds import code_of_plans, preview_one
from bot.settings import load
from bot.wiring import wire


@click.command(name="plan")
@options.env_file
@options.once
@options.full
@options.as_json
def command(
    env_file: Path | None,
    drift: str | None,
    deleted: str | None,
    foreign: str | None,
    full: bool,
    as_json: bool,
) -> int:
    """Say what a sync would do. Writes nothing, neither on the map nor in the state.

    Exit code: 0 nothing to do · 2 changes · 3 a sync would wait for your OK.
    """
    settings = load(env_file)
    wired = wire(settings, options.this_once(settings.policy, drift, deleted, foreign))
    layer = wired.work.job.layer
    recall = wired.journal.peek(layer, wired.clock)
    plan = preview_one(wired.work, recall)
    last = next(iter(recall.history), None)
    if as_json:
        click.echo(record.plans([(layer, plan)]))
    else:
        sync = options.again(env_file, drift, deleted, foreign)
        click.echo(terminal.render(sentences.plan_story(plan, last, sync), full=full))
    return code_of_plans([plan])
