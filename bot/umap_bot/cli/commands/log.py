"""`umap-bot log`: the change log, newest first."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import click

from umap_bot.cli import speech
from umap_bot.cli.files.delivery import deliver, format_of, refuse_existing
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.options.runs import runs_after_questions
from umap_bot.cli.options.times import Since
from umap_bot.dataset.writing import delimited, workbook
from umap_bot.errors import UsageError
from umap_bot.fetching import source_name
from umap_bot.model.run import Outcome, Run
from umap_bot.report.formats import record, terminal
from umap_bot.report.formats.table import table
from umap_bot.report.hide import without_columns
from umap_bot.report.log import log_lines
from umap_bot.text import say
from umap_bot.wiring import Wired

Table: TypeAlias = Literal["csv", "xlsx"]


@click.command(name="log")
@layers.logged
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
@click.option(
    "--format",
    "form",
    type=click.Choice(get_args(Table)),
    help=say("A table for a spreadsheet, one row per change. Default: by the ending of --output."),
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help=say("Write the table to this file."))
@click.option("--force", is_flag=True, help=say("Overwrite the file."))
@flags.as_json
def command(
    selection: Selection,
    number: int,
    since: datetime | None,
    outcome: tuple[Outcome, ...],
    key: str | None,
    form: Table | None,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> int:
    """List the runs, newest first: one line per run. With --format csv or xlsx: one row per change.

    The columns of the table: run, time, layer, id, name, what, field, before, after, by, reason.
    """
    chosen = _table_format(form, output, force=force, as_json=as_json)
    wired = layers.seen(selection)
    found = [run for each in wired for run in _runs(each, number, since, outcome, key)]
    found += _of_sources(wired, number, since, outcome) if key is None else []
    newest = sorted(found, key=lambda run: run.number, reverse=True)[:number]
    called = {each.work.job.layer: _name(each) for each in wired}
    if chosen:
        deliver(_table(newest, called, chosen), output, force=force)
    elif as_json:
        speech.answer(record.runs(newest, speech.tongue()))
    else:
        names = {each.work.job.layer: _name(each) for each in wired} if len(wired) > 1 else {}
        names |= {run.layer: run.layer for run in newest if run.layer not in called}
        later = [run for each in wired for run in runs_after_questions(each, newest)]
        lines = (terminal.one_line(speech.tongue().say(line)) for line in log_lines(newest, names, later))
        speech.page("\n".join(lines))
    return 0


def _name(wired: Wired) -> str:
    return speech.tongue().say(layers.shown(wired))


def _table_format(form: Table | None, output: Path | None, *, force: bool, as_json: bool) -> Table | None:
    """Return the format of the table, None if lines or JSON are wanted. Raise UsageError."""
    if form is None and output is None:
        return None
    if as_json:
        raise UsageError(
            say("--json and a table exclude each other."), way_out=say("Leave out --json, or the others.")
        )
    refuse_existing(output, force=force)
    chosen = format_of(form, output, "csv", excel=False)
    return "xlsx" if chosen == "xlsx" else "csv"


def _table(runs: Sequence[Run], names: Mapping[str, str], form: Table) -> bytes:
    head, *rows = table(runs, names, speech.tongue())
    return workbook.sheet("log", head, rows) if form == "xlsx" else delimited.inert([head, *rows])


def _of_sources(
    wired: Sequence[Wired], number: int, since: datetime | None, outcome: tuple[Outcome, ...]
) -> list[Run]:
    """Return how often data could not be fetched: the log has it under the names of the sources."""
    names = {source_name(each.settings): each.journal.reader for each in wired if each.settings.dataset_url}
    return [
        run
        for name, reader in names.items()
        for run in (reader.runs(limit=number, layer=name, since=since, outcome=outcome) if name else ())
    ]


def _runs(
    wired: Wired, number: int, since: datetime | None, outcome: tuple[Outcome, ...], key: str | None
) -> Sequence[Run]:
    reader, layer = wired.journal.reader, wired.work.job.layer
    found = reader.runs(limit=min(number, sys.maxsize), layer=layer, since=since, outcome=outcome, key=key)
    return [without_columns(run, wired.settings.hidden_columns) for run in found]
