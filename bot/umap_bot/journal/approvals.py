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
from umap_bot.journal.schema import approval
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


def give(connection: Connection, layer: str, code: str, now: datetime, given: Approval) -> None:
    values = {
        "layer": layer,
        "digest": checked(code),
        "given_at": time_text(now),
        "source": given.commit and json_text(given.commit),
        "policy": given.policy and msgspec.json.encode(given.policy).decode(),
    }
    connection.execute(approval.insert().values(values))


def of(row: Row[Any]) -> Approval:
    """Return what an approval says of how its plan is made again."""
    policy = msgspec.json.decode(row.policy, type=Policy) if row.policy else None
    return Approval(commit_of(row.source) if row.source else None, policy)


def good(connection: Connection, layer: str, now: datetime) -> list[Row[Any]]:
    """Return the approvals that can be used, newest first."""
    query = select(approval).where(
        approval.c.layer == layer,
        approval.c.spent_by.is_(None),
        approval.c.given_at >= time_text(now - LIFE),
    )
    return list(connection.execute(query.order_by(approval.c.id.desc())))


def spend(connection: Connection, layer: str, used: Iterable[str], number: int) -> None:
    """Mark the approvals of these plans (digests, or at least their first 12 characters) as used by a run.

    The same plan approved twice was approved once; approvals of other plans stay.
    """
    codes = [code for code in used if _CODE.fullmatch(code)]
    query = select(approval.c.id, approval.c.digest).where(
        approval.c.layer == layer, approval.c.spent_by.is_(None)
    )
    for row in connection.execute(query).all():
        if any(code.startswith(row.digest) or row.digest.startswith(code) for code in codes):
            connection.execute(approval.update().where(approval.c.id == row.id).values(spent_by=number))
