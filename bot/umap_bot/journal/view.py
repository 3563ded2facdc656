"""What is known of one layer, read only: for a plan, and as the reading half of a run's memory."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import Column, func, select

from umap_bot.journal import approvals, blobs, rows
from umap_bot.journal.rows import SETTLED
from umap_bot.journal.schema import intent, lost_save, run, state
from umap_bot.journal.store import Store
from umap_bot.model.base import Base
from umap_bot.model.layer import Collection, Commit, Push, Save
from umap_bot.model.plan import Plan
from umap_bot.model.run import Approval, Intent, Run
from umap_bot.model.seen import Seen

HISTORY: Final = 10
"""Settled runs that a plan may look back on."""

VERSIONS: Final = 200
"""Published versions of the file that a plan is compared with."""


class Clock(Protocol):
    """The part of the port `Clock` that a journal needs."""

    def now(self) -> datetime: ...


class View:
    """The reading half of the port `Memory`. Each property is one look at the database. Raise StateError."""

    def __init__(self, store: Store, layer: str, clock: Clock) -> None:
        self._store = store
        self._layer = layer
        self._clock = clock

    @property
    def base(self) -> Base | None:
        data = self._state(state.c.base)
        return blobs.decode(data, Base) if data else None

    @property
    def stamp(self) -> str | None:
        stamp: str | None = self._state(state.c.stamp)
        return stamp

    @property
    def last_push(self) -> Push | None:
        data = self._state(state.c.last_push)
        return blobs.decode(data, Push) if data else None

    @property
    def lost_saves(self) -> tuple[Save, ...]:
        query = select(lost_save.c.save).where(
            lost_save.c.layer == self._layer, lost_save.c.save.is_not(None)
        )
        with self._store.read() as connection:
            found = connection.execute(query.order_by(lost_save.c.id)).scalars().all()
        return tuple(blobs.decode(data, Save) for data in found)

    @property
    def pending(self) -> tuple[Intent, ...]:
        query = select(intent).where(intent.c.layer == self._layer, intent.c.looked.is_(False))
        with self._store.read() as connection:
            found = connection.execute(query.order_by(intent.c.id)).all()
        return tuple(
            Intent(
                run=row.run,
                plan=blobs.decode(row.plan, Plan),
                pushed=row.pushed,
                before=blobs.decode(row.before, Collection),
                version=row.version,
            )
            for row in found
        )

    @property
    def history(self) -> tuple[Run, ...]:
        query = select(run).where(run.c.layer == self._layer, run.c.outcome == "done")
        with self._store.read() as connection:
            return rows.runs(connection, query.order_by(run.c.number.desc()).limit(HISTORY))

    @property
    def seen(self) -> Seen | None:
        data = self._state(state.c.seen)
        return blobs.decode(data, Seen) if data else None

    @property
    def checked(self) -> datetime | None:
        """Return when file and map were last seen to agree."""
        time = self._state(state.c.checked)
        return rows.moment(time) if time else None

    @property
    def published(self) -> tuple[Commit, ...]:
        last = func.max(run.c.number)
        query = select(run.c.source).where(
            run.c.layer == self._layer, run.c.outcome.in_(SETTLED), run.c.kind == "sync"
        )
        query = query.group_by(run.c.source).order_by(last.desc()).limit(VERSIONS)
        with self._store.read() as connection:
            commits = [rows.commit_of(source) for source in connection.execute(query).scalars()]
        newest: dict[str, Commit] = {}
        for commit in commits:
            newest.setdefault(commit.sha, commit)
        return tuple(newest.values())

    @property
    def approval(self) -> Approval | None:
        with self._store.read() as connection:
            good = approvals.good(connection, self._layer, self._clock.now())
        return approvals.of(good[0]) if good else None

    def approves(self, digest: str) -> bool:
        with self._store.read() as connection:
            good = approvals.good(connection, self._layer, self._clock.now())
        return any(digest.startswith(row.digest) for row in good)

    def _state(self, column: Column[Any]) -> Any:
        with self._store.read() as connection:
            return connection.execute(select(column).where(state.c.layer == self._layer)).scalar()
