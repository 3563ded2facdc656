"""The change log as the commands read it. Nothing here writes, or makes a database that is not there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy import Connection, Select, func, select

from bot.journal import approvals, blobs, rows
from bot.journal.memory import SETTLED
from bot.journal.schema import change, drift, intent, run, state
from bot.journal.store import Store
from bot.model.layer import Collection
from bot.model.plan import Plan
from bot.model.run import Run


@dataclass(frozen=True, slots=True)
class LayerStatus:
    """How it stands with a layer.

    `last` is its last run, `success` the last that settled. `checked` is when file and map were last seen to
    agree, by a run or by one of the `checks` since the last run that found nothing new.
    """

    layer: str
    last: Run | None
    success: Run | None
    checked: datetime | None
    checks: int


class Reader:
    """Every method is one look at the database, newest first. Raise StateError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def runs(
        self,
        limit: int | None = 50,
        since: datetime | None = None,
        layer: str | None = None,
        before: int | None = None,
    ) -> tuple[Run, ...]:
        """Give the runs that started at `since` or later and have a number below `before`."""
        query = select(run).order_by(run.c.number.desc()).limit(limit)
        if since is not None:
            query = query.where(run.c.started >= rows.time_text(since))
        if layer is not None:
            query = query.where(run.c.layer == layer)
        if before is not None:
            query = query.where(run.c.number < before)
        return self._runs(query)

    def run(self, number: int) -> Run | None:
        """Give one run. Of one that was killed, `plan` is the last that it was about to push."""
        with self._store.read() as connection:
            found = rows.runs(connection, select(run).where(run.c.number == number))
            if not found or found[0].plan:
                return found[0] if found else None
            return _with_plan(connection, found[0])

    def history(self, key: str, layer: str | None = None, limit: int | None = 50) -> tuple[Run, ...]:
        """Give the runs that had to do with a feature; `landed` and `drift` hold only what was of it."""
        plain = rows.plain(key)
        changed = select(change.c.run).where(change.c.key == plain)
        drifted = select(drift.c.run).where(drift.c.key == plain)
        if layer is not None:
            changed, drifted = changed.where(change.c.layer == layer), drifted.where(drift.c.layer == layer)
        query = select(run).where(run.c.number.in_(changed.union(drifted)))
        return self._runs(query.order_by(run.c.number.desc()).limit(limit), key)

    def layers(self) -> tuple[LayerStatus, ...]:
        """Give all layers that were ever looked at, by name."""
        with self._store.read() as connection:
            last = _newest(connection, select(func.max(run.c.number)).group_by(run.c.layer))
            settled = select(func.max(run.c.number)).where(run.c.outcome.in_(SETTLED)).group_by(run.c.layer)
            success = _newest(connection, settled)
            states = {row.layer: row for row in connection.execute(select(state)).all()}
        return tuple(
            LayerStatus(
                layer=name,
                last=last.get(name),
                success=success.get(name),
                checked=rows.moment(row.checked) if row and row.checked else None,
                checks=row.checks if row else 0,
            )
            for name in sorted({*last, *states})
            for row in [states.get(name)]
        )

    def held(self, code: str) -> tuple[Run, ...]:
        """Give the held runs whose plan has this code (12 to 32 characters). Raise UsageError."""
        named = run.c.digest.startswith(approvals.checked(code))
        return self._runs(select(run).where(run.c.outcome == "held", named).order_by(run.c.number.desc()))

    def backup(self, number: int) -> Collection | None:
        """Give the layer as it stood before the run's first push; None if it pushed nothing."""
        query = select(intent.c.before).where(intent.c.run == number).order_by(intent.c.id).limit(1)
        with self._store.read() as connection:
            data = connection.execute(query).scalar()
        return blobs.decode(data, Collection) if data else None

    def _runs(self, query: Select[tuple[object, ...]], key: str | None = None) -> tuple[Run, ...]:
        with self._store.read() as connection:
            return rows.runs(connection, query, key)


def _newest(connection: Connection, numbers: Select[tuple[int]]) -> dict[str, Run]:
    found: Iterable[Run] = rows.runs(connection, select(run).where(run.c.number.in_(numbers)))
    return {each.layer: each for each in found}


def _with_plan(connection: Connection, killed: Run) -> Run:
    query = select(intent.c.plan).where(intent.c.run == killed.number).order_by(intent.c.id.desc()).limit(1)
    data = connection.execute(query).scalar()
    return replace(killed, plan=blobs.decode(data, Plan)) if data else killed
