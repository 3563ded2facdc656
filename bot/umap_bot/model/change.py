"""What a plan would do to one feature: Create, Update or Delete, each with its inverse."""

from __future__ import annotations

from math import asin, atan2, cos, degrees, pi, radians, sin, sqrt
from sys import float_info
from typing import Final, TypeAlias, TypeGuard

import msgspec
from msgspec import UNSET, UnsetType

from umap_bot.model.canon import Canon, Geometry, Value, canonical, canonical_geometry
from umap_bot.model.decoding import values_of

Point: TypeAlias = tuple[float, float]
"""Longitude and latitude, degrees."""

EARTH_RADIUS: Final = 6_371_008.8
"""Metres, the mean radius (IUGG)."""


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """One property, before and after. Unset means: the feature has no such property."""

    name: str
    before: Value | UnsetType = UNSET
    after: Value | UnsetType = UNSET

    def inverse(self) -> Field:
        return Field(self.name, self.after, self.before)


class Move(msgspec.Struct, frozen=True):
    """The geometry, before and after; None where there is none."""

    before: Geometry | None
    after: Geometry | None

    def inverse(self) -> Move:
        return Move(self.after, self.before)

    @property
    def metres(self) -> float | None:
        """How far a point moved; None if either side is no point. Haversine, good to 0.6 %."""
        start, end = point_of(self.before), point_of(self.after)
        both_points = all(
            geometry and geometry.get("type") == "Point" for geometry in (self.before, self.after)
        )
        return distance(start, end) if start and end and both_points else None

    @property
    def bearing(self) -> float | None:
        """Towards where a point moved, degrees clockwise from north; None as for `metres`."""
        start, end = point_of(self.before), point_of(self.after)
        return bearing(start, end) if start and end and self.metres is not None else None


class Create(msgspec.Struct, frozen=True, tag="create", kw_only=True):
    """A feature that the map will hold. `raw` is its exact text if it once stood, else empty.

    In every change, `at`, `place`, `context` and `name` are for people and for `apply`: where it is, which
    slice of the collection it is, unchanged columns beside it, what to call it. They are no effects.
    """

    key: str
    name: str
    properties: dict[str, Value]
    geometry: Geometry | None
    umap_id: str | None = None
    raw: str = ""
    at: Point | None = None
    recreates: bool = False

    def inverse(self) -> Delete:
        return Delete(key=self.key, name=self.name, umap_id=self.umap_id, raw=self.raw, at=self.at)

    def effect(self) -> Canon:
        return ["create", self.key, canonical(dict(self.properties)), canonical_geometry(self.geometry)]


class Update(msgspec.Struct, frozen=True, tag="update", kw_only=True):
    """Fields and perhaps the geometry of a feature that stands."""

    key: str
    name: str
    fields: tuple[Field, ...] = ()
    move: Move | None = None
    umap_id: str | None = None
    place: int = -1
    at: Point | None = None
    context: dict[str, str] = {}

    def inverse(self) -> Update:
        return msgspec.structs.replace(
            self,
            fields=tuple(field.inverse() for field in self.fields),
            move=self.move.inverse() if self.move else None,
        )

    def effect(self) -> Canon:
        fields: list[Canon] = [
            [field.name, _of(field.before), _of(field.after)]
            for field in sorted(self.fields, key=lambda field: field.name)
        ]
        move: Canon = None
        if self.move:
            move = [canonical_geometry(self.move.before), canonical_geometry(self.move.after)]
        return ["update", self.key, fields, move]


class Delete(msgspec.Struct, frozen=True, tag="delete", kw_only=True):
    """A feature that stands and goes. `raw` is its exact text, so that it can be put back.

    `why` is "row" (its row is gone from the file), "double" (the second copy of one key), "foreign"
    (added on the map, and the policy is to remove such), "undo" (the run that added it is undone) or "map"
    (a watched layer: somebody removed it there).
    """

    key: str
    name: str
    umap_id: str | None = None
    raw: str = ""
    place: int = -1
    at: Point | None = None
    why: str = "row"

    def inverse(self) -> Create:
        members = values_of(self.raw.encode()).members
        properties, geometry = members.get("properties"), members.get("geometry")
        return Create(
            key=self.key,
            name=self.name,
            properties=properties if isinstance(properties, dict) else {},
            geometry=geometry if isinstance(geometry, dict) else None,
            umap_id=self.umap_id,
            raw=self.raw,
            at=self.at,
        )

    def effect(self) -> Canon:
        return ["delete", self.key, self.why, _content(self.raw)]


Change: TypeAlias = Create | Update | Delete


def _of(value: Value | UnsetType) -> Canon:
    return None if value is UNSET else canonical(value)


def _content(raw: str) -> Canon:
    """Return what a feature holds but its uMap id, which uMap's editor deals out anew as it likes."""
    members = values_of(raw.encode()).members if raw else {}
    members.pop("id", None)
    geometry = members.pop("geometry", None)
    place = canonical_geometry(geometry) if isinstance(geometry, dict) else canonical(geometry)
    return [canonical(members), place]


def point_of(geometry: Geometry | None) -> Point | None:
    """Return the first position of a geometry, or None if it has none that is two numbers."""
    position: Value = geometry.get("coordinates") if geometry else None
    while isinstance(position, list) and position and isinstance(position[0], list):
        position = position[0]
    if not isinstance(position, list) or len(position) < 2:  # noqa: PLR2004  longitude and latitude
        return None
    longitude, latitude = position[:2]
    if _is_number(longitude) and _is_number(latitude):
        return float(longitude), float(latitude)
    return None


def _is_number(value: Value) -> TypeGuard[float]:
    """Tell whether it is a number that a float can hold: integers may be larger."""
    return isinstance(value, (int, float)) and abs(value) <= float_info.max


def distance(start: Point, end: Point) -> float:
    """Return the great-circle distance in metres (haversine)."""
    (lon1, lat1), (lon2, lat2) = (tuple(map(radians, point)) for point in (start, end))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(sqrt(min(1.0, max(0.0, half))))


def bearing(start: Point, end: Point) -> float:
    """Return the first course from start to end, degrees clockwise from north, 0 to 360."""
    (lon1, lat1), (lon2, lat2) = (tuple(map(radians, point)) for point in (start, end))
    across = sin(lon2 - lon1) * cos(lat2)
    along = cos(lat1) * sin(lat2) - sin(lat1) * cos(lat2) * cos(lon2 - lon1)
    return degrees(atan2(across, along) % (2 * pi))
