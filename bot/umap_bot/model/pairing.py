"""What matching features drawn by hand with the rows of the file came to."""

from __future__ import annotations

from typing import Literal

import msgspec

from umap_bot.text import Text

How = Literal["hand", "name", "place"]


class Match(msgspec.Struct, frozen=True):
    """A row and a feature that are one. `metres` is None if either has no place."""

    key: str
    name: str
    place: int
    feature: str
    umap_id: str | None
    how: How
    metres: float | None


class Candidate(msgspec.Struct, frozen=True):
    """A feature, or a row, that a doubtful one may be."""

    name: str
    umap_id: str | None
    metres: float | None


class Doubt(msgspec.Struct, frozen=True):
    """A row that may be one of several, or of one that is also another's. The nearest comes first."""

    key: str
    name: str
    why: Text
    candidates: tuple[Candidate, ...]


class Pairing(msgspec.Struct, frozen=True):
    """What came of it. `rows` and `unplaced` are keys of rows left over, with and without coordinates,
    `features` those left over on the map."""

    sure: tuple[Match, ...] = ()
    doubtful: tuple[Doubt, ...] = ()
    rows: tuple[str, ...] = ()
    features: tuple[Candidate, ...] = ()
    unplaced: tuple[str, ...] = ()
