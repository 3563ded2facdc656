"""How long the log is: what goes when a run has ended."""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, func, literal, select

from umap_bot.journal import approvals, backups, decisions
from umap_bot.journal.rows import SETTLED
from umap_bot.journal.schema import backup, change, drift, intent, lease, run

PROMISED: Final = 10
"""Runs that changed the map, or pushed at all, and stay with their backups whatever is asked for: a plan
looks back on them too."""


_ROW: Final = 60
"""Octets that a row takes beside its texts, in table and indexes."""


class Keep(NamedTuple):
    """How much of a layer's log is kept: of its newest runs so many, and so many octets, about."""

    runs: int
    size: int


def _rows(table: Table) -> ColumnElement[int]:
    """Return how much room rows of changes or drift take. Layer and key stand in an index, too."""
    indexed = func.length(table.c.layer) + func.length(table.c.key)
    return func.sum(func.length(table.c.content) + 2 * indexed + _ROW)


_COPIES: Final = select(intent.c.before).where(intent.c.run == run.c.number).correlate(run)
_PARTS: Final = (
    select(_rows(change)).where(change.c.run == run.c.number),
    select(_rows(drift)).where(drift.c.run == run.c.number),
    select(func.sum(func.length(intent.c.plan) + func.coalesce(func.length(intent.c.settings), 0))).where(
        intent.c.run == run.c.number
    ),
    select(func.sum(func.length(backup.c.data))).where(
        backup.c.layer == run.c.layer, backup.c.digest.in_(_COPIES)
    ),
)
_SIZES: Final = (func.length(run.c.plan), *(part.correlate(run).scalar_subquery() for part in _PARTS))
_WEIGH: Final = (
    run.update()
    .where(run.c.number == bindparam("weighed"))
    .values(size=sum((func.coalesce(size, 0) for size in _SIZES), literal(0)))
)


def weigh(connection: Connection, number: int) -> None:
    """Write down about how much room a run takes, with all that hangs on it: once it is all there."""
    connection.execute(_WEIGH, {"weighed": number})


def prune(connection: Connection, layer: str, keep: Keep) -> None:
    """Let the layer's runs go that are older than what is kept, with their changes, drift and backups.

    Never one with a push that was not looked for yet, the last that settled, the one that asked what still
    waits for a person, the last ten that changed the map, the last ten with a backup, nor one that is still
    going on: failures are written down without the lease.
    """
    mine = run.c.layer == layer
    newest_first = select(run.c.number).where(mine).order_by(run.c.number.desc())
    oldest = _oldest(connection, layer, keep)
    if oldest is None:
        return
    old = select(run.c.number).where(mine, run.c.number < oldest)
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
    backups.prune(connection, layer)


def _oldest(connection: Connection, layer: str, keep: Keep) -> int | None:
    """Return the oldest run that is within what is kept, the newest in any case; None if all are, or there is
    none."""
    most = max(keep.runs, 1)
    query = select(run.c.number, run.c.size).where(run.c.layer == layer).order_by(run.c.number.desc())
    oldest: int | None = None
    size = 0
    for count, (number, octets) in enumerate(connection.execute(query.limit(most + 1))):
        size += octets
        if oldest is not None and (count == most or size > keep.size):
            return oldest
        oldest = number
    return None


def _spend(connection: Connection, layer: str, old: Select[tuple[int]]) -> None:
    """What a run pushed and no run has settled since is gone with it: so is the word it was pushed on."""
    settled = select(func.max(run.c.number)).where(run.c.layer == layer, run.c.outcome.in_(SETTLED))
    query = select(intent.c.run, intent.c.digest).where(
        intent.c.run.in_(old), intent.c.run > func.coalesce(settled.scalar_subquery(), 0)
    )
    for number, digest in connection.execute(query).all():
        approvals.spend(connection, layer, [digest], number)
