"""A person's word for one plan: good for the next run, within seven days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, func, select

from umap_bot.journal.rows import commit_of, json_text, moment, time_text
from umap_bot.journal.schema import approval as table
from umap_bot.journal.schema import state
from umap_bot.model.approval_code import code_of
from umap_bot.model.policy import Policy
from umap_bot.model.run import Approval

LIFE: Final = timedelta(days=7)


def give(connection: Connection, layer: str, approval: Approval, now: datetime) -> Approval:
    """Write an approval down. Return it with its number and its time."""
    values = {
        "layer": layer,
        "digest": approval.fingerprint,
        "code": approval.code,
        "given_at": time_text(now),
        "given_by": approval.by,
        "source": approval.commit and json_text(approval.commit),
        "policy": approval.policy and msgspec.json.encode(approval.policy).decode(),
    }
    (number,) = connection.execute(table.insert().values(values)).inserted_primary_key or (0,)
    look_again(connection, layer)
    return msgspec.structs.replace(approval, given=now, number=number)


def look_again(connection: Connection, layer: str) -> None:
    """Let the next run of a layer be a whole one, though file and map are as they were."""
    connection.execute(state.update().where(state.c.layer == layer).values(stamp=None))


def good(connection: Connection, layer: str, now: datetime) -> tuple[Approval, ...]:
    """Return the approvals that can be used, newest first."""
    query = select(table).where(*_alive(layer, now), table.c.code.is_not(None))
    return tuple(_approval(row) for row in connection.execute(query.order_by(table.c.id.desc())))


def outdated(connection: Connection, layer: str, now: datetime) -> datetime | None:
    """Return when the newest approval was given that could be used, had it not been written before shape 6.

    Such a one has the beginning of a digest, in which anybody who makes the file can find two alike.
    """
    query = select(func.max(table.c.given_at)).where(*_alive(layer, now), table.c.code.is_(None))
    found = connection.execute(query).scalar()
    return moment(found) if found else None


def stands(connection: Connection, layer: str, code: str, now: datetime) -> bool:
    """Tell whether a person approved the plan with this code, and no run has carried it out so far."""
    query = select(table.c.id).where(*_alive(layer, now), table.c.code == code)
    return connection.execute(query.limit(1)).first() is not None


def _alive(layer: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return table.c.layer == layer, table.c.spent_by.is_(None), table.c.given_at >= time_text(now - LIFE)


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        code=row.code,
        fingerprint=row.digest,
        commit=commit_of(row.source) if row.source else None,
        policy=msgspec.json.decode(row.policy, type=Policy) if row.policy else None,
        by=row.given_by,
        given=moment(row.given_at),
        number=row.id,
    )


def withdraw(connection: Connection, numbers: Iterable[int]) -> None:
    """Take back approvals that no run has used; any other of the same plan stays."""
    unused = table.c.id.in_(list(numbers)), table.c.spent_by.is_(None)
    connection.execute(table.delete().where(*unused))


def spend(connection: Connection, layer: str, used: Iterable[str], number: int) -> None:
    """Mark the approvals of the plans with these fingerprints as used by a run.

    The same plan approved twice was approved once; approvals of other plans stay.
    """
    named = {fingerprint for fingerprint in used if fingerprint}
    query = select(table).where(table.c.layer == layer, table.c.spent_by.is_(None), table.c.code.is_not(None))
    for row in connection.execute(query).all():
        if row.digest in named or (not row.digest and row.code in map(code_of, named)):
            connection.execute(table.update().where(table.c.id == row.id).values(spent_by=number))


def lapse(connection: Connection, layer: str, start: datetime, number: int) -> None:
    """End the approvals that were given before a run began which came to an end without them.

    An approval is for the next run. One that waited for its plan to come back would carry out an old version
    of the file, long after everybody has forgotten it.
    """
    unused = table.c.layer == layer, table.c.spent_by.is_(None), table.c.given_at < time_text(start)
    connection.execute(table.update().where(*unused).values(spent_by=number))
