"""What is set aside before anything is decoded: features that neither side changed since base.

A slice whose digest base knows, of a row whose digest is the known one too, needs no look. This is the one
place of that optimisation: with it or without it, the plan is the same.
"""

from __future__ import annotations

import msgspec

from umap_bot.model.base import Base, Known
from umap_bot.model.canon import digest_bytes
from umap_bot.model.layer import Feature, Layer

_encode = msgspec.json.Encoder(order="sorted").encode


class Unchanged(msgspec.Struct, frozen=True):
    """`aside`: key → place of the slice, for features that need no look. `rest`: places of the others.

    `digests` are those of all slices, in their order.
    """

    aside: dict[str, int]
    rest: tuple[int, ...]
    digests: tuple[str, ...]


def row_digest(row: Feature) -> str:
    """Return the digest of a row as the dataset spells it."""
    return digest_bytes(_encode([row.properties, row.geometry]))


def set_aside(slices: tuple[bytes, ...], base: Base | None, desired: Layer, *, on: bool = True) -> Unchanged:
    """Set aside the slices that need no look. Off, all are in the rest."""
    digests = tuple(map(digest_bytes, slices))
    known = _unchanged(base, desired) if on and base and _same_shape(base, desired) else {}
    aside: dict[str, int] = {}
    rest: list[int] = []
    for place, raw_digest in enumerate(digests):
        key = known.get(raw_digest)
        if key is None or key in aside:
            rest.append(place)
        else:
            aside[key] = place
    return Unchanged(aside, tuple(rest), digests)


def _same_shape(base: Base, desired: Layer) -> bool:
    return (base.key, base.columns, base.places) == (desired.key, desired.owned, desired.owns_geometry)


def _unchanged(base: Base, desired: Layer) -> dict[str, str]:
    """Return raw digest → key, of rows that are as they were, where nothing was left or undone on the map."""
    watched, sources = base.kept.cells.keys() | base.undone.keys(), desired.sources
    return {
        known.raw: key
        for key, known in base.known.items()
        if known.raw
        and key not in watched
        and ((known.source and known.source == sources.get(key)) or _is_same(known, desired.rows.get(key)))
    }


def _is_same(known: Known, row: Feature | None) -> bool:
    return row is not None and known.row == row_digest(row)
