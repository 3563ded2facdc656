"""Runs and plans as JSON: a public interface, written down in docs/runs.schema.json.

Names and values are as the map or the file has them; sentences are in the language that is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from umap_bot.errors import BotError
from umap_bot.model.canon import Geometry, Value
from umap_bot.model.change import Change, Create, Delete, Field, Update
from umap_bot.model.decision import Decision
from umap_bot.model.drift import Drift, MapNews, Unmanaged
from umap_bot.model.layer import GEOMETRY, Commit
from umap_bot.model.plan import Counts, Objection, Plan, sort_changes
from umap_bot.model.run import Run
from umap_bot.model.undo import Redo
from umap_bot.report.formats import jsontext
from umap_bot.report.language import Language, language
from umap_bot.report.story.acts import USUAL, Commands, acts
from umap_bot.report.story.words import HIDDEN_MARK

HIDDEN_VALUE = {"hidden": True}
"""What stands for a value of a column that REPORT_HIDE names."""


def runs(found: Iterable[Run], tongue: Language | None = None) -> str:
    """Return runs with what they did."""
    return _render([_of_run(run, tongue or language("en")) for run in found])


def results(
    found: Iterable[tuple[str, Plan | Run | BotError]],
    tongue: Language | None = None,
    commands: Mapping[str, Commands] | None = None,
) -> str:
    """Return what came of layers, each under its name in the state; `commands` are what people type about it.

    A plan is told as the run that it would be, an error as a run that failed with it.
    """
    tongue, typed = tongue or language("en"), commands or {}
    return _render([_of(layer, result, typed.get(layer, USUAL), tongue) for layer, result in found])


def _of(layer: str, result: Plan | Run | BotError, commands: Commands, tongue: Language) -> dict[str, Any]:
    if isinstance(result, Run):
        return _of_run(result, tongue, commands)
    if isinstance(result, Plan):
        return _bare(layer, _outcome(result)) | _of_plan(result, tongue, commands)
    return _bare(layer, "failed") | {"error": tongue.say(result.text)}


def digest_of(run: Run) -> str | None:
    """Return what names the plan that people were shown, not what was left of it; None without one."""
    carried = carried_out(run)
    return (run.approved or carried.fingerprint) if carried else None


def carried_out(run: Run) -> Plan | None:
    """Return the run's plan with what stands on the map through it; a held one as it would be."""
    if run.plan is None or run.plan.verdict.held:
        return run.plan
    return run.plan.doing(sort_changes(list(run.applied)), run.drift)


def _value(value: Value | UnsetType) -> Any:
    """Return a value as a record has it: unset is null, a hidden one `HIDDEN`."""
    if value is UNSET:
        return None
    return HIDDEN_VALUE if isinstance(value, str) and value == HIDDEN_MARK else value


def _render(records: list[dict[str, Any]]) -> str:
    return jsontext.render({"runs": records})


def _outcome(plan: Plan) -> str:
    if plan.verdict.held or (plan.verdict.waiting and not plan.effects.changes):
        return "held"
    return "changes" if plan.effects.changes else "nothing"


def _of_plan(plan: Plan, tongue: Language, commands: Commands) -> dict[str, Any]:
    return {
        "kind": plan.effects.kind,
        "name": plan.context.layer_name,
        "commit": plan.context.commit.sha or None,
        "digest": plan.fingerprint,
        "code": plan.code if plan.verdict.asks else None,
        "same_as": _same_as(plan.context.same_as),
        "counts": plan.counts,
        "objections": [
            _objection(objection, plan, tongue, commands) for objection in plan.verdict.objections
        ],
        "waiting": [_change(change) for change in plan.verdict.waiting],
        "kept": [_kept(decision) for decision in plan.verdict.decided],
        "changes": [_change(change) for change in plan.effects.changes],
        "drift": [_drift(drift) for drift in plan.context.drift],
        "strangers": [_theirs(theirs) for theirs in plan.context.unmanaged],
        "map": _map(plan.context.news_of_map),
        "undoes": plan.effects.undo.run if plan.effects.undo else None,
        "undone": [_redo(redo) for redo in plan.context.undone],
        "warnings": [tongue.say(warning) for warning in plan.context.warnings],
        "bad_rows": [tongue.say(text) for text in plan.context.bad_rows],
        "rowless": [{"key": rowless.key, "name": rowless.name} for rowless in plan.context.rowless],
    }


def _objection(objection: Objection, plan: Plan, tongue: Language, commands: Commands) -> dict[str, Any]:
    return {
        "rule": objection.rule,
        "text": tongue.say(objection.text),
        "details": [tongue.say(detail) for detail in objection.details],
        "scope": "feature" if objection.parts else "file",
        "features": objection.features,
        "keys": sorted({part.key for part in objection.parts} - {""}),
        "acts": [
            {"text": tongue.say(act.said), "command": act.command or None}
            for act in acts(objection, plan, commands)
        ],
    }


def _kept(decision: Decision) -> dict[str, Any]:
    return {"change": _change(decision.change), "by": decision.by or None, "at": decision.at}


def _of_run(run: Run, tongue: Language, commands: Commands = USUAL) -> dict[str, Any]:
    record = _bare(run.layer, run.outcome, run.kind) | {
        "run": run.number or None,
        "commit": run.commit.sha or None,
        "error": tongue.say(run.error) or None,
        "started": run.started,
        "ended": run.ended,
        "repeats": run.repeats,
        "again": run.again,
        "approved": _approved(run),
    }
    carried = carried_out(run)
    return (
        record
        if carried is None
        else record | _of_plan(carried, tongue, commands) | {"digest": digest_of(run)}
    )


def _bare(layer: str, outcome: str, kind: str = "sync") -> dict[str, Any]:
    """Return the record of a run that made no plan: every member that a record has, so that none is
    missing."""
    return {
        "run": None,
        "layer": layer,
        "name": None,
        "kind": kind,
        "outcome": outcome,
        "commit": None,
        "digest": None,
        "code": None,
        "same_as": None,
        "counts": Counts(),
        "objections": [],
        "waiting": [],
        "kept": [],
        "changes": [],
        "drift": [],
        "strangers": [],
        "map": _map(MapNews()),
        "undoes": None,
        "undone": [],
        "warnings": [],
        "bad_rows": [],
        "rowless": [],
        "error": None,
        "started": None,
        "ended": None,
        "repeats": 0,
        "again": None,
        "approved": None,
    }


def _approved(run: Run) -> dict[str, Any] | None:
    return {"by": run.approved_by or None, "at": run.approved_at} if run.approved_at else None


def _same_as(commit: Commit | None) -> dict[str, Any] | None:
    return {"commit": commit.sha, "date": commit.date} if commit else None


def _change(change: Change) -> dict[str, Any]:
    record: dict[str, Any] = {"key": change.key, "name": change.name, "umap_id": change.umap_id}
    if isinstance(change, Create):
        return {"change": "create", **record, **_content(change.properties, change.geometry)}
    if isinstance(change, Delete):
        return {"change": "delete", **record, "why": change.why, **_content(*content_of(change))}
    return {"change": "update", **record, **_cells(change)}


def content_of(delete: Delete) -> tuple[dict[str, Value], Geometry | None]:
    """Return the properties and the geometry of a feature that went."""
    if not delete.raw:
        return {}, None
    stood = delete.inverse()
    return stood.properties, stood.geometry


def _content(properties: dict[str, Value], geometry: Geometry | None) -> dict[str, Any]:
    told = {name: _value(value) for name, value in properties.items()}
    return {"properties": told, "geometry": geometry}


def _cells(update: Update) -> dict[str, Any]:
    fields, move = [cell(field) for field in update.fields], update.move
    if move is None:
        return {"fields": fields, "geometry": None}
    return {"fields": fields, "geometry": {"before": move.before, "after": move.after, "metres": move.metres}}


def cell(field: Field) -> dict[str, Any]:
    """Return a property before and after."""
    return {"name": field.name, "before": _value(field.before), "after": _value(field.after)}


def _drift(drift: Drift) -> dict[str, Any]:
    return {
        **_place(drift),
        "kind": drift.kind,
        "outcome": drift.outcome,
        "standing": drift.standing,
        "base": _value(drift.base),
        "desired": _value(drift.desired),
        "live": _value(drift.live),
        "line": drift.line,
        "saved": drift.saved,
        "times": drift.times,
        "by": drift.by or None,
    }


def _redo(redo: Redo) -> dict[str, Any]:
    return {
        **_place(redo),
        "run": redo.run,
        "by": redo.by,
        "in_file": redo.field != "" or redo.desired is True,
        "desired": _value(redo.desired) if redo.field else None,
        "live": _value(redo.live) if redo.field else None,
        "line": redo.line,
    }


def _place(of: Drift | Redo) -> dict[str, Any]:
    """Return which cell, or feature, it is about."""
    named = of.field not in ("", GEOMETRY)
    return {
        "key": of.key,
        "name": of.name,
        "field": of.field if named else None,
        "what": "geometry" if of.field == GEOMETRY else ("feature" if not of.field else "field"),
        "header": (of.header or of.field) if named else None,
    }


def _theirs(theirs: Unmanaged) -> dict[str, Any]:
    return {
        "name": theirs.name,
        "umap_id": theirs.umap_id,
        "standing": theirs.standing,
        "at": theirs.at,
    }


def _map(news: MapNews) -> dict[str, Any]:
    return {
        "settings": [cell(field) for field in news.settings],
        "saves": news.saves,
        "release": news.release or None,
        "before": news.before or None,
        "ours": news.ours,
        "kept": news.kept,
        "came": news.came,
        "gone": news.gone,
        "renumbered": news.renumbered,
    }
