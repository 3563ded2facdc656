"""`umap-bot sync`: make the layers what the file says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

import click

from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.flags import Overrides
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.output import formats, progress, reminders
from umap_bot.cli.output.sources import tell_sources, with_sources
from umap_bot.dataset.source import not_synced
from umap_bot.errors import BotError, GitError
from umap_bot.model.plan import pass_code
from umap_bot.model.run import Run
from umap_bot.run import passes
from umap_bot.run.approving import approving, unused
from umap_bot.run.passes import Ended
from umap_bot.settings import approver
from umap_bot.text import NOTHING, Text, say
from umap_bot.wiring import Wired, audience, sessions_of


@click.command(name="sync")
@layers.chosen
@flags.overrides
@click.option("--approve", metavar="CODE", help=say("Approve the plan with this code. The code works once."))
@flags.by
@click.option("--wait", is_flag=True, help=say("If another run is using the layer, wait until it ends."))
@flags.create_layer
@flags.base
@flags.full
@formats.chosen
def command(
    selection: Selection,
    overrides: Overrides,
    approve: str | None,
    by: str,
    wait: bool,
    create_layer: bool,
    base: str,
    full: bool,
    form: formats.Format,
) -> int:
    """Update the layer to match the file, verify the result, and log the run.

    Exit code: 0 done, or nothing to do · 3 approval needed · 4 the map kept changing · 5 another run is using
    the layer.
    """
    who = approver(by) if approve or overrides.words else ""
    wired = layers.wired(selection, overrides, create=create_layer, base=base, by=who, commits=True)
    words = (
        selection.words,
        overrides.words,
        flags.typed_base(base),
        ["--create-layer"] if create_layer else [],
    )
    first, sync = wired[0], flags.typed("sync", *words)
    login = flags.typed("login", selection.words)
    commands = layers.commands(wired, selection, sync)
    proposals: list[Text] = []
    hearers = audience(wired, speech.tongue(), sync, login, commands, proposals.append)
    checked = first.journal.reader.all_checked()  # before the pass, which moves it on
    last = {each.work.job.layer: checked.get(each.work.job.layer) for each in wired}
    patience = passes.PATIENCE if wait else passes.NONE
    with (
        approving(
            [*last],
            approve,
            first.journal,
            first.clock,
            first.work.job.policy,
            who,
        ),
        progress.shown(quiet=form != "text"),
    ):
        ended = passes.make_pass([each.work for each in wired], first.journal, first.clock, hearers, patience)
    by_layer = {each.work.job.layer: each for each in wired}
    shown = [formats.result_of(by_layer[layer], end, last[layer], commands[layer]) for layer, end in ended]
    near = reminders.reminders_of(sessions_of(wired), first.clock.now(), login)
    sources = passes.sources_ended([each.work for each in wired])
    tell_sources(sources)
    if len(shown) == 1 and isinstance(shown[0].result, BotError):
        if form == "json":
            speech.answer(formats.render(shown, form))
        reminders.tell_beside(near, [shown[0].result])
        raise shown[0].result
    shown = reminders.with_reminders(shown, near, form)
    if approve and (note := unused(approve, [end for _, end in ended if isinstance(end, Run)])):
        speech.tell(note, err=True)
    formats.show(with_sources(shown, sources, form), form, last=_all_at_once(ended, sync), full=full)
    for note in (NOTHING, *proposals) if proposals else ():  # apart from the answer
        speech.tell(note, err=form != "text")
    for note in dict.fromkeys(note for layer, end in ended for note in _not_synced(by_layer[layer], end)):
        speech.tell(note, err=True)
    return passes.worst([*ended, *sources])


def _not_synced(wired: Wired, end: Run | BotError) -> Iterator[Text]:
    """Note a file that is edited and not committed, after a run that had no reason to read it."""
    if isinstance(end, Run) and not end.number:
        with suppress(GitError):  # the run itself reached it
            file = wired.feed.file() if wired.feed else wired.settings.dataset_path
            if wired.repository.uncommitted(end.commit, file):
                yield not_synced(file)


def _all_at_once(ended: Sequence[Ended], sync: str) -> Text | None:
    """Offer the one code for all plans that wait, if there are several."""
    held = [end.plan for _, end in ended if isinstance(end, Run) and end.plan and end.plan.verdict.asks]
    if not held[1:]:  # one has a code of its own
        return None
    code = pass_code(held)
    return say(
        "{count} plans need your approval. To approve all of them: {command}",
        count=len(held),
        command=f"{sync} --approve {code}",
    )
