"""`umap-bot log`: the change log, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

import click

from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.options.times import Since
from umap_bot.model.run import Outcome, Run
from umap_bot.report.formats import record, terminal
from umap_bot.report.hide import without_columns
from umap_bot.report.log import log_lines
from umap_bot.text import say
from umap_bot.wiring import Wired


@click.command(name="log")
@layers.chosen
@click.option(
    "-n",
    "--number",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help=say("The number of runs to list."),
)
@click.option(
    "--since", type=Since(), help=say("Only runs since then: 2026-11-24, or 3d for three days ago.")
)
@click.option(
    "--outcome",
    type=click.Choice(get_args(Outcome)),
    multiple=True,
    help=say("Filter by outcome. Repeatable."),
)
@click.option("--key", metavar="ID", help=say("Only runs that concern the feature with this id."))
@flags.as_json
def command(
    selection: Selection,
    number: int,
    since: datetime | None,
    outcome: tuple[Outcome, ...],
    key: str | None,
    as_json: bool,
) -> int:
    """List the runs, newest first, one line per run."""
    wired = layers.wired(selection)
    found = [run for each in wired for run in _runs(each, number, since, outcome, key)]
    newest = sorted(found, key=lambda run: run.number, reverse=True)[:number]
    if as_json:
        speech.answer(record.runs(newest, speech.tongue()))
    else:
        names = {each.work.job.layer: layers.called(each) for each in wired} if len(wired) > 1 else {}
        lines = (terminal.one_line(speech.tongue().say(line)) for line in log_lines(newest, names))
        speech.page("\n".join(lines))
    return 0


def _runs(
    wired: Wired, number: int, since: datetime | None, outcome: tuple[Outcome, ...], key: str | None
) -> Sequence[Run]:
    reader, layer = wired.journal.reader, wired.work.job.layer
    found = reader.runs(limit=number, layer=layer, since=since, outcome=outcome, key=key)
    return [without_columns(run, wired.settings.hidden_columns) for run in found]
