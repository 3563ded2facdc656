"""`umap-bot approve`: a person's word for a plan that waits."""

from __future__ import annotations

from typing import Final

import click

from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.flags import Overrides
from umap_bot.cli.options.layers import Selection
from umap_bot.model.approval_code import read_code
from umap_bot.report.story.acts import USUAL
from umap_bot.report.story.deciding import decided
from umap_bot.report.story.words import SOMEONE
from umap_bot.run.approving import approve, refuse_used
from umap_bot.run.deciding import approve_parts
from umap_bot.settings import approver
from umap_bot.text import say

LIST: Final = "umap-bot decisions"


@click.command(name="approve")
@click.argument("code")
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@flags.by
@layers.chosen
@flags.overrides
def command(selection: Selection, overrides: Overrides, code: str, keys: tuple[str, ...], by: str) -> int:
    """Approve the plan with this approval CODE. The code works once, within 7 days.

    With one or more KEYs (ids of rows or names of features), approve only the parts of the plan that concern
    these. The rest still needs your approval.

    The next sync applies exactly this plan, from the version of the file that it was made from. If you made
    the plan with an option such as --drift keep, give the same option here.
    """
    if keys:
        return _approve_parts(selection, code, keys, approver(by))
    wired = layers.wired(selection, overrides)
    refuse_used(code, [each.work.job.layer for each in wired], wired[0].journal)
    first, named, who = wired[0], [each.work.job.layer for each in wired], approver(by)
    given = approve(named, code, first.journal, first.clock, first.work.job.policy, who)
    commits = [each.commit for each in given if each.commit]
    version = say(" (file version {version})", version=commits[0].short) if commits else ""
    if not given[0].fingerprint:
        speech.tell(
            say(
                "No run has asked with the code {code} so far. It is kept for the next sync, "
                "which carries out its plan if that has just this code. What needs your approval: "
                "umap-bot decisions",
                code=read_code(code),
            ),
            err=True,
        )
    speech.tell(
        say(
            "Approved by {name}: the next sync applies plan {code}{version}, if it is still the same.",
            name=who or SOMEONE,
            code=read_code(code),
            version=version,
        )
    )
    commands = layers.commands(wired, selection, USUAL.sync)[named[0]]
    undo = commands.about("decisions", options=["--undo", given[0].code]) if len(named) == 1 else LIST
    speech.tell(say("To undo this before then: {command}", command=undo))
    return 0


def _approve_parts(selection: Selection, code: str, keys: tuple[str, ...], by: str) -> int:
    wired = layers.wired(selection)
    first = wired[0]
    named = [each.work.job.layer for each in wired]
    made = approve_parts(named, code, keys, by, first.journal, first.clock)
    for each in made:
        speech.tell(decided(each, first.settings.headers))
    speech.tell(say("The next sync applies this."))
    several = layers.commands(wired, selection, USUAL.sync)
    numbers = [word for each in made for word in ("--undo", str(each.number))]
    command = several[named[0]].about("decisions", options=numbers) if len(named) == 1 else LIST
    speech.tell(say("To undo this before then: {command}", command=command))
    return 0
