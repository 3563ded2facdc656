"""What of an unfinished push stands on the map: the next read tells, whatever was answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

import msgspec
from msgspec import UNSET

from umap_bot.model.base import Base, Known
from umap_bot.model.canon import canonical, canonical_geometry
from umap_bot.model.change import Change, Create, Delete, Field, Update
from umap_bot.model.layer import Collection, Feature
from umap_bot.model.plan import Plan
from umap_bot.model.run import Applied, Intent
from umap_bot.reconcile.identity import key_of
from umap_bot.reconcile.slices import content, decode
from umap_bot.reconcile.undo.retreat import retreat


def recover(pending: tuple[Intent, ...], base: Base | None, standing: Collection) -> tuple[Applied, ...]:
    """Find the changes of recorded plans that stand, oldest plan first, and the base they advance to.

    A base is advanced, never made: of a layer without one it stays None.
    """
    applied: list[Applied] = []
    found = _Standing(standing)
    for intent in pending:
        changes = found.of(intent)
        if base and (changes or not intent.plan.effects.undo):
            base = advance(base, intent.plan, changes, intent.run)
        applied.append(Applied(intent.run, changes, base))
    return tuple(applied)


class _Standing:
    """The standing layer, decoded only if it is not just what was pushed."""

    def __init__(self, standing: Collection) -> None:
        self.standing = standing
        self._by_key: dict[str, dict[str, list[Feature]]] = {}

    def of(self, intent: Intent) -> tuple[Change, ...]:
        changes = () if intent.plan.verdict.held else intent.plan.effects.changes
        if not changes:
            return ()
        if self.standing.digest == intent.pushed:
            return changes
        stands = [self._stands(change, self._keyed(intent.plan.context.key)) for change in changes]
        return tuple(change for change in stands if change is not None)

    @cached_property
    def _features(self) -> list[Feature]:
        return [decode(raw) for raw in self.standing.features]

    @cached_property
    def _slices(self) -> frozenset[bytes]:
        return frozenset(self.standing.features)

    @cached_property
    def _by_id(self) -> dict[str, list[Feature]]:
        return _grouped(self._features, lambda feature: feature.umap_id)

    def _keyed(self, key: str) -> dict[str, list[Feature]]:
        if key not in self._by_key:
            self._by_key[key] = _grouped(self._features, lambda feature: key_of(feature, key))
        return self._by_key[key]

    def _stands(self, change: Change, keyed: dict[str, list[Feature]]) -> Change | None:
        """Return the part of a change that stands, or None."""
        # By key, or by uMap id: a person may have emptied the key, and an undone adoption takes it away.
        features = keyed.get(change.key) or (self._by_id.get(change.umap_id, []) if change.umap_id else [])
        if isinstance(change, Delete):
            of_file = change.why in {"row", "undo"}
            gone = not _same_feature(change, features) if of_file else self._gone(change)
            return change if gone else None
        if isinstance(change, Create):
            return change if _created(change, features) else None
        return _part(change, features) if features else None

    def _gone(self, change: Delete) -> bool:
        return change.raw.encode() not in self._slices


def _grouped(features: Iterable[Feature], by: Callable[[Feature], str | None]) -> dict[str, list[Feature]]:
    """Group the features that have one of these by it; the others by ""."""
    found: dict[str, list[Feature]] = {}
    for feature in features:
        found.setdefault(by(feature) or "", []).append(feature)
    return found


def _created(change: Create, features: list[Feature]) -> bool:
    """Tell whether one of these is what we created: a person may have made one of the same key."""
    made = content(Feature(change.properties, change.geometry))
    return any(feature.umap_id == change.umap_id or content(feature) == made for feature in features)


def _same_feature(change: Delete, features: list[Feature]) -> bool:
    """Tell whether the feature to be deleted is among these: a person's duplicate of it has its key too."""
    then = content(decode(change.raw.encode()))
    return any(feature.umap_id == change.umap_id or content(feature) == then for feature in features)


def _part(update: Update, features: list[Feature]) -> Update | None:
    feature = next((one for one in features if one.umap_id == update.umap_id), features[0])
    fields = tuple(field for field in update.fields if _has(feature, field))
    move = update.move
    if move and canonical_geometry(feature.geometry) != canonical_geometry(move.after):
        move = None
    return msgspec.structs.replace(update, fields=fields, move=move) if fields or move else None


def _has(feature: Feature, field: Field) -> bool:
    after = None if field.after is UNSET else field.after
    return canonical(feature.properties.get(field.name)) == canonical(after)


def advance(base: Base, plan: Plan, changes: tuple[Change, ...], run: int) -> Base:
    """Return base after changes of this plan came to stand through a run; after a rollback it goes back."""
    if plan.effects.undo:
        return retreat(base, plan.effects.undo, changes, run)
    known = dict(base.known)
    columns = dict.fromkeys(base.columns)
    for change in changes:
        if isinstance(change, Create):
            known[change.key] = Known.of(change.properties, change.geometry, change.umap_id)
        elif isinstance(change, Update):
            known[change.key] = _updated(known.get(change.key) or _stayed(base, change), change)
            columns.update(dict.fromkeys(field.name for field in change.fields))
        elif change.why == "row":
            known.pop(change.key, None)
    return msgspec.structs.replace(base, commit=plan.context.commit.sha, known=known, columns=tuple(columns))


def _stayed(base: Base, update: Update) -> Known | None:
    """Return the row, as last published, that came back to a feature that had stayed."""
    row = base.kept.rows.get(update.key)
    return row if row and row.umap_id == update.umap_id else None


def _updated(known: Known | None, update: Update) -> Known:
    properties = known.properties if known else {}
    for field in update.fields:
        properties.pop(field.name, None)
        if field.after is not UNSET:
            properties[field.name] = field.after
    geometry = update.move.after if update.move else (known.geometry if known else None)
    return Known.of(properties, geometry, update.umap_id)
