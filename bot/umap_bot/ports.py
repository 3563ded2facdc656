"""The small Protocols that the run is handed. Rooms that implement them import only the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from umap_bot.errors import BotError, Bug
from umap_bot.model.base import Base
from umap_bot.model.decision import Decision
from umap_bot.model.layer import Collection, Commit, Entry, Layer, Live, Push, Save
from umap_bot.model.plan import Kind, Plan
from umap_bot.model.run import Applied, Run
from umap_bot.model.seen import Seen
from umap_bot.model.state import LayerState
from umap_bot.text import Text


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the time, aware, UTC."""

    def pause(self, seconds: float) -> None:
        """Wait."""


class Dataset(Protocol):
    """The desired side: a dataset in a git repository."""

    def head(self) -> Commit:
        """Return the newest commit. One `git ls-remote`; only `sha` is filled in. Raise GitError."""

    def read(self, commit: Commit, base: Base | None = None) -> tuple[Commit, Layer]:
        """Return the commit with its author, date and message, and the dataset at it.

        Rows that are as `base` knows them need not be read; the dataset is the same without it.
        Raise GitError or DatasetError.
        """

    def history(self, head: Commit, since: str = "") -> tuple[Commit, ...]:
        """Return the commits up to `head` that changed the file, newest first, each with the file's blob.

        No more than 50, and none whose blob a newer one has. `since`: only those after that commit, and none
        if it is no ancestor. Raise GitError.
        """

    def named(self, name: str, head: Commit) -> tuple[Commit, bool]:
        """Return the commit that a person names, and whether it is `head` or an ancestor of it.

        Raise GitError, UsageError.
        """


class FetchedFrom(Protocol):
    """Where a dataset comes from that is fetched before it is in git."""

    @property
    def name(self) -> str:
        """Its address, as people may read it."""

    @property
    def end(self) -> Run | BotError | None:
        """What is to be told of it beside the runs of its layers, once it was asked: that it failed although
        they went on with what is in git, or that it works again; None if there is nothing."""


class LiveLayer(Protocol):
    """The live side: one layer of a uMap."""

    def until(self, end: datetime) -> AbstractContextManager[None]:
        """Within it, begin no wait that would end later: what has to wait longer raises UnreachableError."""

    def look(self) -> Entry:
        """Return the layer's entry in the map's page: one request. Raise RefusedError, UnreachableError."""

    def read(self) -> Live:
        """Return one snapshot of page and layer. Raise RefusedError, UnreachableError."""

    def push(self, wanted: Collection, on: Live) -> None:
        """Send the layer, on the version that the plan was made against.

        What is answered decides nothing: a conflict, a merge, silence are all told by the next read. Only a
        refusal raises (RefusedError), and only then is it certain that nothing was stored.
        """

    def overwritten(self, push: Push, live: Live) -> tuple[Save, ...]:
        """Return the saves of others that the push ran over; `live` was read after it."""


class Neighbours(Protocol):
    """The other layers that the same file feeds."""

    def standing(self, keys: frozenset[str], key: str) -> Mapping[str, str]:
        """Return on which of them features with these keys stand now, by the layer's name for people.

        `key` is the key property. A layer that is not there, or can't be kept by us, holds none of them.
        Raise UnreachableError.
        """


class Pen(Protocol):
    """What becomes of the state by what was seen on the map."""

    def lost(self, state: LayerState, saves: tuple[Save, ...]) -> LayerState:
        """Write down what the last push ran over; from now on it is looked at."""

    def applied(self, state: LayerState, applied: tuple[Applied, ...]) -> LayerState:
        """Take what stands into base and log, under the number of the run that did it."""


class Session(Pen, Protocol):
    """A layer while its lease is held. Every call is one transaction, and prolongs the lease; `idle` ends it.

    What writes returns the state as it is then, or the run. Raise StateError, also if the lease is another
    run's by now.
    """

    @property
    def settled(self) -> str:
        """The idle stamp of the last settled run; "" if something is lost, pending or not looked at since."""

    def load(self, *, changes: bool = True) -> LayerState:
        """Return all that is known of the layer. `changes`: with those of the last run that made some."""

    def witness(self, run: Run, plan: Plan, live: Live) -> None:
        """Keep the layer as a run found it that only watches."""

    def idle(self, commit: Commit, kind: Kind = "sync") -> Run:
        """Note that there was nothing new, and give the layer back.

        Return a run (number 0), with the plan that asked what still waits for a person, if something does.
        """

    def open(self, kind: Kind, commit: Commit) -> Run: ...

    def intend(
        self, state: LayerState, run: Run, plan: Plan, live: Live, wanted: Collection
    ) -> tuple[LayerState, Run]:
        """Write down plan, backup and push, before the request. The run has one push more then."""

    def decide(self, state: LayerState, made: Iterable[Decision]) -> LayerState:
        """Write down what a person decided, each in place of any other on the same subject."""

    def forget(self, state: LayerState, over: Iterable[Decision]) -> LayerState:
        """End decisions whose values are no more."""

    def close(self, run: Run, base: Base | None, stamp: str | None, seen: Seen | None) -> Run:
        """End the run. A base is that of a settled run; without one base stays as it is, and so with `seen`.

        A settled run keeps what waits, spends its approval and ends the lost saves. One that pushed nothing
        and asks what the run before it asked is taken into that one. Return the run as the log has it.
        """

    def fail(self, kind: Kind, error: Text, code: int) -> None:
        """Record that the run ended with an error: the one opened here, or one that never came to open.

        Its intents stay pending. If the run before it failed in the same way, it is taken into that one.
        This needs no lease.
        """


class Journal(Protocol):
    def lease(self, layer: str, clock: Clock) -> AbstractContextManager[Session]:
        """Take the layer for a run. Raise LayerBusy if another run has it, StateError."""

    def load(self, layer: str, clock: Clock, *, changes: bool = True) -> LayerState:
        """Return all that is known of the layer, without its lease. Raise StateError."""

    def unforeseen(self, error: Exception) -> Bug:
        """Keep the trace of an error that nobody foresaw. Return it as one that can be told and written
        down."""
