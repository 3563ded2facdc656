"""What a person decided beforehand: who wins, and how much may change unasked."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

DriftPolicy = Literal["overwrite", "keep", "hold", "propose"]
DeletedPolicy = Literal["hold", "recreate", "keep"]
ForeignPolicy = Literal["keep", "remove", "hold"]


class Policy(msgspec.Struct, frozen=True):
    """Who wins where a person changed the map: SYNC_DRIFT, SYNC_DELETED, SYNC_FOREIGN.

    "propose": the map's value is kept, and proposed for the file after the run; a person is asked who wins if
    the proposal is refused.
    """

    drift: DriftPolicy = "overwrite"
    deleted: DeletedPolicy = "hold"
    foreign: ForeignPolicy = "keep"

    @property
    def asks_of_last_run(self) -> bool:
        """Tell whether a plan is compared with what the last run changed: where people's edits stay, an old
        copy of the map that somebody saved looks like many edits."""
        return self.drift in ("keep", "propose")


class Area(msgspec.Struct, frozen=True):
    """SYNC_AREA, in degrees. `west` may be greater than `east`: the area then crosses the date line."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, longitude: float, latitude: float) -> bool:
        if not self.south <= latitude <= self.north:
            return False
        if self.west <= self.east:
            return self.west <= longitude <= self.east
        return longitude >= self.west or longitude <= self.east


class Limit(msgspec.Struct, frozen=True):
    """How many features may change unasked: `most` percent of the features of ours, or `most` features.

    Exact, as a person wrote it: with binary fractions, 29 of 100 would be more than 29 %.
    """

    most: Decimal
    unit: Literal["percent", "features"] = "percent"

    def is_exceeded(self, count: int, total: int, floor: int = 1) -> bool:
        """Tell whether `count` of `total` features are too many. Any share allows `floor` of them, or a small
        map would be asked about at each change; a number of features is meant as it is written."""
        if self.unit == "features":
            return count > self.most
        return count > floor and 100 * count > self.most * total


class Limits(msgspec.Struct, frozen=True):
    """How much a sync may change unasked."""

    deletes: Limit = Limit(Decimal(10))
    updates: Limit = Limit(Decimal(50))
    creates: Limit = Limit(Decimal(100))
    creates_floor: int = 20
    may_be_empty: bool = False
    area: Area | None = None
