"""`umap-bot plan`: what a sync would do."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli import formats, options, pager, speech
from bot.report.hide import hidden
from bot.report.sentences import plan_story
from bot.rounds import code_of_plans, preview_one
from bot.wiring import wire


@click.command(name="plan")
@options.env_file
@options.once
@options.full
@formats.option
@options.as_json
def command(
    env_file: Path | None,
    drift: str | None,
    deleted: str | None,
    foreign: str | None,
    full: bool,
    form: formats.Form,
    as_json: bool,
) -> int:
    """Say what a sync would do. Writes nothing, neither on the map nor in the state.

    Exit code: 0 nothing to do · 2 changes · 3 a sync would wait for your OK.
    """
    settings = speech.settings(env_file)
    wired = wire(settings, options.this_once(settings.policy, drift, deleted, foreign))
    layer = wired.work.job.layer
    recall = wired.journal.peek(layer, wired.clock)
    plan = preview_one(wired.work, recall)
    told = hidden(plan, settings.hidden_columns)
    story = plan_story(told, recall.checked, options.again(env_file, drift, deleted, foreign))
    pager.show(formats.render(told, story, "json" if as_json else form, layer=layer, full=full))
    return code_of_plans([plan])
