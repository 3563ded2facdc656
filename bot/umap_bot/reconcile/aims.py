"""What a run aims at. A sync aims at the file; rollback and adoption differ only in their aim."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET

from umap_bot.model.base import Base
from umap_bot.model.change import Change, Field, Update, point_of
from umap_bot.model.layer import Commit, Feature, Layer, Live
from umap_bot.model.pairing import Match, Pairing
from umap_bot.model.policy import Policy
from umap_bot.reconcile.comparison import compare, describe
from umap_bot.reconcile.identity import follow_key, key_of
from umap_bot.reconcile.outcome import Outcome
from umap_bot.reconcile.pairing import NEAR, pair
from umap_bot.reconcile.sides import Sides, look, with_returned
from umap_bot.reconcile.undo.redo import marked


class Sync(msgspec.Struct, frozen=True):
    """Make the layer what the file says. `skip_unchanged` off decodes everything; the plan is the same.
    `asked` is as in Scope."""

    commit: Commit
    desired: Layer
    policy: Policy
    skip_unchanged: bool = True
    kind: Literal["sync"] = "sync"
    asked: frozenset[tuple[str, str, str]] = frozenset()

    def outcome(self, live: Live, base: Base | None) -> Outcome:
        """Compare the sides. Raise DatasetError if nobody can follow a change of the key column."""
        sides = sides_of(live, base, self.desired, skip_unchanged=self.skip_unchanged)
        return Outcome(marked(compare(sides, self.commit, self.policy, self.asked), sides), sides)


class Adopt(msgspec.Struct, frozen=True):
    """Write the key of their row into features drawn by hand, and nothing else. Base stays as it is."""

    commit: Commit
    desired: Layer
    policy: Policy
    match: tuple[str, ...] = ("name",)
    near: float = NEAR
    by_hand: dict[str, str] = {}
    kind: Literal["adopt"] = "adopt"

    def outcome(self, live: Live, base: Base | None) -> Outcome:
        """Pair rows that have no feature with features that have no key; write the key of the sure pairs.

        Raise DatasetError, and UsageError as `pair` does.
        """
        sides = sides_of(live, base, self.desired, skip_unchanged=True)
        features = {standing.place: standing.feature for standing in sides.identities.unmanaged}
        pairing = self._pairing(sides)
        changes: list[Change] = [self._update(found, features[found.place]) for found in pairing.sure]
        return Outcome(describe(sides, self.commit, self.policy, changes, self.kind), sides, pairing)

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
