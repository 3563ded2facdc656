"""One layer to keep: what a run of it is told, what it aims at, and how long it may try."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import uniform
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from umap_bot import progress
from umap_bot.model.base import Base
from umap_bot.model.canon import digest
from umap_bot.model.layer import Commit, Entry, Live
from umap_bot.model.plan import Kind
from umap_bot.model.policy import Limits, Policy
from umap_bot.model.run import Run
from umap_bot.ports import Clock, Dataset, FetchedFrom, LiveLayer, Neighbours
from umap_bot.text import say

if TYPE_CHECKING:
    from umap_bot.reconcile.outcome import Outcome

TRIES: Final = 4
DEADLINE: Final = timedelta(minutes=5)
"""From when the layer was taken. Shorter than the lease (10 minutes), which each write prolongs."""


class Aim(Protocol):
    """What a run makes for. Sync, rollback and adoption differ in nothing else."""

    @property
    def kind(self) -> Kind: ...
    @property
    def commit(self) -> Commit: ...
    def outcome(self, live: Live, base: Base | None) -> Outcome:
        """Compare the sides, once. Raise DatasetError, UsageError."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One layer to keep: its name in the state, who wins, how much may change unasked.

    `shape` are the other settings that shape a plan, and the program's version: with any of them changed, a
    run looks closer even if nothing else did. `named` is the commit of which a person says that it was
    published last ("": the state knows). `usual` is the policy of the settings, where `policy` stands in for
    it this once (None: it does not); `by` is who says so. `alone`: what REPORT_HIDE names are columns of this
    layer, and of no other. `neighbours` are the other layers that the same
    file feeds, None if there are none.
    """

    layer: str
    policy: Policy
    limits: Limits
    shape: tuple[str, ...] = ()
    named: str = ""
    usual: Policy | None = None
    by: str = ""
    alone: bool = False
    neighbours: Neighbours | None = None

    def stamp(self, commit: Commit, entry: Entry) -> str:
        """Return the idle stamp: a digest of all that a plan depends on, and of uMap's release."""
        settings = msgspec.json.encode([self.policy, self.limits, self.shape]).decode()
        return digest([commit.sha, entry.version, entry.release, settings])


Keep = Callable[[Run, Live | None, Base], None]
"""Keeps a version elsewhere: the run that saw it, the layer (None: it is no longer on the map), its rows."""


class Watch(msgspec.Struct, frozen=True):
    """What is known of a watched layer before it is looked at.

    `on_map`: the map has it. `first`: nothing is known of the whole map, so what stands there is no news.
    `map_name` and `map_url` are told of a layer that is gone. `keep` gets each version (None: nobody does).
    """

    layer_id: str
    on_map: bool
    first: bool
    map_name: str
    map_url: str
    keep: Keep | None = None


class Work(msgspec.Struct, frozen=True):
    """One layer to keep, with the two sides that the run is handed.

    `site` and `repository` name what one run at a time asks: the live side's and the desired side's.
    `source` is where the dataset is fetched from, None if it is in git. `watch`: the layer is only watched,
    and has no desired side (None: it is kept).
    """

    job: Job
    dataset: Dataset
    layer: LiveLayer
    site: str = ""
    repository: str = ""
    source: FetchedFrom | None = None
    watch: Watch | None = None


def tries(clock: Clock, end: datetime) -> Iterator[int]:
    """Return the tries of one run: four at the most, with growing pauses between them that end before `end`.

    The first is made whatever the time: a run whose lease is over by then fails as it writes its push down.
    """
    yield 0
    for number in range(1, TRIES):
        pause = uniform(0.2, 1.0) * 2**number  # noqa: S311  jitter
        if clock.now() + timedelta(seconds=pause) >= end:
            return
        progress.step(say("The map has changed in the meantime: waiting before the next attempt"))
        clock.pause(pause)
        yield number
