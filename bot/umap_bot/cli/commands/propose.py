"""`umap-bot propose`: what people edited on the map, as a branch of the dataset's repository."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from umap_bot.cli import speech
from umap_bot.cli.commands.validate import bytes_of
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.output import progress
from umap_bot.dataset.editing.correction import proposer
from umap_bot.dataset.editing.inbox import received
from umap_bot.dataset.editing.proposal import Proposed
from umap_bot.dataset.git.proposing import Branch
from umap_bot.errors import BotError, UsageError
from umap_bot.model.hidden import Hidden
from umap_bot.proposing import (
    Draft,
    accepted,
    corrected,
    correction_branch,
    draft,
    form_of,
    message_of,
    push,
    written,
)
from umap_bot.report.story.proposals import correction_message, edits_made, lines, told
from umap_bot.text import Text, joined, say, say_n, verbatim
from umap_bot.wiring import Wired, corrections_branch, proposal_branch, published_ids, recipe

CHANGES = 2


@click.command(name="propose")
@layers.chosen
@click.option("--show", is_flag=True, help=say("Show what would be proposed; push nothing."))
@click.option("--key", metavar="ID", help=say("Propose a correction of the row with this id, with --set."))
@click.option("--set", "pair", metavar="COLUMN=VALUE", help=say("The new value of one cell of that row."))
@click.option(
    "--seen", metavar="COLUMN=VALUE", default="", help=say("What the cell said when it was corrected.")
)
@click.option(
    "--inbox",
    type=click.Path(path_type=Path, dir_okay=False),
    help=say("A table of corrections that were sent: propose those whose status is “accepted”."),
)
@click.option("--by", metavar="NAME", default="", help=say("Who sent it, without an address: it is public."))
def command(
    selection: Selection,
    show: bool,
    key: str | None,
    pair: str | None,
    seen: str,
    by: str,
    inbox: Path | None,
) -> int:
    """Propose the edits that people made on the map as changes of the file.

    They become one commit on the branch umap-bot/edits-LAYER of the dataset's repository: edited values,
    moved points, features that were removed or added. The next time, the branch is updated. Nothing is
    merged, and neither the map nor the state is changed.

    With --key and --set, one cell that somebody else corrects becomes a branch of its own. With --inbox, all
    accepted rows of a table do, one commit each; its columns are id, column, value, seen, status.

    Exit code: 0 proposed, or nothing to propose · 2 with --show, or if the file must be corrected by hand.
    """
    wired = layers.wired(selection)
    if key is not None or pair is not None:
        return _correction(layers.single(wired), key or "", pair or "", seen, by, show=show)
    if inbox is not None:
        return _inbox(layers.single(wired), inbox, show=show)
    again = flags.typed("propose", selection.words)
    if len(wired) == 1:
        return _layer(wired[0], again, show=show)
    return max(_one_of_several(each, again, show=show) for each in wired)


def _one_of_several(wired: Wired, again: str, *, show: bool) -> int:
    """Propose the edits of one layer; what is wrong with it stops no other one."""
    speech.tell(say('Layer "{layer}"', layer=layers.shown(wired)))
    try:
        return _layer(wired, again, show=show)
    except BotError as error:
        speech.tell(error.text, err=True)
        return error.code


def _layer(wired: Wired, again: str, *, show: bool) -> int:
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
    for line in (*_found(found, columns), *_done(wired, found, branch, form, again, show=show)):
        speech.tell(line)
    return CHANGES if found.proposed.edits and branch is None else 0


def _inbox(wired: Wired, file: Path, *, show: bool) -> int:
    """Propose the accepted corrections of a table: one commit each, on one branch."""
    how, columns, tongue = recipe(wired.settings), wired.settings.hidden_columns, speech.tongue()
    branch = None
    with progress.shown():
        found = accepted(wired.work, wired.repository, how, received(bytes_of(file), str(file)))
        if found.accepted and not show:
            versions = [
                (data, written(correction_message(edit, columns, ""), tongue))
                for edit, data in found.accepted
            ]
            name = corrections_branch(wired)
            branch = wired.repository.propose(found.head.sha, how.path, name, versions)
        form = form_of(wired.repository, branch) if branch else ""
    for line in lines([edit for edit, _ in found.accepted], columns):
        speech.tell(line)
    for number, why in found.refused:
        told_of = say("{file}, row {row}: {why}", file=file.name, row=number, why=why)
        speech.tell(joined(("  !", told_of)))
    if found.done:
        speech.tell(
            say_n("{count} row is in the file already.", "{count} rows are in the file already.", found.done)
        )
    if branch is not None:
        speech.tell(_pushed(branch, wired.repository.url))
        if form:
            speech.tell(say("To ask for the merge, open:  {url}", url=form))
    elif not found.accepted:
        speech.tell(say("Nothing to propose from {file}.", file=file.name))
    return CHANGES if found.refused or (found.accepted and show) else 0


def _correction(wired: Wired, key: str, pair: str, seen: str, by: str, *, show: bool) -> int:
    """Propose one cell. Raise UsageError for what is refused."""
    if not key or not pair:
        raise UsageError(
            say("--key and --set go together."),
            way_out=say("Write: umap-bot propose --key ID --set COLUMN=VALUE"),
        )
    name, how, columns = proposer(by), recipe(wired.settings), wired.settings.hidden_columns
    branch = None
    with progress.shown():
        head, found = corrected(wired.work, wired.repository, how, key, pair, seen)
        if found.data is not None and not show:
            (edit,) = found.edits
            message = written(correction_message(edit, columns, name), speech.tongue())
            target = correction_branch(edit)
            branch = wired.repository.propose(head.sha, how.path, target, [(found.data, message)])
        form = form_of(wired.repository, branch) if branch else ""
    for line in lines(found.edits, columns):
        speech.tell(line)
    if branch is not None:
        speech.tell(_pushed(branch, wired.repository.url))
        if form:
            speech.tell(say("To ask for the merge, open:  {url}", url=form))
    for line in _by_hand(found) if found.why else ():
        speech.tell(line)
    return 0 if branch else CHANGES


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
        if form:
            yield say("To ask for the merge, open:  {url}", url=form)
        yield _until_then(found)
    elif found.proposed.why:
        yield from _by_hand(found.proposed)
    elif found.proposed.edits and show:
        yield say("Nothing was pushed. To propose this: {command}", command=again)


def _until_then(found: Draft) -> Text:
    """Say what becomes of the edits on the map until the branch is merged."""
    own = any(edit.kind in ("cell", "place") for edit in found.proposed.edits)
    if own and found.plan.effects.policy.drift == "overwrite":
        return say(
            "Merge it before the next sync, which restores the file's values on the map. To keep edits on "
            "the map until then, set SYNC_DRIFT=propose"
        )
    return say("Once it is merged, nothing is left to do.")


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
