"""How long the log is: what goes when a run has ended."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Select, func, select

from umap_bot.journal import approvals, decisions
from umap_bot.journal.rows import SETTLED
from umap_bot.journal.schema import intent, lease, run

PROMISED: Final = 10
"""Runs that changed the map, or pushed at all, and stay with their backups whatever is asked for: a plan
looks back on them too."""


def prune(connection: Connection, layer: str, keep: int) -> None:
    """Let the layer's runs beyond the newest `keep` go, with their changes, drift and backups.

    Never one with a push that was not looked for yet, the last that settled, the one that asked what still
    waits for a person, the last ten that changed the map, the last ten with a backup, nor one that is still
    going on: failures are written down without the lease.
    """
    mine = run.c.layer == layer
    newest_first = select(run.c.number).where(mine).order_by(run.c.number.desc())
    newest = connection.execute(newest_first.offset(max(keep, 1) - 1).limit(1)).scalar()
    if newest is None:
        return
    old = select(run.c.number).where(mine, run.c.number < newest)
    pending = select(intent.c.run).where(intent.c.layer == layer, intent.c.looked.is_(False))
    settled = newest_first.where(run.c.outcome.in_(SETTLED)).limit(1)
    changed = newest_first.where(run.c.outcome == "done").limit(PROMISED)
    backed = newest_first.where(run.c.pushes > 0).limit(PROMISED)
    going_on = (
        select(run.c.number)
        .join(lease, lease.c.layer == run.c.layer)
        .where(mine, run.c.ended.is_(None), run.c.started >= lease.c.taken_at)
    )
    for kept in (pending, settled, changed, backed, going_on):
        old = old.where(run.c.number.not_in(kept))
    if waits := decisions.waiting(connection, layer):
        old = old.where(run.c.number != waits.run)
    _spend(connection, layer, old)
    connection.execute(run.delete().where(run.c.number.in_(old)))


def _spend(connection: Connection, layer: str, old: Select[tuple[int]]) -> None:
    """What a run pushed and no run has settled since is gone with it: so is the word it was pushed on."""
    settled = select(func.max(run.c.number)).where(run.c.layer == layer, run.c.outcome.in_(SETTLED))
    query = select(intent.c.run, intent.c.digest).where(
        intent.c.run.in_(old), intent.c.run > func.coalesce(settled.scalar_subquery(), 0)
    )
    for number, digest in connection.execute(query).all():
        approvals.spend(connection, layer, [digest], number)
