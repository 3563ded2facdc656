"""Runs and plans as JSON: a public interface, written down in docs/runs.schema.json."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from bot.errors import BotError
from bot.model.change import Change, Create, Delete, Update
from bot.model.layer import GEOMETRY
from bot.model.plan import Counts, Drift, Plan, sort_changes
from bot.model.run import Run


def plans(found: list[tuple[str, Plan]]) -> str:
    """Give plans, each with its layer's name in the state, as the runs that they would be."""
    return _render([_bare(layer, _outcome(plan)) | _of_plan(plan) for layer, plan in found])


def runs(found: list[Run]) -> str:
    """Give runs with what they did."""
    return _render([_of_run(run) for run in found])


def ended(found: list[tuple[str, Run | BotError]]) -> str:
    """Give the runs of a pass; one that failed as a run of its layer with the error."""
    return _render([_of_run(end) if isinstance(end, Run) else _failed(layer, end) for layer, end in found])


def _render(records: list[dict[str, Any]]) -> str:
    return msgspec.json.format(msgspec.json.encode({"runs": records}), indent=2).decode()


def _outcome(plan: Plan) -> str:
    return "held" if plan.held else ("changes" if plan.changes else "nothing")


def _of_plan(plan: Plan) -> dict[str, Any]:
    return {
        "name": plan.layer_name,
        "commit": plan.commit.sha,
        "digest": plan.digest,
        "counts": plan.counts,
        "objections": [{"rule": objection.rule, "text": objection.text} for objection in plan.objections],
        "changes": [_change(change) for change in plan.changes],
        "drift": [_drift(drift) for drift in plan.drift],
        "warnings": list(plan.warnings),
    }


def _of_run(run: Run) -> dict[str, Any]:
    about = {"run": run.number or None, "commit": run.commit.sha or None}
    times = {"started": run.started, "ended": run.ended}
    record = _bare(run.layer, run.outcome, run.error) | about | times
    if run.plan is None:
        return record
    told = run.plan
    if not run.plan.held:
        landed = sort_changes(list(run.landed))
        told = msgspec.structs.replace(run.plan, changes=landed, drift=run.drift)
    # The digest is that of the plan that people were shown, not of what was left of it.
    return record | _of_plan(told) | {"digest": run.approved or told.digest}


def _bare(layer: str, outcome: str, error: str = "") -> dict[str, Any]:
    """Give the record of a run that made no plan: every member that a record has, so that none is missing."""
    return {
        "run": None,
        "layer": layer,
        "name": None,
        "outcome": outcome,
        "commit": None,
        "digest": None,
        "counts": Counts(),
        "objections": [],
        "changes": [],
        "drift": [],
        "warnings": [],
        "error": error or None,
        "started": None,
        "ended": None,
    }


def _failed(layer: str, error: BotError) -> dict[str, Any]:
    return _bare(layer, "failed", str(error))


def _change(change: Change) -> dict[str, Any]:
    record: dict[str, Any] = {"key": change.key, "name": change.name, "umap_id": change.umap_id}
    if isinstance(change, Create):
        return {"change": "create", **record, "properties": change.properties, "geometry": change.geometry}
    if isinstance(change, Delete):
        return {"change": "delete", **record, "why": change.why}
    return {"change": "update", **record, **_fields(change)}


def _fields(update: Update) -> dict[str, Any]:
    fields = [
        {
            "name": field.name,
            "before": None if field.before is UNSET else field.before,
            "after": None if field.after is UNSET else field.after,
        }
        for field in update.fields
    ]
    move = update.move
    if move is None:
        return {"fields": fields, "geometry": None}
    return {"fields": fields, "geometry": {"before": move.before, "after": move.after, "metres": move.metres}}


def _drift(drift: Drift) -> dict[str, Any]:
    return {
        "key": drift.key,
        "name": drift.name,
        "field": None if drift.field in ("", GEOMETRY) else drift.field,
        "what": "geometry" if drift.field == GEOMETRY else ("feature" if not drift.field else "field"),
        "kind": drift.kind,
        "outcome": drift.outcome,
        "standing": drift.standing,
        "base": drift.base,
        "desired": drift.desired,
        "live": drift.live,
    }
