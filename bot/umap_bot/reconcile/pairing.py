"""Which feature drawn by hand is which row: by name, else by place; never by a guess.

A pair is sure only if each is the other's one candidate. Everything else is doubtful and is told with the
reason, for a person to settle.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from umap_bot.errors import UsageError
from umap_bot.model.canon import PRECISION, canonical, nfc
from umap_bot.model.change import distance, point_of
from umap_bot.model.layer import Feature, Layer
from umap_bot.model.pairing import Doubt, Drawn, How, Match, Pairing, Row
from umap_bot.reconcile.identity import Standing
from umap_bot.reconcile.names import fold
from umap_bot.reconcile.nearby import Nearby
from umap_bot.reconcile.slices import VALID_ID
from umap_bot.reconcile.threeway import feature_name
from umap_bot.text import Text, say, say_n

NEAR: Final = 500.0
"""Metres within which a row and a feature may be one place."""

FAR: Final = 20
"""How many times `near` two of the same name may lie apart before that is no longer sure."""

_DEGREES: Final = 360
"""Beyond these is no place: maps are drawn a turn too far at the most."""

_MOST: Final = 20
"""Candidates of a doubtful row that are named: the nearest."""

_LOOK: Final = say("To see the rows and the features: umap-bot adopt")
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

    `by_hand` goes from key to the feature's reference. Raise UsageError if it names what is not there to be
    paired.
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
        self._references = _references(self._features)
        self._at = {place: point_of(feature.geometry) for place, feature in self._features.items()}
        self._sure: list[Match] = []
        self._doubts: dict[str, Doubt] = {}
        self._perhaps: set[int] = set()

    def settle_by_hand(self, by_hand: Mapping[str, str]) -> None:
        places = {reference: place for place, reference in self._references.items() if reference}
        for key, reference in by_hand.items():
            if key not in self._rows:
                raise UsageError(
                    say(
                        "{pair} can't be matched: the file has no row {key}.",
                        pair=f"{key}={reference}",
                        key=key,
                    ),
                    way_out=_LOOK,
                )
            if places.get(reference) not in self._features:
                raise UsageError(
                    say(
                        "{pair} can't be matched: the map has no feature {feature}, or it already has an id.",
                        pair=f"{key}={reference}",
                        feature=reference,
                    ),
                    way_out=_LOOK,
                )
            self._take(key, places[reference], "hand")

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
            "the name occurs {file} times in the file and {map} times on the map",
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
            "the only feature within {metres:.0f} m may belong to another row",
            "{count} features are within {metres:.0f} m",
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
        row, feature = self._row(key), self._drawn(place, self._metres(key, place))
        self._features.pop(place)
        self._rows.pop(key)
        self._doubts.pop(key, None)
        self._sure.append(Match(row.key, row.name, row.line, place, feature, how))

    def _doubt(self, key: str, why: Text, places: list[int]) -> None:
        found = [self._drawn(place, self._metres(key, place)) for place in places]
        found.sort(key=lambda one: (one.metres is None, one.metres or 0, one.name, one.reference))
        row = self._row(key)
        self._doubts[key] = Doubt(row.key, row.name, row.line, why, tuple(found))

    def _row(self, key: str) -> Row:
        return Row(key, feature_name(self._rows[key], None, key), self._desired.lines.get(key))

    def _drawn(self, place: int, metres: float | None = None) -> Drawn:
        feature = self._features[place]
        name, position = feature_name(None, feature, ""), _position(feature)
        return Drawn(name, self._references[place], position, metres)

    def result(self) -> Pairing:
        left = sorted(key for key in self._rows if key not in self._doubts)
        features = [self._drawn(place) for place in self._features if place not in self._perhaps]
        return Pairing(
            tuple(sorted(self._sure, key=lambda one: one.key)),
            tuple(sorted(self._doubts.values(), key=lambda one: one.key)),
            tuple(self._row(key) for key in left if self._rows[key].geometry is not None),
            tuple(self._row(key) for key in left if self._rows[key].geometry is None),
            tuple(sorted(features, key=lambda one: (one.name, one.reference, one.position))),
        )


def _references(features: Mapping[int, Feature]) -> dict[int, str]:
    """Return what each feature is named by in a pair: its uMap id if uMap keeps it, else its position.

    One that several would be named by names none of them. An id that uMap does not keep is another one at
    the next save, and may be anything.
    """
    ids = Counter(feature.umap_id for feature in features.values())

    def reference(feature: Feature) -> str:
        if feature.umap_id and VALID_ID.fullmatch(feature.umap_id) and ids[feature.umap_id] == 1:
            return feature.umap_id
        position = _position(feature)
        return f"geo:{position}" if position else ""  # RFC 5870; no spreadsheet takes it for a number

    found = {place: reference(feature) for place, feature in features.items()}
    times = Counter(found.values())
    return {place: name if times[name] == 1 else "" for place, name in found.items()}


def _position(feature: Feature) -> str:
    """Return the first position of a feature as people write one; "" if it has none on Earth."""
    point = point_of(feature.geometry)
    if point is None or max(map(abs, point)) > _DEGREES:
        return ""
    longitude, latitude = point
    return f"{latitude:.{PRECISION}f},{longitude:.{PRECISION}f}"
