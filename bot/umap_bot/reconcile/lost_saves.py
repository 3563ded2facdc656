"""Saves of others that our pushes ran over: the live layer is read with them until they are put back.

uMap's lock is not atomic: of two saves on one version both are confirmed and the later wins. What ours won
over is lost (`Save`): `was`, the layer that both began with; `ours`; and `lost`, what the other saved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from umap_bot.model.canon import Value
from umap_bot.model.layer import Collection, Feature, Live, Save
from umap_bot.reconcile.identity import key_of
from umap_bot.reconcile.slices import VALID_ID, cells_of, content, copy_cells, decode
from umap_bot.reconcile.threeway import cell_canonical
from umap_bot.text import Text, say

Cells = dict[str, Value]


def carry(lost_saves: Iterable[Save], live: Live, key: str) -> Live:
    """Return the live layer as it would stand had our pushes run over nobody's save.

    Every cell that a lost save changed and that still stands as we wrote it is taken from the lost save, so
    that policy decides on it as on any edit; what anybody changed since stays. `key` is the key property.
    """
    features = list(live.carried.features)
    for save in lost_saves:
        if save.lost is not None:
            features = _LostSave(save.was, save.ours, save.lost, key).paid(features)
    return msgspec.structs.replace(
        live, carried=msgspec.structs.replace(live.carried, features=tuple(features))
    )


def gone_for_good(save: Save) -> Text:
    """Say of a save that uMap no longer keeps that it can't be put back."""
    # Versions are opaque, but most are milliseconds, and then they tell people the time.
    is_time = re.fullmatch(r"[0-9]{13}", save.version)
    if not is_time:
        return say(
            "Someone saved the map at the same moment as umap-bot, and uMap no longer has that "
            "version, because it keeps too few. Check whether anything is missing on the map."
        )
    return say(
        "Someone saved the map at the same moment as umap-bot (about {time}), and uMap no "
        "longer has that version, because it keeps too few. Check whether anything is "
        "missing on the map.",
        time=datetime.fromtimestamp(int(save.version) / 1000, UTC),
    )


class _Sight(msgspec.Struct, frozen=True):
    """A feature as a lost save looks at it: its slice, what it says, and its cells."""

    raw: bytes
    feature: Feature
    cells: Cells


Same = int
"""A number that stands for one feature, however it is spelled in the layers compared."""


class _LostSave:
    """One lost save, to be put back into a layer."""

    def __init__(self, was: Collection, ours: Collection, lost: Collection, key: str) -> None:
        self._census = _Census(key)
        self._was, self._ours, self._lost = (self._counted(part.features) for part in (was, ours, lost))

    def paid(self, slices: list[bytes]) -> list[bytes]:
        """Return the slices with what the lost save changed, where it stands as we wrote it."""
        standing = self._counted(slices)
        for same, lost in self._lost.items():
            self._put_back(same, lost, standing)
        for same in self._was.keys() - self._lost.keys():
            self._take_away(same, standing)
        return [sight.raw for sight in standing.values()]

    def _counted(self, slices: Iterable[bytes]) -> dict[Same, _Sight]:
        sights = [_sight(raw) for raw in slices]
        return dict(zip(self._census.count(sights), sights, strict=True))

    def _put_back(self, same: Same, lost: _Sight, standing: dict[Same, _Sight]) -> None:
        """Put back what the lost save changed in one feature, or added."""
        was = self._cells(self._was, same)
        changed = _differing(was, lost.cells)
        if not changed:
            return
        if same not in standing:
            if same not in self._ours:  # we deleted it, or never had it; nobody brought it back since
                standing[same] = lost
            return
        ours, now = self._cells(self._ours, same) or was, standing[same]
        still = [name for name in changed if _same(name, now.cells, ours)]
        names = [name for name in still if not _same(name, now.cells, lost.cells)]
        if names:
            standing[same] = _sight(copy_cells(now.raw, names, lost.raw))

    def _take_away(self, same: Same, standing: dict[Same, _Sight]) -> None:
        """Take away what the lost save deleted, unless somebody changed it since."""
        ours, now = self._ours.get(same), standing.get(same)
        if ours and now and not _differing(ours.cells, now.cells):
            del standing[same]

    @staticmethod
    def _cells(layer: dict[Same, _Sight], same: Same) -> Cells:
        return layer[same].cells if same in layer else {}


class _Census:
    """Tells which features of several layers are one: by uMap id, else by key, else by content.

    In one layer no two are one, so a person's copy of a feature is a feature of its own.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        self._known: dict[tuple[str, str], Same] = {}
        self._next = 0

    def count(self, sights: list[_Sight]) -> list[Same]:
        """Return each feature's number, in the layer's order."""
        marks = [self._marks(sight) for sight in sights]
        numbers: dict[int, Same] = {}
        taken: set[Same] = set()
        for rank, kind in enumerate(_MARKS):
            for place, of in enumerate(marks):
                same = self._known.get((kind, of[rank])) if of[rank] else None
                if place not in numbers and same is not None and same not in taken:
                    numbers[place] = same
                    taken.add(same)
        for place, of in enumerate(marks):
            if place not in numbers:
                numbers[place], self._next = self._next, self._next + 1
            for kind, mark in zip(_MARKS, of, strict=True):
                self._known.setdefault((kind, mark), numbers[place])
        return [numbers[place] for place in range(len(sights))]

    def _marks(self, sight: _Sight) -> tuple[str, str, str]:
        """Return what a feature is known by; "" for what it does not have."""
        umap_id = sight.feature.umap_id or ""
        key = key_of(sight.feature, self._key) if self._key else None
        return umap_id if VALID_ID.fullmatch(umap_id) else "", key or "", content(sight.feature)


_MARKS = ("id", "key", "content")


def _sight(raw: bytes) -> _Sight:
    feature = decode(raw)
    return _Sight(raw, feature, cells_of(feature))


def _differing(one: Cells, other: Cells) -> list[str]:
    return [name for name in dict.fromkeys((*one, *other)) if not _same(name, one, other)]


def _same(name: str, one: Cells, other: Cells) -> bool:
    return cell_canonical(name, one.get(name)) == cell_canonical(name, other.get(name))
