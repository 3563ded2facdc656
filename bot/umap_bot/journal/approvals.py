"""A person's word for one plan: good for seven days, and for one settled run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, select

from umap_bot.errors import UsageError
from umap_bot.journal.rows import commit_of, json_text, time_text
from umap_bot.journal.schema import approval as table
from umap_bot.journal.schema import state
from umap_bot.model.policy import Policy
from umap_bot.model.run import Approval
from umap_bot.text import say

LIFE: Final = timedelta(days=7)
_CODE: Final = re.compile(r"[0-9a-f]{12,32}")


def checked(code: str) -> str:
    """Return the code of a plan: the digest, or at least its first 12 characters. Raise UsageError."""
    if not _CODE.fullmatch(code):
        raise UsageError(
            say("An approval code has 12 to 32 characters, of 0 to 9 and a to f."),
            way_out=say("Copy it from the run that waits for you, or from: umap-bot plan"),
        )
    return code


def give(connection: Connection, layer: str, approval: Approval, now: datetime) -> Approval:
    """Write an approval down. Return it with its number. Raise UsageError if its digest can be none."""
    values = {
        "layer": layer,
        "digest": checked(approval.digest),
        "given_at": time_text(now),
        "source": approval.commit and json_text(approval.commit),
        "policy": approval.policy and msgspec.json.encode(approval.policy).decode(),
    }
    (number,) = connection.execute(table.insert().values(values)).inserted_primary_key or (0,)
    look_again(connection, layer)
    return msgspec.structs.replace(approval, number=number)


def look_again(connection: Connection, layer: str) -> None:
    """Let the next run of a layer be a whole one, though file and map are as they were."""
    connection.execute(state.update().where(state.c.layer == layer).values(stamp=None))


def good(connection: Connection, layer: str, now: datetime) -> tuple[Approval, ...]:
    """Return the approvals that can be used, newest first."""
    usable = table.c.spent_by.is_(None), table.c.given_at >= time_text(now - LIFE)
    query = select(table).where(table.c.layer == layer, *usable)
    return tuple(_approval(row) for row in connection.execute(query.order_by(table.c.id.desc())))


def _approval(row: Row[Any]) -> Approval:
    policy = msgspec.json.decode(row.policy, type=Policy) if row.policy else None
    commit = commit_of(row.source) if row.source else None
    return Approval(digest=row.digest, commit=commit, policy=policy, number=row.id)


def withdraw(connection: Connection, numbers: Iterable[int]) -> None:
    """Take back approvals that no run has used; any other of the same plan stays."""
    unused = table.c.id.in_(list(numbers)), table.c.spent_by.is_(None)
    connection.execute(table.delete().where(*unused))


def spend(connection: Connection, layer: str, used: Iterable[str], number: int) -> None:
    """Mark the approvals of these plans (digests, or at least their first 12 characters) as used by a run.

    The same plan approved twice was approved once; approvals of other plans stay.
    """
    codes = [code for code in used if _CODE.fullmatch(code)]
    query = select(table.c.id, table.c.digest).where(table.c.layer == layer, table.c.spent_by.is_(None))
    for row in connection.execute(query).all():
        if any(code.startswith(row.digest) or row.digest.startswith(code) for code in codes):
            connection.execute(table.update().where(table.c.id == row.id).values(spent_by=number))
