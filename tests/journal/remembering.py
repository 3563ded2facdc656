"""A session that keeps the state of its layer, as a run does, and hands it on to each write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace
from sqlalchemy import select

from umap_bot.journal.journal import SqlJournal
from umap_bot.journal.schema import state
from umap_bot.journal.session import Clock, SqlSession
from umap_bot.model.layer import Collection, Live, Save
from umap_bot.model.plan import Plan
from umap_bot.model.run import Applied, Run
from umap_bot.model.state import LayerState


class Remembering:
    """`state` is what the last write made of it; and what a write gives back is what would be loaded then."""

    def __init__(self, session: SqlSession) -> None:
        self.session = session
        self.state = session.load()
        self.open, self.close, self.fail = session.open, session.close, session.fail

    def intend(self, run: Run, plan: Plan, live: Live, wanted: Collection) -> Run:
        state, run = self.session.intend(self.state, run, plan, live, wanted)
        self._keep(state)
        return run

    def lost(self, *saves: Save) -> None:
        self._keep(self.session.lost(self.state, saves))

    def applied(self, *applied: Applied) -> None:
        self._keep(self.session.applied(self.state, applied))

    def _keep(self, state: LayerState) -> None:
        # Runs end and approvals die meanwhile: of these a run goes by what it began with.
        loaded = replace(self.session.load(), history=state.history, approvals=state.approvals)
        assert state == loaded
        self.state = state


@contextmanager
def leased(journal: SqlJournal, layer: str, clock: Clock) -> Iterator[Remembering]:
    with journal.lease(layer, clock) as session:
        yield Remembering(session)


def stamp_of(journal: SqlJournal, layer: str) -> str | None:
    """Return the idle stamp as it is written, whatever may have made it void since."""
    with journal._store.read() as connection:
        return connection.execute(select(state.c.stamp).where(state.c.layer == layer)).scalar()
