"""What a run aims at. A sync aims at the file; rollback and adoption differ only in their aim."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET

from umap_bot.model.base import Base, Kept, Known
from umap_bot.model.canon import Canon
from umap_bot.model.change import Change, Field, Update, point_of
from umap_bot.model.layer import Commit, Feature, Layer, Live
from umap_bot.model.pairing import Match, Pairing
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Policy
from umap_bot.reconcile.comparison import compare, describe, waiting
from umap_bot.reconcile.identity import Standing, follow_key, key_of
from umap_bot.reconcile.pairing import NEAR, pair
from umap_bot.reconcile.sides import Sides, look, with_returned
from umap_bot.reconcile.skip_unchanged import row_digest
from umap_bot.reconcile.slices import content, ids
from umap_bot.reconcile.threeway import cell_canonical
from umap_bot.reconcile.undo.redo import columns_withheld, marked, remembered, withheld_of
from umap_bot.reconcile.undo.retreat import with_cells


class Sync(msgspec.Struct, frozen=True):
    """Make the layer what the file says. `sieve` off decodes everything; the plan is the same."""

    commit: Commit
    desired: Layer
    policy: Policy
    skip_unchanged: bool = True
    kind: Literal["sync"] = "sync"

    def plan(self, live: Live, base: Base | None) -> Plan:
        """Compare the sides. Raise DatasetError if nobody can follow a change of the key column."""
        sides = self._sides(live, base)
        return marked(compare(sides, self.commit, self.policy), sides)

    def base(self, plan: Plan, live: Live, base: Base | None) -> Base | None:
        """Return the base that a settled run leaves; None for a held plan, which leaves base as it is."""
        if plan.held:
            return None
        sides = self._sides(live, base)
        known = {key: sides.base.known[key] for key in sides.sifted.aside} if sides.base else {}
        for key, standing in sides.identities.ours.items():
            if key in self.desired.rows:
                raw = sides.sifted.digests[standing.place]
                known[key] = _known(self.desired, key, standing, raw, sides.base)
        deleted = {drift.key for drift in plan.drift if drift.kind == "deleted" and drift.outcome == "keep"}
        known.update((key, _known(self.desired, key, None, "", sides.base)) for key in deleted)
        known.update((key, sides.base.known[key]) for key in waiting(sides) if sides.base)
        _leave_undone(known, plan, sides)
        return Base(
            layer_id=live.entry.layer_id,
            commit=self.commit.sha,
            key=self.desired.key,
            columns=tuple(dict.fromkeys((*self.desired.owned, *columns_withheld(plan)))),
            places=self.desired.owns_geometry,
            known=known,
            kept=_kept(plan, deleted, sides),
            encoding=self.desired.reading.encoding,
            undone=remembered(sides),
        )

    def _sides(self, live: Live, base: Base | None) -> Sides:
        return sides_of(live, base, self.desired, skip_unchanged=self.skip_unchanged)


class Adopt(msgspec.Struct, frozen=True):
    """Return features drawn by hand the key of their row, and nothing else. Base stays as it is."""

    commit: Commit
    desired: Layer
    policy: Policy
    match: tuple[str, ...] = ("name",)
    near: float = NEAR
    by_hand: dict[str, str] = {}
    kind: Literal["adopt"] = "adopt"

    def pairing(self, live: Live, base: Base | None) -> Pairing:
        """Pair rows that have no feature with features that have no key. Raise UsageError as `pair` does."""
        return self._pairing(self._sides(live, base))

    def plan(self, live: Live, base: Base | None) -> Plan:
        """Write the key of the pairs that are sure. Raise DatasetError, UsageError."""
        sides = self._sides(live, base)
        features = {standing.place: standing.feature for standing in sides.identities.unmanaged}
        changes: list[Change] = [
            self._update(found, features[found.place]) for found in self._pairing(sides).sure
        ]
        return describe(sides, self.commit, self.policy, changes, self.kind)

    def base(self, plan: Plan, live: Live, base: Base | None) -> None:
        """Leave base as it is: the sync after it compares field by field."""

    def _sides(self, live: Live, base: Base | None) -> Sides:
        return sides_of(live, base, self.desired, skip_unchanged=True)

    def _pairing(self, sides: Sides) -> Pairing:
        keys = [key for key in self.desired.rows if not sides.stands(key)]
        drawn = [one for one in sides.identities.unmanaged if not key_of(one.feature, self.desired.key)]
        # A pair that was carried out before has its key by now; the others are still to be settled.
        by_hand = {key: umap_id for key, umap_id in self.by_hand.items() if not sides.stands(key)}
        return pair(self.desired, keys, drawn, match=self.match, near=self.near, by_hand=by_hand)

    def _update(self, found: Match, feature: Feature) -> Update:
        row, key = self.desired.rows[found.key], self.desired.key
        return Update(
            key=found.key,
            name=found.name,
            fields=(Field(key, feature.properties.get(key, UNSET), row.properties.get(key, found.key)),),
            umap_id=feature.umap_id,
            place=found.place,
            at=point_of(feature.geometry),
        )


def sides_of(live: Live, base: Base | None, desired: Layer, *, skip_unchanged: bool) -> Sides:
    """Put the sides side by side, with base as it is of this layer and by this key column."""
    # A layer that was remade under the same name has another id: it is first contact.
    ours = base if base and base.layer_id == live.entry.layer_id else None
    followed = ours and follow_key(ours, desired.key)
    return look(
        live, followed and with_returned(followed, live, desired), desired, skip_unchanged=skip_unchanged
    )


def _known(desired: Layer, key: str, standing: Standing | None, raw: str, base: Base | None) -> Known:
    row = desired.rows[key]
    before = base.known.get(key) if base else None
    # A row that lost its coordinates leaves its feature where it was put: that is what was last published.
    geometry = row.geometry or (before.geometry if before else None)
    umap_id = standing.feature.umap_id if standing else None
    return Known(dict(row.properties), geometry, umap_id, row_digest(row), raw)


def _leave_undone(known: dict[str, Known], plan: Plan, sides: Sides) -> None:
    """Let base say what it said of cells and features that stay as a rollback left them."""
    for key, cells in withheld_of(plan).items():
        then = sides.base.known.get(key) if sides.base else None
        if "" not in cells:
            known[key] = with_cells(known[key], cells, then)
        elif then is not None:
            known[key] = then


def _kept(plan: Plan, deleted: set[str], sides: Sides) -> Kept:
    cells: dict[str, dict[str, Canon]] = {}
    for drift in plan.drift:
        if drift.outcome == "keep" and drift.kind in ("drift", "conflict"):
            cells.setdefault(drift.key, {})[drift.field] = cell_canonical(drift.field, drift.live)
    unmanaged = {theirs.content for theirs in plan.unmanaged}
    edited = {drift.key for drift in plan.drift if drift.kind == "edited" and drift.outcome == "keep"}
    left = {content(sides.identities.ours[key].feature) for key in edited}
    left |= unmanaged & (sides.base.kept.left if sides.base else frozenset())
    left |= _perhaps_ours(sides)
    rows = _rows_left(edited, sides)
    return Kept(cells, frozenset(deleted), frozenset(unmanaged | left), frozenset(left), rows)


def _rows_left(edited: set[str], sides: Sides) -> dict[str, Known]:
    """Return the rows, not in the file now, of features that stay: when they come back, base needs them."""
    if sides.base is None:
        return {}
    rows = dict(sides.base.kept.rows)
    for key in sorted(edited):
        umap_id = sides.identities.ours[key].feature.umap_id
        rows[key] = msgspec.structs.replace(sides.base.known[key], umap_id=umap_id)
    standing = set(ids(sides.live.carried.features)) - {None} if rows else set()
    return {
        key: row for key, row in rows.items() if key not in sides.desired.rows and row.umap_id in standing
    }


def _perhaps_ours(sides: Sides) -> set[str]:
    """Return the strangers that have an identifier, if base is only the likeliest: they may have been
    ours."""
    if sides.base is None or not sides.base.is_guess:
        return set()
    unmanaged = (one.feature for one in sides.identities.unmanaged)
    return {content(feature) for feature in unmanaged if key_of(feature, sides.desired.key)}
