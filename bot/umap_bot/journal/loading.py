"""All that the journal knows of one layer, read in one transaction: for a plan, and for a run to begin
with."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, exists, func, select

from umap_bot.journal import approvals, backups, blobs, decisions, rows
from umap_bot.journal.rows import SETTLED
from umap_bot.journal.schema import intent, lost_save, run, state
from umap_bot.model.base import Base
from umap_bot.model.decision import Waiting
from umap_bot.model.layer import Commit, Push, Save
from umap_bot.model.plan import Plan
from umap_bot.model.run import Intent, Run
from umap_bot.model.seen import Seen
from umap_bot.model.state import LayerState

HISTORY: Final = 10
"""Settled runs that a plan may look back on."""

VERSIONS: Final = 200
"""Published versions of the file that a plan is compared with."""


def load(connection: Connection, layer: str, now: datetime, *, changes: bool) -> LayerState:
    """Return the state of a layer. Raise StateError if something of it can't be read.

    `changes`: the newest run of its history has them too, as it has if a plan was approved that asks for
    them.
    """
    known = connection.execute(select(state).where(state.c.layer == layer)).first()
    saves = connection.execute(
        select(lost_save).where(lost_save.c.layer == layer).order_by(lost_save.c.id)
    ).all()
    approved = approvals.good(connection, layer, now)
    changes = changes or any(each.policy and each.policy.asks_of_last_run for each in approved)
    return LayerState(
        base=blobs.decode(known.base, Base) if known and known.base else None,
        seen=blobs.decode(known.seen, Seen) if known and known.seen else None,
        last_push=blobs.decode(known.last_push, Push) if known and known.last_push else None,
        lost_saves=tuple(blobs.decode(each.save, Save) for each in saves if each.save is not None),
        mended=frozenset(each.version for each in saves if each.save is None),
        pending=_pending(connection, layer),
        history=_history(connection, layer, changes=changes),
        published=_published(connection, layer),
        approvals=approved,
        decisions=decisions.standing(connection, layer),
        outdated=approvals.outdated(connection, layer, now),
    )


def settled(connection: Connection, layer: str) -> tuple[str, Waiting | None]:
    """Return the idle stamp of the last settled run, and what waits since; "" if a save is lost or a push
    pending since. Raise StateError if it can't be read."""
    lost = exists().where(lost_save.c.layer == layer, lost_save.c.save.is_not(None))
    pending = exists().where(intent.c.layer == layer, intent.c.looked.is_(False))
    query = select(state.c.stamp, state.c.waiting).where(state.c.layer == layer, ~lost, ~pending)
    row = connection.execute(query).first()
    return (row.stamp or "", decisions.waiting_of(row)) if row else ("", None)


def _history(connection: Connection, layer: str, *, changes: bool) -> tuple[Run, ...]:
    query = select(run).where(run.c.layer == layer, run.c.outcome == "done").order_by(run.c.number.desc())
    newest = rows.runs(connection, query.limit(1), changes=changes)
    return newest + rows.runs(connection, query.limit(HISTORY - 1).offset(1), changes=False)


def _pending(connection: Connection, layer: str) -> tuple[Intent, ...]:
    query = select(intent).where(intent.c.layer == layer, intent.c.looked.is_(False)).order_by(intent.c.id)
    return tuple(_intent(connection, row) for row in connection.execute(query).all())


def _intent(connection: Connection, row: Row[Any]) -> Intent:
    return Intent(
        run=row.run,
        plan=blobs.decode(row.plan, Plan),
        pushed=row.pushed,
        before=backups.find(connection, row.layer, row.before),
        version=row.version,
    )


def _published(connection: Connection, layer: str) -> tuple[Commit, ...]:
    settled_syncs = run.c.layer == layer, run.c.outcome.in_(SETTLED), run.c.kind == "sync"
    query = select(run.c.source).where(*settled_syncs)
    query = query.group_by(run.c.source).order_by(func.max(run.c.number).desc()).limit(VERSIONS)
    newest: dict[str, Commit] = {}
    for source in connection.execute(query).scalars():
        commit = rows.commit_of(source)
        newest.setdefault(commit.sha, commit)
    return tuple(newest.values())
