"""The changes of a plan or a run as GeoJSON (RFC 7946), for a map of them.

One feature for each change and place. A change that moves its feature has two of them, with the role "before"
and "after", and between two points a third one, the line of its "way"; all others have the role "here". What
has no place has no geometry. `by` says who changed: the "file", or "people" on the map.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from umap_bot.model.canon import Geometry, Value
from umap_bot.model.change import Change, Create, Delete, Field, Move, Point, Update, point_of
from umap_bot.model.drift import Drift, Unmanaged
from umap_bot.model.layer import GEOMETRY
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.report.formats import jsontext
from umap_bot.report.formats.record import carried_out, cell, content_of
from umap_bot.report.formats.terminal import one_line
from umap_bot.report.language import Language, language
from umap_bot.report.story.edits import edit_of
from umap_bot.report.story.words import difference, geometry_of, in_words, moved
from umap_bot.text import Text, joined, say

DEPTHS: Final = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
"""How many lists are around the positions of each kind of geometry."""

LINE: Final = 2
RING: Final = 4
"""The fewest positions of a line, and of a ring, whose last is its first."""


def render(told: Run | Plan, tongue: Language | None = None) -> str:
    """Return a FeatureCollection: what stands on the map through a run; of a plan, what a sync would do."""
    plan = carried_out(told) if isinstance(told, Run) else told
    about = _about(told, plan)
    features = _features(plan, about, tongue or language("en")) if plan else ()
    collection = {"type": "FeatureCollection", "features": list(features)}
    return jsontext.render(collection)


def _about(told: Run | Plan, plan: Plan | None) -> dict[str, Any]:
    return {
        "run": (told.number or None) if isinstance(told, Run) else None,
        "commit": (told.commit if isinstance(told, Run) else told.context.commit).sha or None,
        "done": isinstance(told, Run) and plan is not None and not plan.verdict.held,
    }


def _features(plan: Plan, about: dict[str, Any], tongue: Language) -> Iterator[dict[str, Any]]:
    for drift in plan.context.news:
        yield from _drift(drift, about, tongue)
    for theirs in plan.context.unmanaged:
        if not theirs.standing:
            yield from _theirs(theirs, about, tongue)
    for change in plan.effects.changes:
        yield from _change(change, about, tongue)


def _change(change: Change, about: dict[str, Any], tongue: Language) -> Iterator[dict[str, Any]]:
    told = {"key": change.key, "name": change.name, "by": "file", **about}
    if isinstance(change, Create):
        fields = tuple(Field(name, after=value) for name, value in change.properties.items())
        told |= _said("created", fields, say("added"), tongue)
        yield from _placed(change.geometry, told, change.at)
    elif isinstance(change, Delete):
        properties, geometry = content_of(change)
        fields = tuple(Field(name, before=value) for name, value in properties.items())
        told |= _said("deleted", fields, say("removed"), tongue)
        yield from _placed(geometry, told, change.at)
    elif change.move:
        told |= _said("moved", change.fields, _words(change), tongue)
        yield from _moved(change.move, told)
    else:
        told |= _said("changed", change.fields, _words(change), tongue)
        yield from _placed(None, told, change.at)


def _words(update: Update) -> Text:
    changed = (difference(field.name, field.before, field.after) for field in update.fields)
    return joined([*map(in_words, changed), *([moved(update.move)] if update.move else [])], "; ")


def _drift(drift: Drift, about: dict[str, Any], tongue: Language) -> Iterator[dict[str, Any]]:
    told = {"key": drift.key, "name": drift.name, "by": "people", "outcome": drift.outcome, **about}
    words = joined(map(in_words, edit_of(drift)), "; ")
    if drift.field == GEOMETRY:
        told |= _said("moved", (), words, tongue)
        yield from _moved(Move(geometry_of(drift.base), geometry_of(drift.live)), told)
        return
    fields = (Field(drift.field, drift.base, drift.live),) if drift.field else ()
    told |= _said("deleted" if drift.kind == "deleted" else "changed", fields, words, tongue)
    yield from _placed(None, told, drift.at)


def _theirs(theirs: Unmanaged, about: dict[str, Any], tongue: Language) -> Iterator[dict[str, Any]]:
    told = {"key": None, "name": theirs.name, "by": "people", "outcome": "keep", **about}
    told |= _said("created", (), say("added on the map, not in the file: left untouched"), tongue)
    yield from _placed(None, told, theirs.at)


def _said(change: str, fields: tuple[Field, ...], words: Text, tongue: Language) -> dict[str, Any]:
    return {
        "change": change,
        "text": one_line(tongue.say(words)),
        "fields": [cell(field) for field in fields],
    }


def _placed(geometry: Geometry | None, told: dict[str, Any], at: Point | None) -> Iterator[dict[str, Any]]:
    """Return the feature of a change that moves nothing: at its geometry, else at a point of it."""
    yield _feature(valid(geometry) or (_point(at) if at else None), told, "here")


def _moved(move: Move, told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    before, after = valid(move.before), valid(move.after)
    if before:
        yield _feature(before, told, "before")
    if after or not before:
        yield _feature(after, told, "after")
    start, end = point_of(before), point_of(after)
    if start and end and move.metres is not None:
        yield _feature({"type": "LineString", "coordinates": [list(start), list(end)]}, told, "way")


def _feature(geometry: Geometry | None, told: dict[str, Any], role: str) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {**told, "role": role}}


def _point(at: Point) -> Geometry:
    return {"type": "Point", "coordinates": list(at)}


def valid(geometry: Geometry | None) -> Geometry | None:
    """Return a geometry with just what RFC 7946 has, or None if it is none: a map may hold anything."""
    kind = geometry.get("type") if geometry else None
    if not geometry or not isinstance(kind, str):
        return None
    if kind == "GeometryCollection":
        members = geometry.get("geometries")
        found = [valid(one) for one in members if isinstance(one, dict)] if isinstance(members, list) else []
        return {"type": kind, "geometries": [one for one in found if one]} if any(found) else None
    coordinates = geometry.get("coordinates")
    if (
        kind not in DEPTHS
        or not _is_nested(coordinates, DEPTHS[kind])
        or not _is_long_enough(kind, coordinates)
    ):
        return None
    return {"type": kind, "coordinates": coordinates}


def _is_nested(coordinates: Value, depth: int) -> bool:
    if not isinstance(coordinates, list) or not coordinates:
        return False
    if depth:
        return all(_is_nested(member, depth - 1) for member in coordinates)
    return len(coordinates) in {2, 3} and all(
        isinstance(number, (int, float)) and not isinstance(number, bool) for number in coordinates
    )


def _is_long_enough(kind: str, coordinates: Any) -> bool:
    if kind == "LineString":
        return len(coordinates) >= LINE
    if kind == "Polygon":
        return all(len(ring) >= RING and ring[0] == ring[-1] for ring in coordinates)
    part = {"MultiLineString": "LineString", "MultiPolygon": "Polygon"}.get(kind)
    return part is None or all(_is_long_enough(part, member) for member in coordinates)
