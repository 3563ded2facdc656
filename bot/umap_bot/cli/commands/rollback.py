"""`umap-bot rollback`: undo what one run did to the map."""

from __future__ import annotations

from collections.abc import Sequence

import click

from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.options.runs import number_of
from umap_bot.cli.output import formats, progress
from umap_bot.cli.output.formats import LayerResult
from umap_bot.errors import UsageError
from umap_bot.report.story.acts import Commands
from umap_bot.run import passes, undoing
from umap_bot.run.approving import approving, unused
from umap_bot.settings import approver
from umap_bot.text import say
from umap_bot.wiring import Wired, audience


@click.command(name="rollback")
@click.argument("run")
@layers.chosen
@click.option("--plan", "look", is_flag=True, help=say("Only show what would be undone. Nothing is written."))
@click.option("--approve", metavar="CODE", help=say("Approve the plan with this code. The code works once."))
@flags.by
@flags.full
@formats.chosen
def command(
    selection: Selection, run: str, look: bool, approve: str | None, by: str, full: bool, form: formats.Format
) -> int:
    """Undo what RUN did. RUN is a number from the log, or "latest" for the last run that changed the map.

    Values that it changed are restored, features that it added are removed, and features that it removed are
    added again. Anything that people or later runs have changed since then is kept, and listed. Later syncs
    do not repeat what you undid, as long as the file stays the same there.

    Exit code: 0 done, or nothing to undo · 3 approval needed · 4 the map kept changing · 5 another run is
    using the layer. With --plan: 0 nothing to undo · 2 changes to apply · 3 it would need your approval.
    """
    wired, number = _named(run, layers.wired(selection))
    again = flags.typed("rollback", [str(number)], selection.words)
    commands = Commands(sync=again, chosen=tuple(selection.words))
    with progress.shown(quiet=form != "text"):
        shown, code = (
            _preview(wired, number, commands)
            if look
            else _carry_out(wired, number, commands, approve, approver(by) if approve else "")
        )
    formats.show([shown], form, whole=f"{again} --full", full=full)
    return code


def _preview(wired: Wired, number: int, commands: Commands) -> tuple[LayerResult, int]:
    found = undoing.preview_rollback(number, wired.work, wired.journal.reader, wired.journal, wired.clock)
    return formats.result_of(wired, found, wired.checked, commands), passes.code_of_plans([found])


def _carry_out(
    wired: Wired, number: int, commands: Commands, approve: str | None, by: str
) -> tuple[LayerResult, int]:
    layer, last = wired.work.job.layer, wired.checked
    with approving([layer], approve, wired.journal, wired.clock, wired.work.job.policy, by):
        run = undoing.rollback(number, wired.work, wired.journal.reader, wired.journal, wired.clock)
    audience([wired], speech.tongue(), commands.sync).end([(layer, run)], run.code)
    if approve and (note := unused(approve, [run])):
        speech.tell(note, err=True)
    return formats.result_of(wired, run, last, commands), run.code


def _named(word: str, found: Sequence[Wired]) -> tuple[Wired, int]:
    """Return the layer and the number of the run that a person names. Raise UsageError."""
    reader = found[0].journal.reader
    number = number_of(word)
    if number is None:
        wired = layers.single(found)
        runs = reader.runs(1, layer=wired.work.job.layer, outcome=("done",), plans=False)
        if not runs:
            raise UsageError(
                say("No run has changed the map yet."), way_out=say("To list the runs: umap-bot log")
            )
        return wired, runs[0].number
    run = reader.run(number)
    if run is None:
        raise UsageError(
            say("There is no run {number} in the log.", number=number),
            way_out=say("To list the runs: umap-bot log"),
        )
    wired_of = {each.work.job.layer: each for each in found}
    if run.layer not in wired_of:
        raise UsageError(
            say("Run {number} was for another layer: {layer}.", number=run.number, layer=run.layer),
            way_out=say("Choose its settings with --env-file or --manifest, and leave out --layer."),
        )
    return wired_of[run.layer], run.number
