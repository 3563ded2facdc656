"""Runs, changes and drift, as rows and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, Select, select

from umap_bot.errors import DatasetError
from umap_bot.journal import blobs, texts
from umap_bot.journal.failures import unreadable
from umap_bot.journal.schema import change, drift, run
from umap_bot.journal.store import insert
from umap_bot.journal.texts import plain
from umap_bot.model.canon import canonical, digest
from umap_bot.model.change import Change
from umap_bot.model.drift import Drift
from umap_bot.model.layer import Commit
from umap_bot.model.plan import Plan
from umap_bot.model.run import Outcome, Run
from umap_bot.redaction import redact, redact_data
from umap_bot.text import Text, say

SETTLED: Final[tuple[Outcome, ...]] = ("done", "nothing")

_COMMIT: Final = say("a commit")
_CHANGE: Final = say("a change")
_DRIFT: Final = say("a change made on the map")
"""What can't be read, said once and not for each of 100 000."""

BATCH: Final = 500
"""Runs whose changes are read by one statement: databases bound the number of its parameters."""

_commit = msgspec.json.Decoder(Commit)
_change: msgspec.json.Decoder[Change] = msgspec.json.Decoder(Change)
_drift = msgspec.json.Decoder(Drift)


def time_text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def json_text(value: Commit | Change | Drift) -> str:
    return msgspec.json.encode(value).decode("utf-8")


def commit_of(text: str) -> Commit:
    commit: Commit = read(_commit, text, _COMMIT)
    return commit


def ending(ended: Run) -> dict[str, Any]:
    """Return what the end of a run adds to its row."""
    plan = ended.plan
    return {
        "ended": ended.ended and time_text(ended.ended),
        "outcome": ended.outcome,
        "plan": plan and blobs.encode(plan),
        "digest": plan and plan.question,
        "plan_code": plan.code if plan and plan.verdict.asks else None,
        **approved(ended),
        "error": error_text(ended),
        "code": ended.code,
    }


def error_text(ended: Run) -> str:
    """Return a run's error as its row has it, without secrets. What a bad file says is people's words."""
    return texts.write(ended.error, redact_data if ended.code == DatasetError.code else redact)


def approved(carrying_out: Run) -> dict[str, Any]:
    """Return what a run's row says of the plan that a person approved and it carries out."""
    at = carrying_out.approved_at
    return {
        "approved": carrying_out.approved,
        "approved_by": carrying_out.approved_by,
        "approved_at": at and time_text(at),
    }


def begin(connection: Connection, begun: Run) -> int:
    """Write a run's row. Return its number."""
    values = {
        "layer": begun.layer,
        "kind": begun.kind,
        "source": json_text(begun.commit),
        "started": time_text(begun.started),
    }
    result = connection.execute(run.insert().values(values | ending(begun)))
    assert result.inserted_primary_key  # noqa: S101  one row was inserted
    number: int = result.inserted_primary_key[0]
    return number


def end(connection: Connection, ended: Run) -> int:
    """Write into a run's row how it ended, and what people had changed; make one if it has number 0."""
    number = ended.number or begin(connection, ended)
    connection.execute(run.update().where(run.c.number == number).values(ending(ended)))
    if ended.plan:
        add_drift(connection, ended.layer, number, ended.plan)
    return number


def add_changes(connection: Connection, layer: str, number: int, changes: Sequence[Change]) -> None:
    rows = [
        {
            "run": number,
            "layer": layer,
            "key": plain(each.key),
            "kind": type(each).__name__.lower(),
            "name": plain(each.name),
            "content": json_text(each),
        }
        for each in changes
    ]
    if rows:
        connection.execute(change.insert(), rows)


def add_drift(connection: Connection, layer: str, number: int, plan: Plan) -> None:
    """Add a plan's news to the run's. What an earlier plan of the run had already is taken as it is now."""
    rows = [
        {
            "run": number,
            "layer": layer,
            "key": plain(each.key),
            "mark": _mark(each),
            "content": json_text(each),
        }
        for each in plan.context.news
    ]
    if rows:
        statement = insert(connection, drift)
        once = statement.on_conflict_do_update(
            index_elements=[drift.c.run, drift.c.mark], set_={"content": statement.excluded.content}
        )
        connection.execute(once, rows)


def _mark(each: Drift) -> str:
    values = [canonical(value) for value in (each.base, each.desired, each.live)]
    return digest([each.key, each.field, each.kind, values])


def runs(
    connection: Connection, statement: Select[Any], key: str | None = None, *, changes: bool = True
) -> tuple[Run, ...]:
    """Return the runs whose rows are selected, with all that the log has of them, or only of one key.

    Without `changes` nothing is told of what they changed: of a large layer that is nearly all.
    """
    rows = connection.execute(statement).all()
    found: list[Run] = []
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        numbers = [row.number for row in batch]
        applied = changes_of(connection, numbers if changes else (), key)
        drifted = drift_of(connection, numbers, key)
        found.extend(_run(row, applied[row.number], drifted[row.number]) for row in batch)
    return tuple(found)


def changes_of(
    connection: Connection, numbers: Iterable[int], key: str | None = None
) -> defaultdict[int, list[Change]]:
    """Return the changes that stand on the map through each run, in the order in which they were seen."""
    query = select(change.c.run, change.c.content).where(change.c.run.in_(numbers)).order_by(change.c.id)
    if key is not None:
        query = query.where(change.c.key == plain(key))
    grouped: defaultdict[int, list[Change]] = defaultdict(list)
    for number, content in connection.execute(query):
        grouped[number].append(read(_change, content, _CHANGE))
    return grouped


def drift_of(
    connection: Connection, numbers: Iterable[int], key: str | None = None
) -> defaultdict[int, list[Drift]]:
    query = select(drift.c.run, drift.c.content).where(drift.c.run.in_(numbers)).order_by(drift.c.id)
    if key is not None:
        query = query.where(drift.c.key == plain(key))
    grouped: defaultdict[int, list[Drift]] = defaultdict(list)
    for number, content in connection.execute(query):
        grouped[number].append(read(_drift, content, _DRIFT))
    return grouped


def _run(row: Row[Any], applied: list[Change], drifted: list[Drift]) -> Run:
    return Run(
        number=row.number,
        layer=row.layer,
        kind=row.kind,
        commit=commit_of(row.source),
        started=moment(row.started),
        ended=moment(row.ended) if row.ended else None,
        outcome=row.outcome,
        plan=blobs.decode(row.plan, Plan) if row.plan else None,
        applied=tuple(applied),
        drift=tuple(drifted),
        pushes=row.pushes,
        approved=row.approved,
        approved_by=row.approved_by,
        approved_at=moment(row.approved_at) if row.approved_at else None,
        error=texts.read(row.error),
        code=row.code,
        repeats=row.repeats,
        again=moment(row.again) if row.again else None,
    )


def read(decoder: msgspec.json.Decoder[Any], text: str, what: Text) -> Any:
    """Return what a JSON text holds. Raise StateError if it is none of that kind."""
    try:
        return decoder.decode(text)
    except msgspec.DecodeError as error:
        raise unreadable(what) from error
