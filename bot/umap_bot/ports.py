"""The small Protocols that the run is handed. Rooms that implement them import only the model."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from umap_bot.model.base import Base
from umap_bot.model.layer import Collection, Commit, Entry, Layer, Live, Push, Save
from umap_bot.model.plan import Plan
from umap_bot.model.run import Applied, Approval, Intent, Kind, Run
from umap_bot.model.seen import Seen
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

    def read(self, commit: Commit) -> tuple[Commit, Layer]:
        """Return the commit with its author, date and message, and the dataset at it.

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


class LiveLayer(Protocol):
    """The live side: one layer of a uMap."""

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


class Recall(Protocol):
    """What is known of one layer, to be read."""

    @property
    def base(self) -> Base | None: ...
    @property
    def stamp(self) -> str | None: ...
    @property
    def lost_saves(self) -> tuple[Save, ...]: ...
    @property
    def last_push(self) -> Push | None:
        """Return the last push, if nobody looked yet what it ran over."""

    @property
    def pending(self) -> tuple[Intent, ...]:
        """Return the intents whose landing has not been looked for yet, oldest first."""

    @property
    def history(self) -> tuple[Run, ...]:
        """Return the last settled runs, newest first."""

    @property
    def seen(self) -> Seen | None:
        """Return what the last settled run saw of the map."""

    @property
    def published(self) -> tuple[Commit, ...]:
        """Return the versions of the file that settled runs were of, newest first."""

    @property
    def approval(self) -> Approval | None:
        """Return the newest approval that is still good."""

    def approves(self, digest: str) -> bool:
        """Tell whether a person approved this plan, at most 7 days ago, and it was not spent."""


class Memory(Recall, Protocol):
    """The same while the lease is held. Every call is one transaction."""

    def open(self, kind: Kind, commit: Commit) -> Run: ...
    def intend(self, run: Run, plan: Plan, live: Live, wanted: Collection) -> Run:
        """Write down plan, backup and push, before the request. Return the run with one push more."""

    def owe(self, saves: tuple[Save, ...]) -> None:
        """Write down what the last push ran over; from now on it is looked at."""

    def applied(self, applied: tuple[Applied, ...]) -> None:
        """Take what stands into base and log, under the number of the run that did it."""

    def close(self, run: Run, base: Base | None, stamp: str | None, seen: Seen | None) -> Run:
        """End the run. A base is that of a settled run; without one base stays as it is, and so with `seen`.

        A settled run spends its approval and ends the debts. A held one that pushed nothing and came to the
        plan of the held run before it is taken into that one. Return the run as the log has it.
        """

    def fail(self, kind: Kind, error: Text, code: int) -> None:
        """Record that the run ended with an error: the one opened here, or one that never came to open.

        Its intents stay pending. If the run before it failed in the same way, it is taken into that one.
        """

    def idle(self, commit: Commit) -> Run:
        """Note that there was nothing new. Return a run that did nothing (number 0)."""


class Journal(Protocol):
    def lease(self, layer: str, clock: Clock) -> AbstractContextManager[Memory]:
        """Take the layer for a run. Raise LayerBusy if another run has it, StateError."""
