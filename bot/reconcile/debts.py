"""Saves of others that our pushes ran over: the live layer is read with them until they are put back.

uMap's lock is not atomic: of two saves on one version both are confirmed and the later wins. What ours won
over is a debt (`Save`): `was`, the layer that both began with; `ours`; and `lost`, what the other saved.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import UNSET

from bot.model.canon import Value
from bot.model.layer import Collection, Feature, Live, Save
from bot.reconcile.identity import key_of
from bot.reconcile.slices import VALID_ID, cells_of, content, decode, write_cells
from bot.reconcile.threeway import cell_canonical

Cells = dict[str, Value]


def carry(debts: Iterable[Save], live: Live, key: str) -> Live:
    """Give the live layer as it would stand had our pushes run over nobody's save.

    Every cell that a lost save changed and that still stands as we wrote it is taken from the lost save, so
    that policy decides on it as on any edit; what anybody changed since stays. `key` is the key property.
    """
    features = list(live.carried.features)
    for save in debts:
        if save.lost is not None:
            features = _Debt(save.was, save.ours, save.lost, key).paid(features)
    return msgspec.structs.replace(
        live, carried=msgspec.structs.replace(live.carried, features=tuple(features))
    )


class _Sight(msgspec.Struct, frozen=True):
    """A feature as a debt looks at it: its slice, what it says, and its cells."""

    raw: bytes
    feature: Feature
    cells: Cells


class _Debt:
    """One lost save, to be put back into a layer."""

    def __init__(self, was: Collection, ours: Collection, lost: Collection, key: str) -> None:
        self.key = key
        parts = (was, ours, lost)
        self.was, self.ours, self.lost = (_changed_slices(part, parts) for part in parts)

    def paid(self, slices: list[bytes]) -> list[bytes]:
        """Give the slices with what the lost save changed, where it stands as we wrote it."""
        if self._stands_in_lost():
            return slices
        standing = [_sight(raw) for raw in slices]
        to_was = self._pairs(self.lost, self.was)
        for place, lost in enumerate(self.lost):
            was = self.was[to_was[place]] if place in to_was else None
            self._put_back(lost, was, standing)
        for place in set(range(len(self.was))) - set(to_was.values()):
            self._take_away(self.was[place], standing)
        return [sight.raw for sight in standing]

    def _stands_in_lost(self) -> bool:
        """Tell whether the save holds all that we changed: it was made on top of ours, and is no debt."""
        to_was, to_lost = self._pairs(self.ours, self.was), self._pairs(self.ours, self.lost)
        for place, ours in enumerate(self.ours):
            was = self.was[to_was[place]].cells if place in to_was else {}
            lost = self.lost[to_lost[place]].cells if place in to_lost else {}
            if any(not _same(name, lost, ours.cells) for name in _differing(was, ours.cells)):
                return False
        kept = {to_was[place] for place in to_was}
        deleted = [self.was[place] for place in range(len(self.was)) if place not in kept]
        return not any(self._find(gone, self.lost) is not None for gone in deleted)

    def _put_back(self, lost: _Sight, was: _Sight | None, standing: list[_Sight]) -> None:
        """Put back what the lost save changed in one feature, or added."""
        changed = _differing(was.cells if was else {}, lost.cells)
        if not changed:
            return
        place = self._find(was or lost, standing)
        ours_place = self._find(was or lost, self.ours)
        if place is None:
            if ours_place is None:  # we deleted it, or never had it; nobody brought it back since
                standing.append(lost)
            return
        ours = self.ours[ours_place].cells if ours_place is not None else (was.cells if was else {})
        now = standing[place]
        still = [name for name in changed if _same(name, now.cells, ours)]
        if still:
            cells = {name: lost.cells.get(name, UNSET) for name in still}
            standing[place] = _sight(write_cells(now.raw, cells))

    def _take_away(self, was: _Sight, standing: list[_Sight]) -> None:
        """Take away what the lost save deleted, unless somebody changed it since."""
        place, ours_place = self._find(was, standing), self._find(was, self.ours)
        if place is None or ours_place is None:
            return
        if not _differing(self.ours[ours_place].cells, standing[place].cells):
            del standing[place]

    def _find(self, wanted: _Sight, among: list[_Sight]) -> int | None:
        return self._pairs([wanted], among).get(0)

    def _pairs(self, some: list[_Sight], others: list[_Sight]) -> dict[int, int]:
        """Give place → place of the same feature: by uMap id, else by key, else by content."""
        pairs: dict[int, int] = {}
        for name in (_umap_id, self._key, _content):
            free = {place for place in range(len(others)) if place not in pairs.values()}
            found = {name(others[place]): place for place in sorted(free, reverse=True)}
            for place, sight in enumerate(some):
                mark = name(sight)
                if place not in pairs and mark is not None and mark in found:
                    pairs[place] = found.pop(mark)
        return pairs

    def _key(self, sight: _Sight) -> str | None:
        return key_of(sight.feature, self.key) if self.key else None


def _changed_slices(part: Collection, all_parts: tuple[Collection, ...]) -> list[_Sight]:
    """Give the features of one part that do not stand byte for byte in all three."""
    common = set.intersection(*(set(other.features) for other in all_parts))
    return [_sight(raw) for raw in part.features if raw not in common]


def _sight(raw: bytes) -> _Sight:
    feature = decode(raw)
    return _Sight(raw, feature, cells_of(feature))


def _umap_id(sight: _Sight) -> str | None:
    umap_id = sight.feature.umap_id
    return umap_id if umap_id and VALID_ID.fullmatch(umap_id) else None


def _content(sight: _Sight) -> str:
    return content(sight.feature)


def _differing(one: Cells, other: Cells) -> list[str]:
    return [name for name in dict.fromkeys((*one, *other)) if not _same(name, one, other)]


def _same(name: str, one: Cells, other: Cells) -> bool:
    return cell_canonical(name, one.get(name)) == cell_canonical(name, other.get(name))
