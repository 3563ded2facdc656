"""Which feature drawn by hand is which row: by name, else by place; never by a guess.

A pair is sure only if each is the other's one candidate. Everything else is doubtful and is told with the
reason, for a person to settle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from umap_bot.errors import UsageError
from umap_bot.model.canon import canonical, nfc
from umap_bot.model.change import distance, point_of
from umap_bot.model.layer import Feature, Layer
from umap_bot.model.pairing import Candidate, Doubt, How, Match, Pairing
from umap_bot.reconcile.identity import Standing
from umap_bot.reconcile.names import fold
from umap_bot.reconcile.nearby import Nearby
from umap_bot.reconcile.threeway import feature_name
from umap_bot.text import Text, say, say_n

NEAR: Final = 500.0
"""Metres within which a row and a feature may be one place."""

FAR: Final = 20
"""How many times `near` two of the same name may lie apart before that is no longer sure."""

_MOST: Final = 20
"""Candidates of a doubtful row that are named: the nearest."""

_LOOK: Final = say("umap-bot adopt shows both sides.")
_Id = TypeVar("_Id", str, int)


def pair(
    desired: Layer,
    keys: Iterable[str],
    drawn: Iterable[Standing],
    *,
    match: tuple[str, ...] = ("name",),
    near: float = NEAR,
    by_hand: Mapping[str, str] | None = None,
) -> Pairing:
    """Pair rows (of these keys) with features that have no key.

    `by_hand` goes from key to uMap id. Raise UsageError if it names what is not there to be paired.
    A feature that can't be read whole is nobody's: with a key it could never be synced.
    """
    work = _Work(desired, list(keys), [one for one in drawn if not one.feature.unread], near)
    work.settle_by_hand(by_hand or {})
    work.pair_by_name(match)
    work.pair_by_place()
    return work.result()


class _Work:
    """The pairing as it goes on: what is still free on both sides, and what was found.

    `perhaps` are the places of what doubtful rows may be: they are nobody else's, and not left over.
    """

    def __init__(self, desired: Layer, keys: list[str], drawn: list[Standing], near: float) -> None:
        self._desired = desired
        self._near = near
        self._rows = {key: desired.rows[key] for key in keys}
        self._features = {standing.place: standing.feature for standing in drawn}
        self._at = {place: point_of(feature.geometry) for place, feature in self._features.items()}
        self._sure: list[Match] = []
        self._doubts: dict[str, Doubt] = {}
        self._perhaps: set[int] = set()

    def settle_by_hand(self, by_hand: Mapping[str, str]) -> None:
        places = {feature.umap_id: place for place, feature in self._features.items() if feature.umap_id}
        for key, umap_id in by_hand.items():
            if key not in self._rows:
                raise UsageError(
                    say('No row with the id "{key}" waits for a feature.', key=key), way_out=_LOOK
                )
            if umap_id not in places or places[umap_id] not in self._features:
                raise UsageError(
                    say('No feature "{feature}" without an id is on the map.', feature=umap_id), way_out=_LOOK
                )
            self._take(key, places[umap_id], "hand")

    def pair_by_name(self, match: tuple[str, ...]) -> None:
        rows, features = self._by_mark(self._rows, match), self._by_mark(self._features, match)
        for mark in rows.keys() & features.keys():
            keys, places = rows[mark], features[mark]
            if len(keys) == len(places) == 1:
                self._take_if_near(keys[0], places[0])
            else:
                self._part_by_place(keys, places)

    def _by_mark(self, group: Mapping[_Id, Feature], match: tuple[str, ...]) -> dict[str, list[_Id]]:
        """Group by what the columns say, folded; what says nothing is in no group."""
        found: dict[str, list[_Id]] = defaultdict(list)
        for name, feature in group.items():
            values = [canonical(feature.properties.get(nfc(column))) for column in match]
            mark = "\x00".join(fold(value) for value in values if isinstance(value, str))
            if mark.strip("\x00"):
                found[mark].append(name)
        return found

    def _take_if_near(self, key: str, place: int) -> None:
        metres = self._metres(key, place)
        if metres is not None and metres > FAR * self._near:
            self._perhaps.add(place)
            self._doubt(key, say("the name is the same, but the places are far apart"), [place])
        else:
            self._take(key, place, "name")

    def _part_by_place(self, keys: list[str], places: list[int]) -> None:
        """Several of one name: only those that are each other's nearest, and alone within reach, are sure."""
        grid = self._grid(places)
        taken = dict(self._mutual(keys, grid))
        for key, place in taken.items():
            self._take(key, place, "name")
        why = say(
            "the name stands {file} times in the file and {map} times on the map",
            file=len(keys),
            map=len(places),
        )
        left = [place for place in places if place in self._features]
        self._perhaps.update(left if len(taken) < len(keys) else ())
        for key in keys:
            if key not in taken:
                few = left if len(left) <= _MOST else self._nearest(key, grid) or left[:_MOST]
                self._doubt(key, why, few)

    def pair_by_place(self) -> None:
        keys = [key for key in self._rows if key not in self._doubts]
        free = self._grid(place for place in self._features if place not in self._perhaps)
        pairs = self._mutual(keys, free)
        for key, place in pairs:
            self._take(key, place, "place")
        taken = {key for key, _ in pairs}
        for key in keys:
            within = [] if key in taken else self._free(self._within(key, free))
            if within:
                self._perhaps.update(within)
                self._doubt(key, self._why(len(within)), within[:_MOST])

    def _why(self, count: int) -> Text:
        return say_n(
            "the only one within {metres:.0f} m may as well be another row",
            "{count} lie within {metres:.0f} m",
            count,
            metres=float(self._near),
        )

    def _grid(self, places: Iterable[int]) -> Nearby[int]:
        return Nearby(((place, self._at[place]) for place in places), self._near)

    def _mutual(self, keys: list[str], places: Nearby[int]) -> list[tuple[str, int]]:
        """Return the pairs in which each is the one candidate of the other within reach."""
        reach = {key: self._within(key, places) for key in keys}
        back: dict[int, list[str]] = defaultdict(list)
        for key, within in reach.items():
            for place in within:
                back[place].append(key)
        return [
            (key, within[0])
            for key, within in reach.items()
            if len(within) == 1 and len(back[within[0]]) == 1
        ]

    def _within(self, key: str, places: Nearby[int]) -> list[int]:
        """Return the places within reach of a row, the nearest first."""
        return [place for _, place in sorted(places.within(point_of(self._desired.rows[key].geometry)))]

    def _nearest(self, key: str, places: Nearby[int]) -> list[int]:
        return self._free(self._within(key, places))[:_MOST]

    def _free(self, places: list[int]) -> list[int]:
        return [place for place in places if place in self._features]

    def _metres(self, key: str, place: int) -> float | None:
        here, there = point_of(self._desired.rows[key].geometry), self._at[place]
        return distance(here, there) if here and there else None

    def _take(self, key: str, place: int, how: How) -> None:
        feature, row = self._features.pop(place), self._rows.pop(key)
        self._doubts.pop(key, None)
        name, drawn = feature_name(row, None, key), feature_name(None, feature, "")
        self._sure.append(Match(key, name, place, drawn, feature.umap_id, how, self._metres(key, place)))

    def _doubt(self, key: str, why: Text, places: list[int]) -> None:
        found = [self._candidate(place, self._metres(key, place)) for place in places]
        found.sort(key=lambda one: (one.metres is None, one.metres or 0, one.name, one.umap_id or ""))
        name = feature_name(self._rows[key], None, key)
        self._doubts[key] = Doubt(key, name, why, tuple(found))

    def _candidate(self, place: int, metres: float | None = None) -> Candidate:
        feature = self._features[place]
        return Candidate(feature_name(None, feature, ""), feature.umap_id, metres)

    def result(self) -> Pairing:
        left = sorted(key for key in self._rows if key not in self._doubts)
        placed = {key for key in left if self._desired.rows[key].geometry}
        features = [self._candidate(place) for place in self._features if place not in self._perhaps]
        return Pairing(
            tuple(sorted(self._sure, key=lambda one: one.key)),
            tuple(sorted(self._doubts.values(), key=lambda one: one.key)),
            tuple(key for key in left if key in placed),
            tuple(sorted(features, key=lambda one: (one.name, one.umap_id or ""))),
            tuple(key for key in left if key not in placed),
        )
