"""The base of a layer whose state was lost, or is an old copy: found anew in the history of the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from umap_bot.errors import CommitGone, DatasetError
from umap_bot.model.base import Base, Origin
from umap_bot.model.layer import Commit, Layer, Live
from umap_bot.model.state import LayerState
from umap_bot.ports import Clock, Dataset
from umap_bot.reconcile.lost.later import Later
from umap_bot.reconcile.lost.likeness import Likeness, keyed
from umap_bot.reconcile.lost.rebuilt import rebuilt
from umap_bot.reconcile.sides import Sides
from umap_bot.text import joined, say

TIME: Final = timedelta(minutes=2)
"""How long versions of the file may be looked at: with a run's deadline still shorter than the lease."""


def regained(
    state: LayerState, named: str, head: Commit, dataset: Dataset, live: Live, clock: Clock
) -> Base | None:
    """Return base as it must have been, if a person says so or the state knows none; None if nobody can tell.

    `named` is the commit of which a person says that it was published last ("": none). The file's history is
    asked for only if the map shows that something was published. Raise GitError, DatasetError, UsageError.
    """
    if named:
        return _named(named, head, dataset, live, state.base)
    if state.base is not None or state.history:  # after an adoption the identifiers are ours, and nothing was
        return None  # published
    return _likeliest(head, dataset, live, clock)


def brought_up(state: LayerState, sides: Sides, head: Commit, dataset: Dataset, clock: Clock) -> Base | None:
    """Return base as it must have been, if the map is newer than the state; None if that does not show.

    `sides` are those that were compared with the state's base. Raise GitError.
    """
    if sides.base is None or sides.base.origin is not None or sides.base.commit == head.sha:
        return None
    if state.seen is not None and sides.live.version in state.seen.known:
        return None  # nobody has stored anything since
    later = Later(sides, sides.base)
    if not later.is_needed:
        return None
    for commit, layer in Versions(dataset, dataset.history(head, since=sides.base.commit), clock):
        later.look(commit, layer)
    return later.base()


def _named(name: str, head: Commit, dataset: Dataset, live: Live, before: Base | None) -> Base:
    commit, leads = dataset.named(name, head)
    try:
        commit, layer = dataset.read(commit)
    except DatasetError as error:
        lead = say("About version {version}, which --base names:", version=commit.short)
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
