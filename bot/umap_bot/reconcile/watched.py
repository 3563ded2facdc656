"""What became of a layer that is only watched: two versions of it compared, with no file beside them.

A feature is followed by its bytes, then by uMap's id, then by what it holds. Only in a save that dealt out
new ids is it also followed by its place and name: elsewhere an id that is gone is a feature that is gone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET

from umap_bot.model.base import Base, Known
from umap_bot.model.canon import Canon, Geometry, Value, canonical, canonical_geometry, digest, digest_bytes
from umap_bot.model.change import Change, Create, Delete, Field, Move, Update, point_of
from umap_bot.model.layer import Feature
from umap_bot.model.plan import sort_changes
from umap_bot.reconcile.slices import content, decode
from umap_bot.reconcile.threeway import feature_name

T = TypeVar("T")
Mark: TypeAlias = Callable[[Mapping[str, Value], Geometry | None], str]

STYLE: Final = "_umap_options"
"""The property in which uMap keeps a feature's own style and popup."""

_KEY: Final = 10
"""Characters of the digest that names a feature without an id of its own."""


class Comparison(msgspec.Struct, frozen=True):
    """What one version changed against the one before.

    `seen` is the later version, to be compared with the next. `renumbered` counts the features that only got
    another id of uMap's.
    """

    changes: tuple[Change, ...]
    seen: Base
    renumbered: int = 0


def compare(before: Base | None, slices: Sequence[bytes], layer_id: str) -> Comparison:
    """Compare a layer as it is with what was seen of it last (None: nothing)."""
    followed = _Followed(before.known if before else {}, slices)
    changes = sort_changes([*followed.changes(), *followed.gone()])
    seen = Base(layer_id=layer_id, commit="", key="", columns=(), places=True, known=followed.seen())
    return Comparison(changes, seen, followed.renumbered)


def emptied(before: Base | None, layer_id: str) -> Comparison:
    """Compare a layer that is no longer on the map with what was seen of it last."""
    return compare(before, (), layer_id)


class _Followed:
    """The features of a version, each under the key that it had before, or a new one."""

    def __init__(self, known: Mapping[str, Known], slices: Sequence[bytes]) -> None:
        self._known = known
        self._slices = slices
        self._digests = [digest_bytes(raw) for raw in slices]
        self._keys: dict[int, str] = {}
        self._left = dict(known)
        self._taken = {*known}
        self._follow(dict(enumerate(self._digests)), lambda row: row.raw)
        self._features = {place: decode(raw) for place, raw in enumerate(slices) if place not in self._keys}
        self._follow(self._by(lambda feature: feature.umap_id), lambda row: row.umap_id)
        self.renumbered = self._follow(self._by(content), lambda row: row.row)
        if self.renumbered or not all(feature.umap_id for feature in self._features.values()):
            self._by_likeness()

    def _by(self, mark: Callable[[Feature], str | None]) -> dict[int, str | None]:
        free = ((place, each) for place, each in self._features.items() if place not in self._keys)
        return {place: mark(feature) for place, feature in free}

    def _follow(self, places: Mapping[int, str | None], mark: Callable[[Known], str | None]) -> int:
        """Match features with known rows of the same mark, in order. Return how many got a key."""
        waiting: defaultdict[str | None, list[str]] = defaultdict(list)
        for key, row in self._left.items() if places else ():
            waiting[mark(row)].append(key)
        found = 0
        for place, own in places.items():
            if own and (keys := waiting.get(own)):
                self._keys[place] = key = keys.pop(0)
                self._left.pop(key)
                found += 1
        return found

    def _by_likeness(self) -> None:
        """Follow what was renumbered and edited in one save: by place and name, by place, by name, wherever
        just one feature on each side has it."""
        for mark in (_named_place, _place, _name):
            rows = _alone((mark(row.properties, row.geometry), key) for key, row in self._left.items())
            places = self._by(partial(_marked, mark))
            for own, place in _alone((own or "", place) for place, own in places.items()).items():
                if own and own in rows:
                    self._keys[place] = rows[own]
                    self._left.pop(rows[own])

    def changes(self) -> Iterator[Change]:
        """Return what was added and changed; give keys to what was added."""
        for place, feature in self._features.items():
            key = self._keys.get(place)
            if key is not None:
                yield from _updated(key, self._known[key], feature)
                continue
            self._keys[place] = key = self._new_key(feature)
            yield Create(
                key=key,
                name=feature_name(None, feature, ""),
                properties=feature.properties,
                geometry=feature.geometry,
                umap_id=feature.umap_id,
                at=point_of(feature.geometry),
            )

    def gone(self) -> Iterator[Delete]:
        """Return what was removed, with its text."""
        for key, row in self._left.items():
            feature = Feature(row.properties, row.geometry, row.umap_id)
            yield Delete(
                key=key,
                name=feature_name(None, feature, ""),
                umap_id=row.umap_id,
                raw=_text(row),
                at=point_of(row.geometry),
                why="map",
            )

    def seen(self) -> dict[str, Known]:
        """Return the rows of this version, in its order. What is as it was is not stored anew."""
        return {self._keys[place]: self._row(place, mark) for place, mark in enumerate(self._digests)}

    def _row(self, place: int, mark: str) -> Known:
        feature = self._features.get(place)
        if feature is None:
            return self._known[self._keys[place]]
        return Known.of(feature.properties, feature.geometry, feature.umap_id, content(feature), mark)

    def _new_key(self, feature: Feature) -> str:
        """Return the feature's id on the map; of one without, or whose id another has, a made one."""
        own = feature.umap_id or content(feature)[:_KEY]
        key, number = own, 1
        while key in self._taken:
            number += 1
            key = f"{own}-{number}"
        self._taken.add(key)
        return key


def _text(row: Known) -> str:
    members = {"type": "Feature", "properties": row.stored_properties, "geometry": row.stored_geometry}
    return msgspec.json.encode({**members, "id": row.umap_id} if row.umap_id else members).decode()


def _updated(key: str, before: Known, after: Feature) -> Iterator[Update]:
    old, new = _cells(before.properties), _cells(after.properties)
    names = [*old, *(name for name in new if name not in old)]
    fields = tuple(
        Field(name, old.get(name, UNSET), new.get(name, UNSET))
        for name in names
        if canonical(old.get(name)) != canonical(new.get(name))
    )
    place = before.geometry
    moved = canonical_geometry(place) != canonical_geometry(after.geometry)
    if fields or moved:
        yield Update(
            key=key,
            name=feature_name(None, after, "") or feature_name(None, Feature(before.properties), ""),
            fields=fields,
            move=Move(place, after.geometry) if moved else None,
            umap_id=after.umap_id,
            at=point_of(after.geometry),
        )


def _cells(properties: Mapping[str, Value]) -> dict[str, Value]:
    """Return the properties, with each setting of the feature's own style as one."""
    style = properties.get(STYLE)
    if not isinstance(style, dict):
        return dict(properties)
    rest = {name: value for name, value in properties.items() if name != STYLE}
    return {**rest, **{f"{STYLE}.{name}": value for name, value in style.items()}}


def _alone(marked: Iterable[tuple[str, T]]) -> dict[str, T]:
    """Return what is the only one with its mark, by it."""
    found = tuple(marked)
    times = Counter(mark for mark, _ in found)
    return {mark: one for mark, one in found if times[mark] == 1}


def _marked(mark: Mark, feature: Feature) -> str:
    return mark(feature.properties, feature.geometry)


def styles_of(changes: Iterable[Change]) -> dict[str, str]:
    """Return what people read for each setting of a feature's own style that changes."""
    prefix = f"{STYLE}."
    names = {field.name for each in changes if isinstance(each, Update) for field in each.fields}
    return {name: f"style: {name.removeprefix(prefix)}" for name in names if name.startswith(prefix)}


def _named_place(properties: Mapping[str, Value], geometry: Geometry | None) -> str:
    name, place = _name(properties, geometry), _place(properties, geometry)
    return f"{name} {place}" if name and place else ""


def _place(_: Mapping[str, Value], geometry: Geometry | None) -> str:
    canon: Canon = canonical_geometry(geometry)
    return digest(canon) if canon else ""


def _name(properties: Mapping[str, Value], _: Geometry | None) -> str:
    return feature_name(None, Feature(dict(properties)), "")
