"""Columns that vanished from the file, with what they may be called now, or that a setting leaves out now."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from umap_bot.model.base import Base
from umap_bot.model.canon import canonical
from umap_bot.model.drift import GoneColumn
from umap_bot.model.layer import Layer
from umap_bot.reconcile.sides import Sides

ALIKE: Final = Fraction(4, 5)
"""From which share of equal values on a new column is taken for a renamed one, in words only."""


def gone_columns(sides: Sides) -> tuple[GoneColumn, ...]:
    """Name the columns that vanished, each with the new one that holds the same values, and those that a
    setting now leaves out."""
    if sides.base is None:
        return ()
    new = [name for name in sides.desired.owned if name not in sides.base.columns]
    gone = [name for name in sides.base_columns if name not in sides.desired.columns]
    return tuple(_gone_column(name, new, sides.base, sides.desired) for name in gone)


def places_gone(sides: Sides) -> bool:
    """Tell whether the file owned the places as last published, and has no coordinates now."""
    return sides.base is not None and sides.base.places and not sides.desired.places


def _gone_column(name: str, new: list[str], base: Base, desired: Layer) -> GoneColumn:
    if name in desired.unpublished:
        return GoneColumn(name, header=desired.headers.get(name, name), left_out=True)
    common = [key for key in base.known if key in desired.rows]
    before = [canonical(base.known[key].properties.get(name)) for key in common]
    best = GoneColumn(name, total=len(common))
    for candidate in new:
        after = (canonical(desired.rows[key].properties.get(candidate)) for key in common)
        equal = sum(value is not None and value == then for value, then in zip(before, after, strict=True))
        if equal > best.equal and equal >= ALIKE * len(common):
            best = GoneColumn(name, candidate, desired.headers.get(candidate, candidate), equal, len(common))
    return best
