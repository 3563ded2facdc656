"""The three sides side by side: what is unchanged and set aside, and who is who among the rest."""

from __future__ import annotations

import msgspec

from umap_bot.model.base import Base
from umap_bot.model.layer import BadRows, Layer, Live
from umap_bot.reconcile.identity import Identities, Standing, identify, key_of
from umap_bot.reconcile.skip_unchanged import Unchanged, set_aside
from umap_bot.reconcile.slices import decode, ids
from umap_bot.reconcile.taken_over import with_taken_over


class Sides(msgspec.Struct, frozen=True):
    """The three sides, and who is who: `identities` of what had to be looked at, the rest of ours is set
    aside. `ids` are the features' own uMap ids, in the layer's order, None for those that have none."""

    live: Live
    base: Base | None
    desired: Layer
    unchanged: Unchanged
    identities: Identities
    ids: tuple[str | None, ...]

    @property
    def ours(self) -> int:
        return len(self.identities.ours) + len(self.unchanged.aside)

    def stands(self, key: str) -> bool:
        """Tell whether a feature of this key stands on the map."""
        return key in self.identities.ours or key in self.unchanged.aside

    @property
    def waiting(self) -> frozenset[str]:
        """The published rows that stay as base has them, since the file does not say what becomes of them."""
        if self.base is None or not (self.desired.awaited or self.desired.bad_rows != BadRows()):
            return frozenset()
        missing = (key for key in self.base.known if key not in self.desired.rows)
        return frozenset(key for key in missing if self.desired.waits(key))

    @property
    def base_columns(self) -> tuple[str, ...]:
        """The columns of base that are still nobody else's: a seed belongs to people."""
        columns = self.base.columns if self.base else ()
        return tuple(name for name in columns if name not in self.desired.seeds)


def with_returned(base: Base, live: Live, desired: Layer) -> Base:
    """Return base with the rows that came back to features that had stayed: what is as it says is no edit."""
    back = {key: row for key, row in base.kept.rows.items() if key in desired.rows and key not in base.known}
    if not back:
        return base
    # The very feature that stayed, and no row's since: another one of its key was never published so.
    standing = {umap_id for umap_id in ids(live.carried.features) if umap_id}
    standing -= {known.umap_id for known in base.known.values()}
    # Its slice may have had another id when it was digested: it is looked at again.
    stayed = {
        key: msgspec.structs.replace(row, raw="") for key, row in back.items() if row.umap_id in standing
    }
    return msgspec.structs.replace(base, known={**base.known, **stayed})


def look(live: Live, base: Base | None, desired: Layer, *, skip_unchanged: bool) -> Sides:
    """Set aside what needs no look, decode the rest and tell who is who."""
    slices = live.carried.features
    unchanged = set_aside(slices, base, desired, on=skip_unchanged)
    rest = [Standing(place, decode(slices[place])) for place in unchanged.rest]
    # A second feature with the key of one set aside: both must be looked at.
    again = {key_of(standing.feature, desired.key) for standing in rest} & set(unchanged.aside)
    rest += [Standing(unchanged.aside[key], decode(slices[unchanged.aside[key]])) for key in again if key]
    rest.sort(key=lambda standing: standing.place)
    aside = {key: place for key, place in unchanged.aside.items() if key not in again}
    known = set(desired.rows) | set(base.known if base else ()) | desired.bad_rows.keys
    identities = identify(rest, desired.key, known, base, aside)
    identities = with_taken_over(identities, base, desired)
    unchanged = msgspec.structs.replace(unchanged, aside=aside)
    return Sides(live, base, desired, unchanged, identities, _ids(unchanged, rest, base))


def _ids(unchanged: Unchanged, rest: list[Standing], base: Base | None) -> tuple[str | None, ...]:
    """Return the features' uMap ids. Of a slice that is as base knows it, base knows the id."""
    found = {standing.place: standing.feature.umap_id for standing in rest}
    if base:
        found.update((place, base.known[key].umap_id) for key, place in unchanged.aside.items())
    return tuple(found[place] for place in range(len(unchanged.digests)))
