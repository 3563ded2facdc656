"""What a person decided beforehand: who wins, and how much may change unasked."""

from __future__ import annotations

from typing import Literal

import msgspec

DriftPolicy = Literal["overwrite", "keep", "hold"]
DeletedPolicy = Literal["hold", "recreate", "keep"]
ForeignPolicy = Literal["keep", "remove", "hold"]


class Policy(msgspec.Struct, frozen=True):
    """Who wins where a person changed the map: SYNC_DRIFT, SYNC_DELETED, SYNC_FOREIGN."""

    drift: DriftPolicy = "overwrite"
    deleted: DeletedPolicy = "hold"
    foreign: ForeignPolicy = "keep"


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


class Limits(msgspec.Struct, frozen=True):
    """How much a sync may change unasked. Shares are of n, the features of ours on the map, 0 to 1."""

    deletes: float = 0.10
    updates: float = 0.50
    creates: float = 1.00
    creates_floor: int = 20
    may_be_empty: bool = False
    area: Area | None = None
