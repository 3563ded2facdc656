"""`umap-bot adopt`: which feature drawn by hand is which row."""

from __future__ import annotations

from pathlib import Path

import click

from umap_bot.cli import speech
from umap_bot.cli.files import pairs
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.output import progress
from umap_bot.errors import BotError, UsageError
from umap_bot.reconcile.pairing import NEAR
from umap_bot.report.formats import record, terminal
from umap_bot.report.hide import pairing_without, without_columns
from umap_bot.report.story.acts import Commands
from umap_bot.report.story.adoption import Steps, adopted_story, adoption_story
from umap_bot.report.story.several import LayerStory
from umap_bot.report.story.story import Story
from umap_bot.run import adopting, passes
from umap_bot.run.adopting import NAME, Adoption
from umap_bot.run.approving import approving, unused
from umap_bot.settings import approver
from umap_bot.text import say, verbatim
from umap_bot.wiring import Wired, audience

PATH = click.Path(path_type=Path)


@click.command(name="adopt")
@layers.chosen
@click.option(
    "--match", default=NAME, show_default=True, help=say("Columns to match by, separated by commas.")
)
@click.option(
    "--near",
    type=click.FloatRange(0),
    default=NEAR,
    show_default=True,
    help=say("Maximum distance between a row and its feature, in metres."),
)
@click.option(
    "--pair", multiple=True, metavar="ID=FEATURE", help=say("Pair a row with a feature. Repeatable.")
)
@click.option("--pairs", "pairs_file", type=PATH, help=say("A CSV of pairs, as written by --save."))
@click.option("--save", type=PATH, help=say("Save the matches as a CSV, to complete by hand."))
@click.option("--approve", metavar="CODE", help=say("Approve the plan with this code. The code works once."))
@flags.by
@flags.full
@flags.as_json
def command(
    selection: Selection,
    match: str,
    near: float,
    pair: tuple[str, ...],
    pairs_file: Path | None,
    save: Path | None,
    approve: str | None,
    by: str,
    full: bool,
    as_json: bool,
) -> int:
    """Match features drawn on the map with the rows of the file.

    Shows certain matches, doubtful matches and what is left over. After your approval, it writes the id of
    the row into each certain match and changes nothing else. Doubtful matches are never guessed.

    Exit code: 0 done, or no certain match · 3 approval needed.
    """
    wired = layers.only(selection, commits=bool(approve))
    steps = Steps(
        again=_again(selection, match, near, pair, pairs_file),
        plan=flags.typed("plan", selection.words),
        by_hand=_again(selection, match, near, (), save) if save else "",
    )
    wanted = Adoption(_columns(match), near, _by_hand(pair, pairs_file))
    if approve:
        return _carry_out(wired, wanted, steps, approve, approver(by), full=full, as_json=as_json)
    columns = wired.settings.hidden_columns
    try:
        with progress.shown(quiet=as_json):
            found = adopting.preview_adoption(wired.work, wanted, wired.journal, wired.clock)
    except BotError as error:
        raise without_columns(error, columns) from None  # it may quote a cell
    plan, pairing = without_columns(found.plan, columns), pairing_without(found.pairing, columns)
    if save:
        pairs.write(save, pairing)
    if as_json:
        commands = {wired.work.job.layer: Commands(sync=steps.again)}
        speech.answer(record.results([(wired.work.job.layer, plan)], speech.tongue(), commands))
    else:
        _page(adoption_story(plan, pairing, steps), full=full)
    return passes.HELD if plan.verdict.held else 0


def _carry_out(
    wired: Wired, wanted: Adoption, steps: Steps, approve: str, by: str, *, full: bool, as_json: bool
) -> int:
    layer, tongue = wired.work.job.layer, speech.tongue()
    with (
        approving([layer], approve, wired.journal, wired.clock, wired.work.job.policy, by),
        progress.shown(quiet=as_json),
    ):
        run = adopting.adopt(wired.work, wanted, wired.journal, wired.clock)
    audience([wired], tongue, steps.again).end([(layer, run)], run.code)
    run = without_columns(run, wired.settings.hidden_columns)
    if note := unused(approve, [run]):
        speech.tell(note, err=True)
    if as_json:
        speech.answer(record.runs([run], tongue))
    else:
        _page(adopted_story(run, steps), full=full)
    return run.code


def _page(story: Story, *, full: bool) -> None:
    told = [LayerStory("", story)]
    tongue = speech.tongue()
    speech.page(terminal.together(told, tongue, full=full), terminal.way_on(told, tongue))


def _again(selection: Selection, match: str, near: float, pair: tuple[str, ...], file: Path | None) -> str:
    """Return the command that matches in the same way, as one would type it."""
    given = [
        *(["--match", match] if match != NAME else []),
        *(["--near", f"{near:g}"] if near != NEAR else []),
        *(part for one in pair for part in ("--pair", one)),
        *(["--pairs", str(file)] if file else []),
    ]
    return flags.typed("adopt", selection.words, given)


def _columns(match: str) -> tuple[str, ...]:
    columns = tuple(part.strip() for part in match.split(",") if part.strip())
    if not columns:
        raise UsageError(say("--match names no column."), way_out=say("Write, for example, --match name."))
    return columns


def _by_hand(given: tuple[str, ...], file: Path | None) -> dict[str, str]:
    made = pairs.read(file) if file else pairs.Pairs()
    for one in given:
        key, equals, feature = (part.strip() for part in one.rpartition("="))
        if not (key and equals and feature):
            raise UsageError(
                say("--pair {pair} is not a pair.", pair=one), way_out=say("Write --pair ID=FEATURE.")
            )
        made.add(key, feature, verbatim(f"--pair {one}"))
    return made.found
