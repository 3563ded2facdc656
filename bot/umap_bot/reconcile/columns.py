"""Columns that vanished from the file, with what they may be called now, or that a setting leaves out now."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from umap_bot.errors import DatasetError
from umap_bot.model.base import Base
from umap_bot.model.canon import Value, canonical
from umap_bot.model.drift import GoneColumn
from umap_bot.model.layer import Layer, Live
from umap_bot.reconcile.sides import Sides
from umap_bot.reconcile.slices import decode
from umap_bot.text import say

ALIKE: Final = Fraction(4, 5)
"""From which share of equal values on a new column is taken for a renamed one, in words only."""


def gone_columns(sides: Sides) -> tuple[GoneColumn, ...]:
    """Name the columns that vanished, each with the new one that holds the same values, and those that a
    setting now leaves out."""
    if sides.base is None:
        return ()
    new = [name for name in sides.desired.owned if name not in sides.base.columns]
    gone = [name for name in sides.base_columns if name not in sides.desired.columns]
    before = _before(sides.base, sides.desired) if gone else {}
    if sides.waiting:  # what only rows that wait still have was told when it went from the others
        gone = [name for name in gone if any(name in properties for properties in before.values())]
    return tuple(_gone_column(name, new, before, sides.desired) for name in gone)


def _before(base: Base, desired: Layer) -> dict[str, dict[str, Value]]:
    """Return the rows of base that are in the file still: their properties, each decoded once."""
    return {key: known.properties for key, known in base.known.items() if key in desired.rows}


def refuse_unnamed(desired: Layer, live: Live) -> None:
    """Raise DatasetError for a name in REPORT_HIDE that nothing has: people think that it hides something."""
    for name in desired.unnamed:
        if not any(name in decode(raw).properties for raw in live.standing.features):
            raise DatasetError(
                say('REPORT_HIDE: there is no column "{column}", in the file or on the map.', column=name),
                way_out=say("Correct the name, or remove it from REPORT_HIDE."),
            )


def places_gone(sides: Sides) -> bool:
    """Tell whether the file owned the places as last published, and has no coordinates now."""
    return sides.base is not None and sides.base.places and not sides.desired.places


def _gone_column(
    name: str, new: list[str], before: dict[str, dict[str, Value]], desired: Layer
) -> GoneColumn:
    if name in desired.unpublished:
        return GoneColumn(name, header=desired.headers.get(name, name), left_out=True)
    then = [canonical(properties.get(name)) for properties in before.values()]
    best = GoneColumn(name, total=len(then))
    for candidate in new:
        now = (canonical(desired.rows[key].properties.get(candidate)) for key in before)
        equal = sum(value is not None and value == other for value, other in zip(then, now, strict=True))
        if equal > best.equal and equal >= ALIKE * len(then):
            best = GoneColumn(name, candidate, desired.headers.get(candidate, candidate), equal, len(then))
    return best
