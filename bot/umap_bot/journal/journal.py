"""The journal: what the composition root makes of STATE_URL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import select

from umap_bot import traces
from umap_bot.errors import Bug, StateError
from umap_bot.journal import approvals, compaction, copies, decisions, leases, loading
from umap_bot.journal.accesses import Accesses
from umap_bot.journal.compaction import Compacted
from umap_bot.journal.deeds import Deeds
from umap_bot.journal.reader import Reader
from umap_bot.journal.retention import Keep
from umap_bot.journal.schema import source, state, told
from umap_bot.journal.session import Clock, SqlSession, record_failure
from umap_bot.journal.store import Store, insert
from umap_bot.journal.turns import Turns
from umap_bot.model.decision import Decision
from umap_bot.model.layer import Commit
from umap_bot.model.run import Approval, Kind, Run
from umap_bot.model.source_state import SourceState
from umap_bot.model.state import LayerState
from umap_bot.text import Text

KEEP: Final = 1000
"""Runs of a layer that the log holds."""

SIZE: Final = 500 * 10**6
"""Octets of a layer's runs that it holds, about, with their backups."""


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SqlJournal:
    """The port `Journal`, and the journal's other doors. Made without touching the database.

    `place` names the database for people, without password. Of each layer the newest `keep` runs are kept,
    and of these as many as have room in `size` octets. Every method raises StateError.
    """

    def __init__(self, url: str, keep: int = KEEP, size: int = SIZE) -> None:
        self._store = Store(url)
        self._keep = Keep(keep, size)
        self.place = self._store.place
        self.reader = Reader(self._store)
        self.accesses = Accesses(self._store)
        self.deeds = Deeds(self._store)

    @contextmanager
    def lease(self, layer: str, clock: Clock) -> Iterator[SqlSession]:
        """Take the layer, and give it back at the end, come what may. Raise LayerBusy."""
        with self._store.write() as connection:
            token = leases.take(connection, layer, clock.now())
            settled, waiting = loading.settled(connection, layer)
        try:
            session = SqlSession(self._store, layer, clock, token, settled, waiting, self._keep)
            yield session
        except BaseException:
            # What ended the run is what matters. A lease that can't be given back ends by itself.
            with suppress(StateError):
                self._give_back(layer, token)
            raise
        if not session.given_back:
            self._give_back(layer, token)

    def load(self, layer: str, clock: Clock | None = None, *, changes: bool = True) -> LayerState:
        """Return all that is known of a layer, without its lease, and without making a database."""
        with self._store.read() as connection:
            return loading.load(connection, layer, (clock or WallClock()).now(), changes=changes)

    def unforeseen(self, error: Exception) -> Bug:
        """Keep the trace of an error that nobody foresaw. Return it as one that can be told and written
        down."""
        return traces.kept(error)

    def approve(self, layer: str, approval: Approval, clock: Clock) -> Approval:
        """Write down a person's word for a plan. Return it with its number and its time."""
        with self._store.write() as connection:
            return approvals.give(connection, layer, approval, clock.now())

    def withdraw(self, numbers: Iterable[int]) -> None:
        """Take back approvals that no run has used."""
        with self._store.write() as connection:
            approvals.withdraw(connection, numbers)

    def decide(self, layer: str, made: Iterable[Decision], clock: Clock) -> tuple[Decision, ...]:
        """Write down what a person decided about parts of plans. No lease is needed."""
        with self._store.write() as connection:
            return decisions.decide(connection, layer, made, clock.now())

    def take_back(self, layer: str, numbers: Iterable[int], clock: Clock) -> None:
        """End decisions at a person's word. Raise UsageError if one is none that holds."""
        with self._store.write() as connection:
            decisions.take_back(connection, layer, numbers, clock.now())

    def find_held(self, code: str) -> tuple[Run, ...]:
        """Return the held runs whose plan has this code, newest first."""
        return self.reader.held(code)

    def carried_out(self, held: Run) -> int | None:
        """Return the number of a later run that carried out the plan of a held one; None if none did."""
        return self.reader.carried_out(held)

    def waiting(self, layers: Iterable[str]) -> tuple[Run, ...]:
        """Return the last run of each of the layers whose last run is held: what waits for a person now."""
        named = set(layers)
        last = [status.last for status in self.reader.layers() if status.layer in named]
        return tuple(run for run in last if run and run.plan and run.plan.verdict.asks)

    def note_failure(
        self, layer: str, kind: Kind, error: Text, code: int, clock: Clock, *, commit: Commit | None = None
    ) -> Run:
        """Write down a run that failed before it could take the layer. No lease is needed.

        If the layer's last run failed in the same way, it is taken into that one, which is given back.
        """
        now = clock.now()
        commit = commit or Commit(sha="")
        failed = Run(number=0, layer=layer, kind=kind, commit=commit, started=now, ended=now).failed(
            error, code
        )
        with self._store.write() as connection:
            return record_failure(connection, failed, self._keep)

    def told(self, layer: str) -> bytes | None:
        """Return what `tell` kept for the layer. No lease is needed."""
        with self._store.read() as connection:
            return connection.execute(select(told.c.data).where(told.c.layer == layer)).scalar()

    def tell(self, layer: str, data: bytes) -> None:
        """Keep one small value for the layer, in the place of the one before. No lease is needed."""
        with self._store.write() as connection:
            statement = insert(connection, told).values(layer=layer, data=data)
            changes = {"data": statement.excluded.data}
            connection.execute(statement.on_conflict_do_update(index_elements=[told.c.layer], set_=changes))

    def source(self, name: str) -> SourceState:
        """Return what is known of a table that is fetched. What can't be read is as good as nothing."""
        with self._store.read() as connection:
            data = connection.execute(select(source.c.data).where(source.c.name == name)).scalar()
        with suppress(msgspec.MsgspecError, ValueError):
            return SourceState.from_json(data or b"{}")
        return SourceState()

    def keep_source(self, name: str, known: SourceState) -> None:
        """Keep what is known of a table that is fetched, in the place of what was."""
        with self._store.write() as connection:
            statement = insert(connection, source).values(name=name, data=known.to_json())
            changes = {"data": statement.excluded.data}
            connection.execute(statement.on_conflict_do_update(index_elements=[source.c.name], set_=changes))

    def works_again(self, layer: str) -> None:
        """Let the next failure be an entry of its own in the log, though it is as the last one."""
        with self._store.write() as connection:
            connection.execute(state.update().where(state.c.layer == layer).values(series=None))

    def turns(self, roster: str) -> Turns | None:
        """Return what services of this roster share; None for a state file, which one service has."""
        return Turns(self._store, roster) if self._store.is_server else None

    def back_up(self, file: Path) -> int:
        """Write the whole state into one file; return how many runs are in it. No lease is needed."""
        return copies.back_up(self._store, file)

    def restore(self, file: Path, clock: Clock, *, force: bool) -> int:
        """Put a state that `back_up` wrote into this database; return how many runs are in it.

        Raise LayerBusy, UsageError as `copies.restore`.
        """
        return copies.restore(self._store, file, clock.now(), force=force)

    def compact(self, layers: Iterable[str], clock: Clock) -> Compacted:
        """Let what is beyond the limits of these layers go at once, and give the room back to the system.

        Raise LayerBusy while a run has any layer of this database.
        """
        return compaction.compact(self._store, layers, self._keep, clock.now())

    def close(self) -> None:
        """Give back the connections. Nothing is lost without it."""
        self._store.close()

    def _give_back(self, layer: str, token: str) -> None:
        with self._store.write() as connection:
            leases.give_back(connection, layer, token)
