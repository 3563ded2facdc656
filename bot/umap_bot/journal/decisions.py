"""What people decided about parts of plans, layer by layer, and what waits for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, select

from umap_bot.errors import UsageError
from umap_bot.journal import blobs
from umap_bot.journal.approvals import look_again
from umap_bot.journal.rows import BATCH, read, time_text
from umap_bot.journal.schema import approval, run, state
from umap_bot.journal.schema import decision as table
from umap_bot.journal.texts import plain
from umap_bot.model.decision import Decision, Waiting
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.text import say

_waiting = msgspec.json.Decoder(Waiting)
_decision = msgspec.json.Decoder(Decision)
_WAITING: Final = say("what needs approval")
_DECISION: Final = say("a decision")


def decide(
    connection: Connection, layer: str, made: Iterable[Decision], now: datetime
) -> tuple[Decision, ...]:
    """Write decisions down, each in place of any other on the same subject. Return them with their
    numbers."""
    newest = {each.subject: each for each in made}
    replaced = [each.number for each in standing(connection, layer) if each.subject in newest]
    end(connection, layer, replaced, now)
    numbered = []
    for each in newest.values():
        # A name comes as it was typed: what is no character can't be stored.
        dated = msgspec.structs.replace(each, by=plain(each.by), at=now)
        values = {
            "layer": layer,
            "key": plain(each.part.key),
            "cell": plain(each.part.cell),
            "content": msgspec.json.encode(dated).decode(),
            "made_at": time_text(now),
        }
        (number,) = connection.execute(table.insert().values(values)).inserted_primary_key or (0,)
        numbered.append(msgspec.structs.replace(dated, number=number))
    if numbered:
        look_again(connection, layer)
    return tuple(numbered)


def standing(connection: Connection, layer: str) -> tuple[Decision, ...]:
    """Return the decisions that may hold, oldest first. Raise StateError if one can't be read."""
    query = select(table).where(table.c.layer == layer, table.c.ended_at.is_(None)).order_by(table.c.id)
    return tuple(_read(row) for row in connection.execute(query).all())


def said_since(connection: Connection, layer: str, start: datetime) -> bool:
    """Tell whether a person decided, took back or approved something since a run began: the next has to
    look."""
    since = time_text(start)
    decided = select(table.c.id).where(
        table.c.layer == layer, (table.c.made_at >= since) | (table.c.ended_at >= since)
    )
    unused = approval.c.layer == layer, approval.c.spent_by.is_(None)
    approved = select(approval.c.id).where(*unused, approval.c.given_at >= since)
    return any(connection.execute(query.limit(1)).first() is not None for query in (decided, approved))


def end(connection: Connection, layer: str, numbers: Iterable[int], now: datetime) -> None:
    """End decisions: they were taken back, or the values that they were made of are no more."""
    holding = table.update().where(table.c.ended_at.is_(None), table.c.layer == layer)
    ended = list(numbers)
    for start in range(0, len(ended), BATCH):
        batch = table.c.id.in_(ended[start : start + BATCH])
        connection.execute(holding.where(batch).values(ended_at=time_text(now)))


def take_back(connection: Connection, layer: str, numbers: Iterable[int], now: datetime) -> None:
    """End decisions at a person's word. Raise UsageError if one is none that holds."""
    holding = {each.number for each in standing(connection, layer)}
    for number in numbers:
        if number not in holding:
            raise UsageError(
                say("There is no decision {number} in force.", number=number),
                way_out=say("To list them: umap-bot decisions"),
            )
    end(connection, layer, numbers, now)
    look_again(connection, layer)


def waiting(connection: Connection, layer: str) -> Waiting | None:
    """Return what waits for a person since the last settled run. Raise StateError."""
    return waiting_of(connection.execute(select(state.c.waiting).where(state.c.layer == layer)).first())


def waiting_of(row: Row[*tuple[Any, ...]] | None) -> Waiting | None:
    """Return what waits, of a layer's row."""
    return read(_waiting, row.waiting, _WAITING) if row is not None and row.waiting else None


def asked(connection: Connection, waiting: Waiting) -> Plan | None:
    """Return the plan that asked what waits; None if it is no more in the log. Raise StateError."""
    data = connection.execute(select(run.c.plan).where(run.c.number == waiting.run)).scalar()
    return blobs.decode(data, Plan) if data else None


def waiting_after(before: Waiting | None, ended: Run) -> Waiting | None:
    """Return what waits after a run that settled: the question of before, if it is the same."""
    if ended.plan is None or not ended.plan.verdict.waiting:
        return None
    asked = ended.plan.question
    if before is not None and before.asked == asked:
        return before
    features = len({(change.key, change.name) for change in ended.plan.verdict.waiting})
    return Waiting(asked=asked, run=ended.number, since=ended.ended or ended.started, features=features)


def _read(row: Row[Any]) -> Decision:
    decided: Decision = read(_decision, row.content, _DECISION)
    return msgspec.structs.replace(decided, number=row.id)
