"""Rows that took over what a person drew: a new row that says what a feature without an id says is it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from msgspec.structs import replace

from umap_bot.model.base import Base
from umap_bot.model.canon import Value, canonical, canonical_geometry, digest
from umap_bot.model.layer import Feature, Layer
from umap_bot.reconcile.identity import Identities, Standing, key_of

T = TypeVar("T")


def with_taken_over(identities: Identities, base: Base | None, desired: Layer) -> Identities:
    """Return who is who, with features that people added and whose rows are new in the file.

    Place and every column but the id are the same, and neither another row nor another feature says the same.
    What is merely alike is a person's to match.
    """
    if base is None or not desired.owns_geometry:
        return identities
    new = [key for key in desired.rows if key not in base.known and key not in identities.ours]
    drawn = [one for one in identities.unmanaged if not key_of(one.feature, desired.key)]
    if not new or not drawn:
        return identities
    rows = _single((_says(desired.rows[key], desired), key) for key in new)
    features = _single((_says(one.feature, desired), one) for one in drawn)
    found: dict[str, Standing] = {rows[said]: one for said, one in features.items() if said in rows}
    places = {one.place for one in found.values()}
    return replace(
        identities,
        ours={**identities.ours, **found},
        unmanaged=tuple(one for one in identities.unmanaged if one.place not in places),
    )


def _says(feature: Feature, desired: Layer) -> str:
    """Return the digest of what a row, or a feature, says of itself; "" if it has no place or no words."""
    place = canonical_geometry(feature.geometry)
    cells: dict[str, Value] = {
        name: feature.properties.get(name) for name in desired.columns if name != desired.key
    }
    words = canonical(cells)
    return digest([words, place]) if words and place else ""


def _single(pairs: Iterable[tuple[str, T]]) -> Mapping[str, T]:
    """Return what is said by one alone."""
    found: dict[str, list[T]] = {}
    for said, one in pairs:
        found.setdefault(said, []).append(one)
    return dict(_alone(found))


def _alone(found: Mapping[str, list[T]]) -> Iterator[tuple[str, T]]:
    return ((said, ones[0]) for said, ones in found.items() if said and len(ones) == 1)
