"""A plan in the words of plan.txt. Deliberately not those of umap_bot.report: a scenario tests the plan."""

from __future__ import annotations

import json
from collections.abc import Iterator

from msgspec import UNSET, UnsetType

from umap_bot.model.canon import Geometry, Value
from umap_bot.model.change import Change, Create, Delete, Move, Update
from umap_bot.model.drift import Drift, GoneColumn
from umap_bot.model.layer import GEOMETRY
from umap_bot.model.plan import Plan


def lines(plan: Plan) -> list[str]:
    """Everything that a person could want to know of a plan, a line each."""
    return [
        *(_change(change) for change in plan.effects.changes),
        *(f"waits: {_change(change)}" for change in plan.verdict.waiting),
        *(f"kept: {_change(change)}" for change in plan.verdict.kept),
        *(_drift(drift) for drift in plan.context.drift),
        *(f'stranger "{one.name}"{_no_news(one.standing)}' for one in plan.context.unmanaged),
        *(
            f"clones of {duplicate.key}: {' and '.join(_value(n) for n in duplicate.names)}"
            for duplicate in plan.context.duplicates
        ),
        *(f"not on the map yet: {key}" for key in plan.context.unplaced),
        *(f"can't be read: {str(told).partition(': ')[0]}" for told in plan.context.bad_rows),
        *(f"stays without a row: {rowless.key}" for rowless in plan.context.rowless),
        *(_gone(column) for column in plan.context.gone_columns),
        *(f'renumbered {one.before} → {one.after} "{one.name}"' for one in plan.context.renumbered),
        *([f"uMap ids for {plan.effects.ids}"] if plan.effects.ids else []),
        *(f"objection {objection.rule}" for objection in plan.verdict.objections),
    ]


def _change(change: Change) -> str:
    if isinstance(change, Create):
        return f"create {change.key}{' again' if change.recreates else ''}"
    if isinstance(change, Delete):
        why = {"row": "", "double": ", a double", "foreign": ", a stranger"}[change.why]
        return f"delete {change.key if change.why != 'foreign' else _value(change.name)}{why}"
    return f"update {change.key}: {', '.join(_effects(change))}"


def _effects(update: Update) -> Iterator[str]:
    for field in update.fields:
        yield f"{field.name} {_value(field.before)} → {_value(field.after)}"
    if update.move:
        yield _moved(update.move)


def _moved(move: Move) -> str:
    if move.metres is None:
        return f"{_place(move.before)} → {_place(move.after)}"
    return f"moved {move.metres:.0f} m"


def _drift(drift: Drift) -> str:
    told = f"{drift.kind} {drift.key}"
    if drift.field:
        show = _place if drift.field == GEOMETRY else _value
        sides = {"base": drift.base, "desired": drift.desired, "live": drift.live}
        name = "place" if drift.field == GEOMETRY else drift.field
        told += f" {name}: " + " ".join(f"{side} {show(value)}" for side, value in sides.items())
    return f"{told}, {drift.outcome}{_no_news(drift.standing)}"


def _no_news(standing: bool) -> str:
    return ", no news" if standing else ""


def _gone(column: GoneColumn) -> str:
    if column.likely:
        return f'column "{column.name}" is now "{column.likely}"? {column.equal} of {column.total}'
    return f'column "{column.name}" is {"left out" if column.left_out else "gone"}'


def _value(value: Value | UnsetType) -> str:
    return "nothing" if value is UNSET or value is None else json.dumps(value, ensure_ascii=False)


def _place(geometry: Geometry | Value) -> str:
    if not isinstance(geometry, dict):
        return "nothing"
    return f"{geometry['type']} {json.dumps(geometry['coordinates'])}"
