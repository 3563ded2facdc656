"""`umap-bot fetch`: take what is new from where the data lives, and commit it."""

from __future__ import annotations

from typing import Any

import click

from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.output import progress
from umap_bot.cli.output.sources import failed
from umap_bot.dataset.sources.feed import Feed, Taken
from umap_bot.errors import BotError, UsageError
from umap_bot.model.approval_code import read_code
from umap_bot.model.source_state import SourceState
from umap_bot.report.formats import jsontext
from umap_bot.report.story.words import moment, rows
from umap_bot.text import Text, joined, say
from umap_bot.wiring import Wired


@click.command(name="fetch")
@layers.chosen
@click.option(
    "--accept",
    metavar="CODE",
    help=say("Commit the data with this code, although far fewer rows are left in it."),
)
@flags.as_json
def command(selection: Selection, accept: str | None, as_json: bool) -> int:
    """Fetch the data from DATASET_URL and commit what is new, without touching the map.

    Every sync does this first. Data that can't be read is never committed. Data with less than half of the
    rows of before waits until it is accepted.

    Exit code: 0 committed or nothing new · 3 approval needed · 16 the data can't be fetched.
    """
    wired = layers.wired(selection, commits=True)
    found = {id(each.feed): (each, each.feed) for each in wired if each.feed}
    if not found:
        raise UsageError(
            say("There is nothing to fetch: DATASET_URL is not set."),
            way_out=say("To set it up: umap-bot init. To check a file in git: umap-bot validate"),
        )
    for _, feed in found.values():
        if accept is not None:
            feed.accept(accept)
    with progress.shown(quiet=as_json):
        taken = [(each, feed, _taken(feed)) for each, feed in found.values()]
    if as_json:
        told = [_as_json(feed, end) for _, feed, end in taken]
        speech.answer(jsontext.render({"sources": told}, speech.tongue().say))
    else:
        for each, feed, end in taken:
            speech.tell(_told(each, feed, end), err=end.error is not None)
    if accept is not None and not any(end.outcome == "new" for *_, end in taken):
        speech.tell(
            say("No data waits with the code {code}, so it was not used.", code=read_code(accept)), err=True
        )
    codes = [end.error.code for *_, end in taken if end.error]
    return 1 if 1 in codes else max(codes, default=0)


def _taken(feed: Feed) -> Taken:
    """Return what a look came to, also where it never came to one: the others are looked at all the same."""
    try:
        return feed.taken()
    except BotError as error:
        return Taken(None, "failed", "", SourceState(), error)


def _told(wired: Wired, feed: Feed, taken: Taken) -> Text:
    if taken.error:
        return failed(feed.name, taken.error)
    if taken.outcome == "new" and taken.head:
        return say(
            "{source}: {rows}, committed as {file}, version {version}, in {repository}.",
            source=feed.name,
            rows=rows(taken.rows),
            file=taken.file,
            version=taken.head.short,
            repository=wired.repository.url,
        )
    changed = taken.state.changed
    since = say("The data last changed {time}.", time=moment(changed)) if changed else ""
    return joined((say("{source}: nothing new.", source=feed.name), since))


def _as_json(feed: Feed, taken: Taken) -> dict[str, Any]:
    """Return the answer about one source. Its members are a public interface."""
    return {
        "source": feed.name,
        "outcome": taken.outcome,
        "file": taken.file,
        "version": taken.head.sha if taken.head else None,
        "rows": taken.rows if taken.outcome == "new" else None,
        "fetched": taken.state.fetched,
        "changed": taken.state.changed,
        "error": taken.error.text if taken.error else None,
        "code": taken.error.code if taken.error else 0,
    }
