"""What matching features drawn by hand with the rows of the file came to."""

from __future__ import annotations

from typing import Literal

import msgspec

from umap_bot.text import Text

How = Literal["hand", "name", "place"]


class Drawn(msgspec.Struct, frozen=True):
    """A feature without a key. `reference` is what people name it by to pair it: its uMap id, else its
    position (`geo:45.7,4.8`); "" if another one has the same.

    `position` is where it is, "latitude,longitude", "" if it is nowhere. `metres` is how far it is from the
    row that it is told with, None if either has no place.
    """

    name: str
    reference: str
    position: str
    metres: float | None


class Row(msgspec.Struct, frozen=True):
    """A row of the file. `line` is its number there, if that is known."""

    key: str
    name: str
    line: int | None


class Match(Row, frozen=True):
    """A row, and the one feature that it is. `place` is the feature's in the layer."""

    place: int
    feature: Drawn
    how: How


class Doubt(Row, frozen=True):
    """A row that may be one of several, or of one that is also another's. The nearest comes first."""

    why: Text
    candidates: tuple[Drawn, ...]


class Pairing(msgspec.Struct, frozen=True):
    """What came of it. `rows` are left over, `unplaced` such that have no coordinates, so that a sync does
    not add them; `features` are those left over on the map.
    """

    sure: tuple[Match, ...] = ()
    doubtful: tuple[Doubt, ...] = ()
    rows: tuple[Row, ...] = ()
    unplaced: tuple[Row, ...] = ()
    features: tuple[Drawn, ...] = ()
