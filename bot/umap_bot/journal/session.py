"""What a run writes of its layer while it holds the lease: every call is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, exists, func, select

from umap_bot.journal import approvals, backups, blobs, decisions, leases, loading, retention, rows, series
from umap_bot.journal.retention import Keep
from umap_bot.journal.rows import SETTLED
from umap_bot.journal.schema import intent, lost_save, run, state
from umap_bot.journal.store import Store, insert
from umap_bot.model.backup import LayerSettings
from umap_bot.model.base import Base
from umap_bot.model.change import Change
from umap_bot.model.decision import Decision, Waiting
from umap_bot.model.layer import Collection, Commit, Live, Push, Save
from umap_bot.model.plan import Plan
from umap_bot.model.run import EXIT, Applied, Intent, Kind, Run
from umap_bot.model.seen import Seen
from umap_bot.model.state import LayerState
from umap_bot.text import Text


class Clock(Protocol):
    """The part of the port `Clock` that a journal needs."""

    def now(self) -> datetime: ...


class SqlSession:
    """The port `Session`. Every method that writes raises StateError if the lease is another run's by now."""

    def __init__(
        self,
        store: Store,
        layer: str,
        clock: Clock,
        token: str,
        settled: str,
        waiting: Waiting | None,
        keep: Keep,
    ) -> None:
        self.settled = settled
        self.given_back = False
        self._waiting = waiting
        self._store = store
        self._layer = layer
        self._clock = clock
        self._token = token
        self._keep = keep
        self._opened: int | None = None
        self._recovered: list[Change] = []

    def load(self, *, changes: bool = True) -> LayerState:
        with self._store.read() as connection:
            return loading.load(connection, self._layer, self._clock.now(), changes=changes)

    def open(self, kind: Kind, commit: Commit) -> Run:
        begun = Run(number=0, layer=self._layer, kind=kind, commit=commit, started=self._clock.now())
        with self._write() as connection:
            self._opened = rows.begin(connection, begun)
        return replace(begun, number=self._opened)

    def intend(
        self, state_: LayerState, run_: Run, plan: Plan, live: Live, wanted: Collection
    ) -> tuple[LayerState, Run]:
        """Write down plan, backup, push, and what people changed that the plan decides on."""
        intended = Intent(run_.number, plan, wanted.digest, live.standing, live.version)
        push = Push(version=live.version, was=live.standing, ours=wanted, known=live.known)
        values = {
            "run": run_.number,
            "layer": self._layer,
            "plan": blobs.encode(plan),
            "digest": plan.fingerprint if plan.verdict.approved else "",
            "pushed": intended.pushed,
            "version": live.version,
            "settings": blobs.encode(LayerSettings(live.entry.settings)),
        }
        with self._write() as connection:
            _put(connection, self._layer, last_push=blobs.encode(push))
            before = backups.keep(connection, self._layer, live.standing)
            connection.execute(intent.insert().values(values | {"before": before}))
            rows.add_drift(connection, self._layer, run_.number, plan)
            mine = run.c.number == run_.number
            pushed = {"pushes": run_.pushes + 1, **rows.approved(run_)}
            connection.execute(run.update().where(mine).values(pushed))
        return state_.intended(intended, push), replace(run_, pushes=run_.pushes + 1)

    def lost(self, state_: LayerState, saves: tuple[Save, ...]) -> LayerState:
        """Write down lost saves, and that the last push was looked at. One that is known is not lost
        again."""
        after = state_.losing(saves)
        values = [
            {"layer": self._layer, "version": save.version, "save": blobs.encode(save)}
            for save in after.lost_saves[len(state_.lost_saves) :]
        ]
        with self._write() as connection:
            if values:
                connection.execute(lost_save.insert(), values)
            _put(connection, self._layer, last_push=None)
        return after

    def applied(self, state_: LayerState, applied: tuple[Applied, ...]) -> LayerState:
        """Take the outcome of one look for all that is pending: from now on nothing is."""
        with self._write() as connection:
            for each in applied:
                rows.add_changes(connection, self._layer, each.run, each.changes)
                retention.weigh(connection, each.run)
            advanced = [each.base for each in applied if each.base is not None]
            if advanced:
                _put(connection, self._layer, base=blobs.encode(advanced[-1]))
            if advanced or any(each.changes for each in applied):
                _put(connection, self._layer, series=None)
            mine = intent.c.layer == self._layer
            connection.execute(intent.update().where(mine, intent.c.looked.is_(False)).values(looked=True))
        # Before a run is opened here, what is applied is an earlier one's.
        earlier = [each for each in applied if self._opened is None]
        self._recovered += [change for each in earlier for change in each.changes]
        return state_.applying(applied)

    def decide(self, state_: LayerState, made: Iterable[Decision]) -> LayerState:
        """Write down what a person decided."""
        with self._write() as connection:
            decisions.decide(connection, self._layer, made, self._clock.now())
            holding = decisions.standing(connection, self._layer)
        return replace(state_, decisions=holding)

    def forget(self, state_: LayerState, over: Iterable[Decision]) -> LayerState:
        """End decisions whose values are no more."""
        numbers = [each.number for each in over]
        with self._write() as connection:
            decisions.end(connection, self._layer, numbers, self._clock.now())
        return replace(state_, decisions=tuple(d for d in state_.decisions if d.number not in numbers))

    def close(self, run_: Run, base: Base | None, stamp: str | None, seen: Seen | None) -> Run:
        """End a run. One that did not settle leaves base and what was seen, and no stamp, whatever is given.

        One that only repeats the run before it is taken into that one, which is given back.
        """
        ended = replace(run_, ended=self._clock.now())
        with self._write() as connection:
            if ended.settled or ended.outcome == "held":
                self._end_lost_saves(connection)
            if ended.settled:
                ended = replace(ended, waiting=self._settle(connection, ended, base, stamp, seen))
            known = _end(connection, ended)
            if ended.kind == "sync" and (ended.settled or ended.outcome == "held"):
                approvals.lapse(connection, self._layer, ended.started, known.number)
            retention.prune(connection, self._layer, self._keep)
        self._opened = None
        return replace(known, recovered=tuple(self._recovered), waiting=ended.waiting)

    def fail(self, kind: Kind, error: Text, code: int) -> None:
        """End the run that was opened here, or one that never came to open. Its intents stay pending.

        This needs no lease: what failed is told in any case.
        """
        now = self._clock.now()
        unknown = Run(number=0, layer=self._layer, kind=kind, commit=Commit(sha=""), started=now, ended=now)
        with self._store.write() as connection:
            record_failure(connection, unknown.failed(error, code), self._keep, self._opened)
        self._opened = None

    def witness(self, run_: Run, plan: Plan, live: Live) -> None:
        """Keep the layer as a run found it that pushes nothing: it can be exported as that version."""
        values = {
            "run": run_.number,
            "layer": self._layer,
            "plan": blobs.encode(plan),
            "digest": "",
            "pushed": "",
            "version": live.version,
            "looked": True,  # there is nothing to look for
            "settings": blobs.encode(LayerSettings(live.entry.settings)),
        }
        with self._write() as connection:
            _put(connection, self._layer, last_push=None)  # the layer's own row, before the copy
            before = backups.keep(connection, self._layer, live.standing)
            connection.execute(intent.insert().values(values | {"before": before}))

    def idle(self, commit: Commit, kind: Kind = "sync") -> Run:
        """Note that there was nothing new, and give the layer back: one transaction for both.

        What waits is said again: the run has the plan that asked it.
        """
        now = self._clock.now()
        with self._store.write() as connection:
            leases.give_back_confirmed(connection, self._layer, self._token)
            asked = decisions.asked(connection, self._waiting) if self._waiting else None
            values = {"layer": self._layer, "checked": rows.time_text(now), "checks": 1}
            statement = insert(connection, state).values(values)
            changes = {"checked": values["checked"], "checks": state.c.checks + 1}
            changes |= {} if asked else {"series": None}
            connection.execute(statement.on_conflict_do_update(index_elements=[state.c.layer], set_=changes))
        self.given_back = True
        return Run(
            number=0,
            layer=self._layer,
            kind=kind,
            commit=commit,
            started=now,
            ended=now,
            outcome="held" if asked else "nothing",
            plan=asked,
            code=EXIT["held"] if asked else 0,
            waiting=self._waiting if asked else None,
        )

    def _settle(
        self, connection: Connection, ended: Run, base: Base | None, stamp: str | None, seen: Seen | None
    ) -> Waiting | None:
        """Write down what a settled run leaves. Return what an earlier run asked, if it still waits."""
        now = rows.time_text(ended.ended or self._clock.now())
        waits = None
        given = {"base": base, "seen": seen}
        known: dict[str, Any] = {name: blobs.encode(value) for name, value in given.items() if value}
        if base is not None:  # an adoption leaves file and map as different as they were
            known["checked"] = now
            waits = decisions.waiting_after(decisions.waiting(connection, self._layer), ended)
            known["waiting"] = waits and msgspec.json.encode(waits).decode()
        approvals.spend(connection, self._layer, self._used(connection, ended), ended.number)
        if decisions.said_since(connection, self._layer, ended.started):
            stamp = None
        _put(connection, self._layer, stamp=stamp, **known)
        _end_unfinished(connection, self._layer, ended.number, now)
        return waits if waits and waits.run != ended.number else None

    def _end_lost_saves(self, connection: Connection) -> None:
        """Those are put back: what stands is the layer with them. Their rows stay, so that none is lost
        twice."""
        mine = lost_save.update().where(lost_save.c.layer == self._layer, lost_save.c.save.is_not(None))
        connection.execute(mine.values(save=None))

    def _used(self, connection: Connection, ended: Run) -> list[str]:
        """Return the fingerprints whose approvals are used up: this run's, and those of runs that ended
        midway.

        A run that was killed after its push can't spend what it used; what it did is settled by this one.
        """
        earlier = select(func.max(run.c.number)).where(
            run.c.layer == self._layer, run.c.outcome.in_(SETTLED), run.c.number < ended.number
        )
        query = select(intent.c.digest).where(
            intent.c.layer == self._layer, intent.c.run > func.coalesce(earlier.scalar_subquery(), 0)
        )
        return [ended.approved, *connection.execute(query).scalars()]

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._store.write() as connection:
            leases.confirm(connection, self._layer, self._token, self._clock.now())
            yield connection


def record_failure(connection: Connection, failed: Run, keep: Keep, opened: int | None = None) -> Run:
    """End the run that was opened, or one that was not. Return it as the log has it.

    The stamp goes, so that the next run is a whole one, and the log shows that the trouble is over.
    """
    begun = rows.runs(connection, select(run).where(run.c.number == opened))
    if begun:
        failed = replace(begun[0], ended=failed.ended).failed(failed.error, failed.code)
    known = _end(connection, failed)
    retention.prune(connection, failed.layer, keep)
    return known


def _end(connection: Connection, ended: Run) -> Run:
    """Write down how a run ended; one with number 0 gets its row. Return it as the log has it.

    The layer's own row comes first: a failure is written down without the lease, and so they queue.
    """
    _put(connection, ended.layer, checks=0, **({} if ended.settled else {"stamp": None}))
    earlier = series.repeated(connection, ended)
    if earlier is not None:
        return series.take_in(connection, earlier, ended)
    number = rows.end(connection, ended)
    retention.weigh(connection, number)
    _put(connection, ended.layer, series=number)
    applied, drift = rows.changes_of(connection, [number]), rows.drift_of(connection, [number])
    return replace(ended, number=number, applied=tuple(applied[number]), drift=tuple(drift[number]))


def _put(connection: Connection, layer: str, **values: Any) -> None:
    statement = insert(connection, state).values(layer=layer, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=[state.c.layer], set_=values))


def _end_unfinished(connection: Connection, layer: str, before: int, now: str) -> None:
    """Say of runs that were killed when it was known what became of them: nothing of theirs is pending."""
    open_intent = exists().where(intent.c.run == run.c.number, intent.c.looked.is_(False))
    killed = (
        run.c.layer == layer,
        run.c.outcome == "unfinished",
        run.c.ended.is_(None),
        run.c.number < before,
        ~open_intent,
    )
    connection.execute(run.update().where(*killed).values(ended=now))
