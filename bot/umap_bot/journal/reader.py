"""The change log as the commands read it. Nothing here writes, or makes a database that is not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import Column, ColumnElement, Connection, Row, Select, case, func, null, select

from umap_bot.journal import backups, blobs, rows
from umap_bot.journal.approvals import good
from umap_bot.journal.decisions import standing, waiting_of
from umap_bot.journal.rows import SETTLED
from umap_bot.journal.schema import change, drift, intent, run, state
from umap_bot.journal.store import Store
from umap_bot.journal.texts import plain
from umap_bot.model.backup import Backup, LayerSettings
from umap_bot.model.decision import Decision, Waiting
from umap_bot.model.plan import Plan
from umap_bot.model.run import EXIT, Approval, Outcome, Run
from umap_bot.model.seen import Seen

_AT_ONCE: Final = 500
"""So many names are in one query: a database takes a limited number."""

LARGEST: Final = 2**31 - 1
"""The largest number of a run that both databases can hold."""

_WAITS: Final = run.c.code == EXIT["held"]
"""Runs that ask a person something, of the whole plan or of parts of it."""

_WITHOUT_PLANS: Final = (
    *(column for column in run.c if column is not run.c.plan),
    case((_WAITS | run.c.kind.in_(("rollback", "watch")), run.c.plan), else_=null()).label("plan"),
)


_AGREED: Final = (run.c.outcome.in_(SETTLED), run.c.kind.in_(("sync", "watch")))
"""Runs after which file and map agreed, or what was seen and the map: an adoption writes only ids, a rollback
undoes what the file said."""


@dataclass(frozen=True, slots=True)
class LayerStatus:
    """How it stands with a layer.

    `last` is its last run, `success` the last that settled, `last_change` the last that changed the map.
    `checked` is when file and map were last seen to agree, by a run or by one of the `checks` since the last
    run that found nothing new. `waiting` is what waits for a person while the rest goes on.
    """

    layer: str
    last: Run | None
    success: Run | None
    last_change: Run | None
    checked: datetime | None
    checks: int
    waiting: Waiting | None = None


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
        outcome: tuple[Outcome, ...] = (),
        until: datetime | None = None,
        *,
        key: str | None = None,
        plans: bool = True,
    ) -> tuple[Run, ...]:
        """Return the runs that were going on at `since` or later, began before `until`, and have a number
        below `before` and one of these outcomes, if any is named.

        Of a `key` only runs that had to do with its feature, whole. A run that others were taken into goes on
        until the last of them. Without `plans` only held runs, rollbacks and looks have theirs: a thousand
        are read at once.
        """
        query = select(run) if plans else select(*_WITHOUT_PLANS)
        query = query.where(*_narrowed(since, layer, before, outcome, until))
        if key is not None:
            query = query.where(_with_feature(key, layer))
        return self._runs(query.order_by(run.c.number.desc()).limit(limit))

    def count(
        self,
        since: datetime | None = None,
        layer: str | None = None,
        before: int | None = None,
        outcome: tuple[Outcome, ...] = (),
        until: datetime | None = None,
    ) -> int:
        """Return how many runs `runs` would give without a limit."""
        query = select(func.count()).select_from(run)
        with self._store.read() as connection:
            found = connection.execute(query.where(*_narrowed(since, layer, before, outcome, until)))
            return found.scalar_one()

    def numbers(self, layer: str | None = None) -> tuple[int, ...]:
        """Return the numbers of all runs. There are gaps: runs were taken into others, or are gone."""
        query = select(run.c.number).where(*_narrowed(layer=layer)).order_by(run.c.number.desc())
        with self._store.read() as connection:
            return tuple(connection.execute(query).scalars())

    def run(self, number: int) -> Run | None:
        """Return one run. Of one that was killed, `plan` is the last that it was about to push."""
        if number > LARGEST:
            return None
        with self._store.read() as connection:
            found = rows.runs(connection, select(run).where(run.c.number == number))
            if not found or found[0].plan:
                return found[0] if found else None
            return _with_plan(connection, found[0])

    def runs_after(self, told: Run) -> tuple[Run, ...]:
        """Return the later runs of its layer; of them only held ones, rollbacks and looks have plans."""
        query = select(*_WITHOUT_PLANS).where(run.c.layer == told.layer, run.c.number > told.number)
        return self._runs(query.order_by(run.c.number.desc()))

    def undone_by(self, told: Run) -> int | None:
        """Return the newest run that undid this one, as far as that stands; None if none did."""
        later = [each.number for each in self.runs_after(told) if each.kind == "rollback" and each.applied]
        undoing = (found for number in later if (found := self.run(number)) is not None)
        return next((each.number for each in undoing if _undoes(each) == told.number), None)

    def history(self, key: str, layer: str | None = None, limit: int | None = 50) -> tuple[Run, ...]:
        """Return the runs that had to do with a feature; `applied` and `drift` hold only what was of it."""
        query = select(run).where(_with_feature(key, layer))
        return self._runs(query.order_by(run.c.number.desc()).limit(limit), key)

    def success_before(self, told: Run) -> datetime | None:
        """Return when the last run of that layer before this one ended that settled."""
        query = select(func.max(run.c.ended)).where(
            run.c.layer == told.layer, *_AGREED, run.c.number < told.number
        )
        with self._store.read() as connection:
            found = connection.execute(query).scalar()
        return rows.moment(found) if found else None

    def layers(self) -> tuple[LayerStatus, ...]:
        """Return all layers that were ever looked at, by name."""
        with self._store.read() as connection:
            last = _newest(connection, select(func.max(run.c.number)).group_by(run.c.layer))
            settled = select(func.max(run.c.number)).where(*_AGREED).group_by(run.c.layer)
            success = _newest(connection, settled)
            changing = select(func.max(run.c.number)).where(run.c.outcome == "done").group_by(run.c.layer)
            changed = _newest(connection, changing)
            states = {row.layer: row for row in connection.execute(select(state)).all()}
        return tuple(
            LayerStatus(
                layer=name,
                last=last.get(name),
                success=success.get(name),
                last_change=changed.get(name),
                checked=rows.moment(row.checked) if row and row.checked else None,
                checks=row.checks if row else 0,
                waiting=waiting_of(row),
            )
            for name in sorted({*last, *states})
            for row in [states.get(name)]
        )

    def held(self, code: str) -> tuple[Run, ...]:
        """Return the runs that wait for a person with this code."""
        return self._runs(select(run).where(run.c.plan_code == code).order_by(run.c.number.desc()))

    def carried_out(self, held: Run) -> int | None:
        """Return the number of a later run that carried out the plan of a held one; None if none did."""
        if held.plan is None:
            return None
        same = run.c.layer == held.layer, run.c.approved == held.plan.fingerprint
        query = select(func.max(run.c.number)).where(*same, run.c.number > held.number)
        with self._store.read() as connection:
            found: int | None = connection.execute(query).scalar()
        return found

    def decisions(self, layer: str) -> tuple[Decision, ...]:
        """Return the decisions of a layer that may hold, oldest first."""
        with self._store.read() as connection:
            return standing(connection, layer)

    def approvals(self, layer: str, now: datetime) -> tuple[Approval, ...]:
        """Return the approvals of a layer that its next run can use, newest first."""
        with self._store.read() as connection:
            return good(connection, layer, now)

    def backup(self, number: int) -> Backup | None:
        """Return the layer as it stood before the run's first push; None if it pushed nothing."""
        if number > LARGEST:
            return None
        query = select(intent).where(intent.c.run == number).order_by(intent.c.id).limit(1)
        with self._store.read() as connection:
            row = connection.execute(query).first()
            return _backup(connection, row) if row else None

    def all_checked(self) -> dict[str, datetime]:
        """Return when file and map of each layer were last seen to agree."""
        query = select(state.c.layer, state.c.checked).where(state.c.checked.is_not(None))
        with self._store.read() as connection:
            return {row.layer: rows.moment(row.checked) for row in connection.execute(query).all()}

    def checked(self, layer: str) -> datetime | None:
        """Return when file and map were last seen to agree."""
        time = self._state(state.c.checked, layer)
        return rows.moment(time) if time else None

    def known(self, layers: Sequence[str]) -> frozenset[str]:
        """Return those of the layers that the state knows by these names."""
        with self._store.read() as connection:
            return frozenset(
                name
                for first in range(0, len(layers), _AT_ONCE)
                for name in connection.execute(
                    select(state.c.layer).where(state.c.layer.in_(layers[first : first + _AT_ONCE]))
                ).scalars()
            )

    def seen_on(self, place: str) -> dict[str, Seen]:
        """Return what was last seen of each layer whose name in the state begins so, as with its map's."""
        query = select(state.c.layer, state.c.seen).where(
            state.c.layer.startswith(place, autoescape=True), state.c.seen.is_not(None)
        )
        with self._store.read() as connection:
            return {row.layer: blobs.decode(row.seen, Seen) for row in connection.execute(query).all()}

    def seen(self, layer: str) -> Seen | None:
        """Return what the last settled run saw of the map."""
        data = self._state(state.c.seen, layer)
        return blobs.decode(data, Seen) if data else None

    def published(self, layer: str) -> frozenset[str]:
        """Return the keys of the rows that were published last."""
        data = self._state(state.c.base, layer)
        return blobs.keys_of_base(data) if data else frozenset()

    def keys(self, layer: str) -> frozenset[str]:
        """Return the keys of all features of a layer that the log's runs changed."""
        query = select(change.c.key).where(change.c.layer == layer).distinct()
        with self._store.read() as connection:
            return frozenset(connection.execute(query).scalars())

    def names(self, layer: str) -> frozenset[tuple[str, str]]:
        """Return key and name of each feature of a layer that the log's runs changed; all names it had."""
        query = select(change.c.key, change.c.name).where(change.c.layer == layer).distinct()
        with self._store.read() as connection:
            return frozenset((row.key, row.name) for row in connection.execute(query))

    def backed(self) -> dict[str, int]:
        """Return each layer that there is a backup of, by name, with the newest run that has one."""
        newest = select(intent.c.layer, func.max(intent.c.run).label("run")).group_by(intent.c.layer)
        with self._store.read() as connection:
            found = connection.execute(newest.order_by(intent.c.layer)).all()
        return {row.layer: row.run for row in found}

    def _state(self, column: Column[Any], layer: str) -> Any:
        with self._store.read() as connection:
            return connection.execute(select(column).where(state.c.layer == layer)).scalar()

    def _runs(self, query: Select[Any], key: str | None = None) -> tuple[Run, ...]:
        with self._store.read() as connection:
            return rows.runs(connection, query, key)


def _backup(connection: Connection, row: Row[Any]) -> Backup:
    plan = blobs.decode(row.plan, Plan)
    return Backup(
        run=row.run,
        layer=row.layer,
        layer_name=plan.context.layer_name,
        map_name=plan.context.map_name,
        map_url=plan.context.map_url,
        standing=backups.find(connection, row.layer, row.before),
        settings=blobs.decode(row.settings, LayerSettings) if row.settings else None,
    )


def _narrowed(
    since: datetime | None = None,
    layer: str | None = None,
    before: int | None = None,
    outcome: tuple[Outcome, ...] = (),
    until: datetime | None = None,
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if since is not None:
        conditions.append(func.coalesce(run.c.again, run.c.started) >= rows.time_text(since))
    if until is not None:
        conditions.append(run.c.started < rows.time_text(until))
    if layer is not None:
        conditions.append(run.c.layer == layer)
    if before is not None:
        conditions.append(run.c.number < min(before, LARGEST))
    if outcome:
        conditions.append(run.c.outcome.in_(outcome))
    return conditions


def _undoes(rollback: Run) -> int | None:
    return rollback.plan.effects.undo.run if rollback.plan and rollback.plan.effects.undo else None


def _newest(connection: Connection, numbers: Select[tuple[int]]) -> dict[str, Run]:
    found: Iterable[Run] = rows.runs(connection, select(run).where(run.c.number.in_(numbers)))
    return {each.layer: each for each in found}


def _with_plan(connection: Connection, killed: Run) -> Run:
    query = select(intent.c.plan).where(intent.c.run == killed.number).order_by(intent.c.id.desc()).limit(1)
    data = connection.execute(query).scalar()
    return replace(killed, plan=blobs.decode(data, Plan)) if data else killed


def _with_feature(key: str, layer: str | None) -> ColumnElement[bool]:
    """Say that a run changed a feature, or met what people had changed of it."""
    changed = select(change.c.run).where(change.c.key == plain(key))
    drifted = select(drift.c.run).where(drift.c.key == plain(key))
    if layer is not None:
        changed, drifted = changed.where(change.c.layer == layer), drifted.where(drift.c.layer == layer)
    return run.c.number.in_(changed.union(drifted))
