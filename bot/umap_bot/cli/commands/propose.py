"""`umap-bot propose`: what people edited on the map, as a branch of the dataset's repository."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.output import progress
from umap_bot.dataset.editing.proposal import Proposed
from umap_bot.dataset.git.proposing import Branch
from umap_bot.model.hidden import Hidden
from umap_bot.proposing import Draft, draft, form_of, message_of, push
from umap_bot.report.story.proposals import edits_made, lines, told
from umap_bot.text import Text, joined, say, say_n, verbatim
from umap_bot.wiring import Wired, proposal_branch, published_ids, recipe

CHANGES = 2


@click.command(name="propose")
@layers.chosen
@click.option("--show", is_flag=True, help=say("Show what would be proposed; push nothing."))
def command(selection: Selection, show: bool) -> int:
    """Propose the edits that people made on the map as changes of the file.

    They become one commit on the branch umap-bot/edits-LAYER of the dataset's repository: edited values,
    moved points, features that were removed or added. The next time, the branch is updated. Nothing is
    merged, and neither the map nor the state is changed.

    Exit code: 0 proposed, or nothing to propose · 2 with --show, or if the file must be corrected by hand.
    """
    wired = layers.wired(selection)
    again = flags.typed("propose", selection.words)
    return max(_layer(each, again, show=show, named=len(wired) > 1) for each in wired)


def _layer(wired: Wired, again: str, *, show: bool, named: bool) -> int:
    how, columns = recipe(wired.settings), wired.settings.hidden_columns
    with progress.shown():
        before = published_ids(wired.settings)
        found = draft(
            wired.work, wired.repository, how, wired.journal, wired.clock, (*before.marks, *before.used)
        )
        branch = None
        if found.proposed.data is not None and not show:
            message = message_of(found, columns, speech.tongue())
            branch = push(found, wired.repository, how, proposal_branch(wired, found.plan), message)
        form = form_of(wired.repository, branch) if branch else ""
    if named:
        speech.tell(say('Layer "{layer}"', layer=found.plan.context.layer_name))
    for line in (*_found(found, columns), *_done(wired, found, branch, form, again, show=show)):
        speech.tell(line)
    return CHANGES if found.proposed.edits and branch is None else 0


def _found(found: Draft, hidden: Hidden) -> Iterator[Text]:
    """Tell the edits, and those that the file can't take over."""
    proposed = found.proposed
    if found.plan.context.first:
        yield say("Nothing to propose: the layer was never synced, so nothing is known to be an edit.")
    elif not proposed.edits and not proposed.left:
        yield say("Nothing to propose: no one has edited on the map what the file describes.")
    if proposed.edits:
        yield say("{edits}:", edits=edits_made(proposed.edits))
        yield from lines(proposed.edits, hidden)
    if proposed.left:
        yield say_n("Left out ({count}):", "Left out ({count}):", len(proposed.left))
        yield from (
            joined(("  ·", say("{edit}: {why}", edit=told(left.edit, hidden), why=left.why)))
            for left in proposed.left
        )


def _done(
    wired: Wired, found: Draft, branch: Branch | None, form: str, again: str, *, show: bool
) -> Iterator[Text]:
    """Tell what was pushed, and what to do next."""
    if branch is not None:
        yield _pushed(branch, wired.repository.url)
        yield (
            say("To ask for the merge, open:  {url}", url=form)
            if form
            else say("Once it is merged, the next sync finds file and map equal.")
        )
    elif found.proposed.why:
        yield from _by_hand(found.proposed)
    elif found.proposed.edits and show:
        yield say("Nothing was pushed. To propose this: {command}", command=again)


def _pushed(branch: Branch, url: str) -> Text:
    sentences = {
        "new": say("Pushed to the new branch {branch} of {url}.", branch=branch.name, url=url),
        "updated": say("Updated the branch {branch} of {url}.", branch=branch.name, url=url),
        "same": say("The branch {branch} of {url} already has these edits.", branch=branch.name, url=url),
    }
    return sentences[branch.became]


def _by_hand(proposed: Proposed) -> Iterator[Text]:
    yield say("The file can't be changed automatically: {why}", why=proposed.why)
    yield say_n("Make this correction by hand:", "Make these corrections by hand:", len(proposed.corrections))
    yield from _table(
        [(speech.spoken(each.address), each.key, each.before, each.after) for each in proposed.corrections]
    )


def _table(rows: Sequence[tuple[str, str, str, str]]) -> Iterator[Text]:
    wide = max((len(address) for address, *_ in rows), default=0)
    for address, key, before, after in rows:
        arrow = say('"{before}" → "{after}"', before=before, after=after)
        yield say(
            "  {address}  {change}  ({key})", address=verbatim(address.ljust(wide)), change=arrow, key=key
        )
