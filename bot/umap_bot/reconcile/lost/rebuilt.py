"""Base made anew of a version of the file, as the run that published it would have left it."""

from __future__ import annotations

from umap_bot.model.base import Base, Kept, Known, Origin
from umap_bot.model.layer import Feature, Layer, Live
from umap_bot.reconcile.lost.likeness import keyed
from umap_bot.reconcile.skip_unchanged import row_digest
from umap_bot.reconcile.slices import content
from umap_bot.reconcile.threeway import edited


def rebuilt(layer: Layer, origin: Origin, live: Live, before: Base | None) -> Base:
    """Return base as of this version: its rows that are on the map, or would be had nobody taken them away.

    What policy left to people is not known any more, unless `before`, the state's base of this layer, is.
    """
    features = keyed(live, layer.key)
    known = {key: _known(row, features.get(key, []), layer) for key, row in layer.rows.items()}
    same = before if before and (before.layer_id, before.key) == (live.entry.layer_id, layer.key) else None
    return Base(
        layer_id=live.entry.layer_id,
        commit=origin.commit.sha,
        key=layer.key,
        columns=layer.owned,
        places=layer.owns_geometry,
        known={key: one for key, one in known.items() if one is not None},
        kept=same.kept if same else Kept(),
        encoding=layer.reading.encoding,
        undone=same.undone if same else {},
        origin=origin,
    )


def _known(row: Feature, standing: list[Feature], layer: Layer) -> Known | None:
    """Return a row as published; None for one without coordinates that no feature has: it never was there."""
    if not standing:
        return Known.of(row.properties, row.geometry, row=row_digest(row)) if row.geometry else None
    feature = min(standing, key=lambda one: (_differs(row, one, layer), content(one), one.umap_id or ""))
    # Where a row says no place, its feature was left where it was.
    geometry = row.geometry or feature.geometry
    return Known.of(row.properties, geometry, feature.umap_id, row_digest(row))


def _differs(row: Feature, feature: Feature, layer: Layer) -> int:
    return len(edited(row, feature, layer.owned, geometry=layer.owns_geometry))
