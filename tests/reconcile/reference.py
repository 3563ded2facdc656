"""What is fast in the program, a second time in the plainest way: each is looked at beside each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import UNSET
from msgspec.structs import replace

from umap_bot.model.base import Origin
from umap_bot.model.canon import canonical, canonical_geometry
from umap_bot.model.change import Change, Create, Delete, Point, Update, distance, point_of
from umap_bot.model.layer import Commit, Feature, Layer
from umap_bot.model.plan import Plan
from umap_bot.reconcile.identity import Standing, key_of
from umap_bot.reconcile.names import fold
from umap_bot.reconcile.slices import content, decode

# Look-alikes.


def resembling(creates: Iterable[Create], others: Sequence[tuple[str, Point | None]]) -> tuple[str, ...]:
    """Return the names of those that would be added where one of that name, or within a metre, is."""
    return tuple(
        create.name
        for create in creates
        if any(
            (fold(create.name) and fold(create.name) == fold(name))
            or (create.at and at and distance(create.at, at) <= 1)
            for name, at in others
        )
    )


# Pairs.

FAR = 20


@dataclass
class Pairs:
    """By key: of what is sure the uMap id and how, of what is doubtful why, and what it may be, the
    nearest first."""

    sure: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    doubtful: dict[str, tuple[str, list[str | None]]] = field(default_factory=dict)


def pairs(rows: Mapping[str, Feature], drawn: Sequence[Standing], near: float) -> Pairs:
    """Pair by name, then by place: sure is what is the one candidate of each other, all else is doubtful."""
    found, free = Pairs(), [one.feature for one in drawn]
    for key, row in rows.items():
        named = [one for one in free if _is_named(row, one)]
        if named:
            _settle(key, [other for other in rows if _is_named(rows[other], row)], named, rows, near, found)
    taken = {umap_id for umap_id, _ in found.sure.values()}
    found.doubtful = {
        key: (why, [one for one in perhaps if one not in taken])
        for key, (why, perhaps) in found.doubtful.items()
    }
    claimed = taken.union(*(perhaps for _, perhaps in found.doubtful.values()))
    left = {key: row for key, row in rows.items() if key not in {**found.sure, **found.doubtful}}
    free = [one for one in free if one.umap_id not in claimed]
    for key, row in left.items():
        within = [one for one in free if _is_near(row, one, near)]
        if len(within) == 1 and _is_alone(key, left, within[0], near):
            found.sure[key] = (within[0].umap_id, "place")
        elif within:
            why = f"{len(within)} features are within {near:.0f} m"
            if len(within) == 1:
                why = f"the only feature within {near:.0f} m may belong to another row"
            found.doubtful[key] = (why, _nearest_first(row, within))
    return found


def _settle(
    key: str, keys: list[str], named: list[Feature], rows: Mapping[str, Feature], near: float, found: Pairs
) -> None:
    """Settle a row by what has its name: `keys` in the file, `named` on the map."""
    row = rows[key]
    within = [one for one in named if _is_near(row, one, near)]
    namesakes = {other: rows[other] for other in keys}
    why = f"the name occurs {len(keys)} times in the file and {len(named)} times on the map"
    if len(keys) == len(named) == 1:
        metres = _metres(row, named[0])
        if metres is None or metres <= FAR * near:
            found.sure[key] = (named[0].umap_id, "name")
            return
        why = "the name is the same, but the places are far apart"
    elif len(within) == 1 and _is_alone(key, namesakes, within[0], near):
        found.sure[key] = (within[0].umap_id, "name")
        return
    found.doubtful[key] = (why, _nearest_first(row, named))


def _is_named(one: Feature, other: Feature) -> bool:
    return bool(_name(one)) and _name(one) == _name(other)


def _name(feature: Feature) -> str:
    name = canonical(feature.properties.get("name"))
    return fold(name) if isinstance(name, str) else ""


def _is_alone(key: str, rows: Mapping[str, Feature], feature: Feature, near: float) -> bool:
    return [other for other in rows if _is_near(rows[other], feature, near)] == [key]


def _is_near(row: Feature, feature: Feature, near: float) -> bool:
    metres = _metres(row, feature)
    return metres is not None and metres <= near


def _metres(row: Feature, feature: Feature) -> float | None:
    here, there = point_of(row.geometry), point_of(feature.geometry)
    return distance(here, there) if here and there else None


def _nearest_first(row: Feature, features: list[Feature]) -> list[str | None]:
    def far(one: Feature) -> tuple[bool, float, str, str]:
        metres, name = _metres(row, one), canonical(one.properties.get("name"))
        return metres is None, metres or 0, str(name or "").strip(), one.umap_id or ""

    return [one.umap_id for one in sorted(features, key=far)]


# Recovery.


def standing(plan: Plan, pushed: Sequence[bytes], slices: Sequence[bytes]) -> tuple[Change, ...]:
    """Return the changes of a plan, or the parts of them, that are found on the map: all, if just what was
    pushed is there."""
    if slices == pushed:
        return plan.effects.changes
    parts = (_standing(change, slices, plan.context.key) for change in plan.effects.changes)
    return tuple(part for part in parts if part is not None)


def _standing(change: Change, slices: Sequence[bytes], key: str) -> Change | None:
    features = [decode(raw) for raw in slices]
    own = [one for one in features if key_of(one, key) == change.key]
    own = own or [one for one in features if one.umap_id and one.umap_id == change.umap_id]
    if isinstance(change, Delete):
        if change.why in {"row", "undo"}:
            return None if any(_is_it(one, change, decode(change.raw.encode())) for one in own) else change
        return None if change.raw.encode() in slices else change
    if isinstance(change, Create):
        made = Feature(change.properties, change.geometry)
        return change if any(_is_it(one, change, made) for one in own) else None
    return _part(change, own) if own else None


def _is_it(one: Feature, change: Change, said: Feature) -> bool:
    return one.umap_id == change.umap_id or content(one) == content(said)


def _part(update: Update, own: list[Feature]) -> Update | None:
    one = [each for each in own if each.umap_id == update.umap_id] or own
    fields = tuple(
        each
        for each in update.fields
        if canonical(one[0].properties.get(each.name))
        == canonical(None if each.after is UNSET else each.after)
    )
    moved = update.move and canonical_geometry(one[0].geometry) == canonical_geometry(update.move.after)
    move = update.move if moved else None
    return replace(update, fields=fields, move=move) if fields or move else None


# Likeness.


def nearest(features: Sequence[Feature], versions: Sequence[tuple[Commit, Layer]]) -> Origin | None:
    """Return the version (the newest first) that strictly fewer cells of the map differ from than from any
    other, and no more than a tenth of them; those with the same rows count as one."""
    counted: dict[str, tuple[int, int, Commit]] = {}
    columns = {name for _, layer in versions for name in layer.owned}
    for commit, layer in versions:
        own = [one for one in features if key_of(one, layer.key)]
        differing, cells = _differing(layer, own)
        for name in columns.difference(layer.owned):
            filled = {
                key_of(one, layer.key) for one in own if canonical(one.properties.get(name)) is not None
            }
            differing, cells = differing + len(filled), cells + len(filled)
        counted.setdefault(_sense(layer, own), (differing, cells, commit))
    fewest = min(counted.values(), key=lambda one: one[0], default=None)
    if fewest is None or 10 * fewest[0] > fewest[1]:
        return None
    if [one[0] for one in counted.values()].count(fewest[0]) > 1:
        return None
    differing, cells, commit = fewest
    return Origin(how="likeness", commit=commit, differing=differing, cells=cells)


def _differing(layer: Layer, features: list[Feature]) -> tuple[int, int]:
    """Count the cells that are not so on the map, and all of them. What one side alone has counts whole."""
    width = len(layer.owned) + layer.owns_geometry
    differing = cells = 0
    for key in {*layer.rows, *(key_of(one, layer.key) or "" for one in features)}:
        own = [one for one in features if key_of(one, layer.key) == key]
        row = layer.rows.get(key)
        if row is None or not own:
            if row is None or row.geometry is not None:  # a row without a place was never on the map
                differing, cells = differing + width, cells + width
            continue
        differing += min(_unlike(row, one, layer) for one in own)
        cells += width
    return differing, cells


def _unlike(row: Feature, one: Feature, layer: Layer) -> int:
    names = [
        name
        for name in layer.owned
        if canonical(row.properties.get(name)) != canonical(one.properties.get(name))
    ]
    moved = canonical_geometry(row.geometry) != canonical_geometry(one.geometry)
    return len(names) + (layer.owns_geometry and row.geometry is not None and moved)


def _sense(layer: Layer, features: list[Feature]) -> str:
    """Spell what a version says of the features that were ever on the map."""
    there = {key_of(one, layer.key) for one in features}
    rows = sorted(
        (key, row.properties, row.geometry)
        for key, row in layer.rows.items()
        if key in there or row.geometry is not None
    )
    return json.dumps([layer.owned, layer.owns_geometry, rows], sort_keys=True)
