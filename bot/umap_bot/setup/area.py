"""The area that is offered for SYNC_AREA: where the points of the file lie."""

from __future__ import annotations

from math import ceil, floor

from umap_bot.model.area import likely_area
from umap_bot.model.change import point_of
from umap_bot.model.layer import Layer


def proposed_area(layer: Layer) -> str:
    """Return west,south,east,north around the file's points, in degrees; "" if they are too few.

    It is widened, and rounded outwards to a tenth. Points whose coordinates seem to be swapped do not count.
    """
    area = likely_area([point for row in layer.rows.values() if (point := point_of(row.geometry))])
    if area is None:
        return ""
    edges = (floor(area.west * 10), floor(area.south * 10), ceil(area.east * 10), ceil(area.north * 10))
    return ",".join(f"{edge / 10:.1f}" for edge in edges)
