"""Runs that end as the one before them, with the same question, the same error, or the same rows that can't
be read: one run in the log."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import Connection, Row, exists, func, select

from umap_bot.journal import approvals, blobs, rows, texts
from umap_bot.journal.schema import intent, run, state
from umap_bot.model.plan import Plan
from umap_bot.model.run import Outcome, Run

OUTCOMES: Final[tuple[Outcome, ...]] = ("held", "failed")
"""How a run ends that only waits: its like come again and again until somebody does something."""


def repeated(connection: Connection, ended: Run) -> int | None:
    """Return the number of the run that this one only repeats. `ended` has number 0 if it has no row.

    It is the layer's last run, it ended in the same way, and nothing came in between: no run that was
    killed, no check without news (one that found what waits is none), nothing that applied late, no approval.
    Where one could not be carried out (its commit is gone, say), what waits now is to be approved by a code
    of its own.
    """
    if not (ended.outcome in OUTCOMES or ended.waits) or _pushed(connection, ended.number):
        return None
    mine = run.c.layer == ended.layer, run.c.number != ended.number
    last = select(func.max(run.c.number)).where(*mine).scalar_subquery()
    query = select(run).join(state, state.c.series == run.c.number)
    row = connection.execute(query.where(state.c.layer == ended.layer, run.c.number == last)).first()
    if row is None or not _is_alike(row, ended) or _is_approved(connection, row, ended):
        return None
    number: int = row.number
    return number


def take_in(connection: Connection, earlier: int, ended: Run) -> Run:
    """Count a run as one more of an earlier one's, which gets its drift, and take its row away.

    Return the earlier one; or, if that one did something, which is not done again, the run under its number.
    """
    again = {"repeats": run.c.repeats + 1, "again": rows.time_text(ended.ended or ended.started)}
    connection.execute(run.update().where(run.c.number == earlier).values(again))
    if ended.plan:
        rows.add_drift(connection, ended.layer, earlier, ended.plan)
    connection.execute(run.delete().where(run.c.number == ended.number))
    known = rows.runs(connection, select(run).where(run.c.number == earlier))[0]
    return known if known.outcome == ended.outcome else replace(ended, number=earlier)


def _what_waits(plan: Plan) -> object:
    return plan.context.bad_rows, plan.context.rowless


def _pushed(connection: Connection, number: int) -> bool:
    return bool(connection.execute(select(exists().where(intent.c.run == number))).scalar())


def _is_approved(connection: Connection, row: Row[Any], ended: Run) -> bool:
    return row.plan_code is not None and approvals.stands(
        connection, row.layer, row.plan_code, ended.ended or ended.started
    )


def _is_alike(row: Row[Any], ended: Run) -> bool:
    if (row.kind, row.code) != (ended.kind, ended.code):
        return False
    if not ended.waits:
        return row.outcome == ended.outcome and texts.read(row.error) == texts.read(rows.error_text(ended))
    if ended.plan is None or row.digest != ended.plan.question:
        return False
    known = blobs.decode(row.plan, Plan) if row.plan else None
    return known is not None and _what_waits(known) == _what_waits(ended.plan)
