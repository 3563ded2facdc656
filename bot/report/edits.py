"""What people changed on the map, and how each edit can be kept."""

from __future__ import annotations

from bot.model.change import Move
from bot.model.layer import GEOMETRY
from bot.model.plan import Drift, Plan
from bot.report.story import Line
from bot.report.words import geometry_of, moved_text, value_text


def people(plan: Plan, *, would: bool) -> tuple[Line, ...]:
    changed = [_drift(drift, plan, would=would) for drift in plan.news]
    alone = "left alone" if plan.first else "added on the map, not in the file: left alone"
    added = [
        Line("·", stranger.name or "(no name)", alone) for stranger in plan.strangers if not stranger.standing
    ]
    return (*changed, *added)


def _drift(drift: Drift, plan: Plan, *, would: bool) -> Line:
    if drift.kind == "deleted":
        return Line("!", drift.name, "removed from the map", (_deleted_note(drift, plan, would=would),))
    column = "position" if drift.field == GEOMETRY else drift.field
    if drift.field == GEOMETRY:
        text = f"position  {moved_text(Move(geometry_of(drift.base), geometry_of(drift.live)))}"
    else:
        text = f"{column}  {value_text(drift.base)} → {value_text(drift.live)}"
    if drift.kind == "conflict":
        text += f"   (the file says {value_text(drift.desired)})" if drift.field != GEOMETRY else ""
    return Line("!", drift.name, text, (_drift_note(drift, plan, would=would),))


def _drift_note(drift: Drift, plan: Plan, *, would: bool) -> str:
    if drift.kind == "edited":
        return {
            "keep": "Its row is gone from the file; the feature stays, as yours from now on.",
            "hold": "Its row is gone from the file; the feature would be removed.",
            "overwrite": "Its row is gone from the file, so the feature goes; the log keeps its values.",
        }[drift.outcome]
    if drift.outcome == "keep":
        return "The map's value stays, different from the file on purpose."
    done = (
        "The sync puts the file's value back."
        if would
        else "The file's value was put back; this one is in the log."
    )
    return f"{done} To keep the new one: write it in {_where(drift, plan)}."


def _where(drift: Drift, plan: Plan) -> str:
    row = f", row {drift.line}" if drift.line else ""
    column = "" if drift.field == GEOMETRY else f", column {drift.header or drift.field}"
    return f"{plan.file}{row}{column}"


def _deleted_note(drift: Drift, plan: Plan, *, would: bool) -> str:
    row = f"{plan.file}, row {drift.line}" if drift.line else plan.file
    if drift.outcome == "keep":
        return "It stays away, different from the file on purpose. To bring it back: SYNC_DELETED=recreate."
    verb = "would be put back" if would else "was put back"
    return f"It {verb} from the file. To remove it for good: delete {row}."


def standing(drift: Drift) -> Line:
    if drift.kind == "deleted":
        return Line("=", drift.name, "removed from the map, and left so")
    return Line(
        "=", drift.name, f"{'position' if drift.field == GEOMETRY else drift.field}: left as on the map"
    )
