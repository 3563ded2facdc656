"""The base of a layer whose state was lost, or is an old copy: found anew in the history of the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Final, NamedTuple

from msgspec.structs import replace

from umap_bot.errors import CommitGone, DatasetError
from umap_bot.model.base import Base, Origin
from umap_bot.model.layer import Commit, Layer, Live
from umap_bot.model.seen import Seen
from umap_bot.ports import Clock, Dataset
from umap_bot.reconcile.aims import sides_of
from umap_bot.reconcile.lost.later import Later
from umap_bot.reconcile.lost.likeness import Likeness, keyed
from umap_bot.reconcile.lost.rebuilt import rebuilt
from umap_bot.text import joined, say

TIME: Final = timedelta(minutes=2)
"""How long versions of the file may be looked at: with a run's deadline still shorter than the lease."""


class Past(NamedTuple):
    """What is known of a layer's past: base, what was seen of the map, whether a run of any kind ever did
    something here, and the commit of which a person says that it was published last ("": none)."""

    base: Base | None
    seen: Seen | None
    has_runs: bool
    named: str = ""


def found(past: Past, head: Commit, dataset: Dataset, live: Live, clock: Clock) -> Base | None:
    """Return base as it must have been, if the state does not know it; None if it does, or nobody can tell.

    The file's history is asked for only if the map shows that something was published. Raise GitError,
    DatasetError, UsageError.
    """
    if past.named:
        return _named(past.named, head, dataset, live, past.base)
    if past.base is None:  # after an adoption the identifiers are ours, and nothing was published
        return None if past.has_runs else _likeliest(head, dataset, live, clock)
    if past.base.origin is not None or past.base.commit == head.sha:
        return None
    if past.seen is not None and live.version in past.seen.known:
        return None  # nobody has stored anything since
    return _brought_up(past.base, head, dataset, live, clock)


def _named(name: str, head: Commit, dataset: Dataset, live: Live, before: Base | None) -> Base:
    commit, leads = dataset.named(name, head)
    try:
        commit, layer = dataset.read(commit)
    except DatasetError as error:
        lead = say("Of version {version}, which --base names:", version=commit.short)
        raise DatasetError(joined((lead, error.message), "\n"), way_out=error.way_out) from error
    return rebuilt(layer, Origin(how="named", commit=commit, apart=not leads), live, before)


def _likeliest(head: Commit, dataset: Dataset, live: Live, clock: Clock) -> Base | None:
    features = keyed(live, dataset.read(head)[1].key)
    if not features:
        return None  # a first contact, for all that can be seen
    likeness = Likeness(features)
    versions = Versions(dataset, dataset.history(head), clock)
    for commit, layer in versions:
        if likeness.look(commit, layer):
            break
    origin = likeness.nearest()
    if origin is None:
        return None
    commit, layer = dataset.read(origin.commit)
    return rebuilt(layer, replace(origin, commit=commit, skipped=versions.skipped), live, None)


def _brought_up(base: Base, head: Commit, dataset: Dataset, live: Live, clock: Clock) -> Base | None:
    sides = sides_of(live, base, dataset.read(head)[1], skip_unchanged=True)
    if sides.base is None:
        return None
    later = Later(sides, sides.base)
    if not later.is_needed:
        return None
    for commit, layer in Versions(dataset, dataset.history(head, since=base.commit), clock):
        later.look(commit, layer)
    return later.base()


class Versions:
    """Versions of the file, as far as they decode with today's settings and time allows.

    `skipped` is how many were not looked at.
    """

    def __init__(self, dataset: Dataset, commits: tuple[Commit, ...], clock: Clock) -> None:
        self._dataset = dataset
        self._commits = commits
        self._clock = clock
        self.skipped = 0

    def __iter__(self) -> Iterator[tuple[Commit, Layer]]:
        end = self._clock.now() + TIME
        for place, commit in enumerate(self._commits):
            if self._clock.now() >= end:
                self.skipped = len(self._commits) - place
                return
            with suppress(DatasetError, CommitGone):
                yield self._dataset.read(commit)
