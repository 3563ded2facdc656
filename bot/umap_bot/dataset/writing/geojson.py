"""A layer as GeoJSON, one feature a line, so that git shows which one changed."""

from __future__ import annotations

import msgspec

from umap_bot.dataset.writing.cells import Losses, json_value
from umap_bot.dataset.writing.grid import Grid, Row
from umap_bot.model.canon import Value


def write(grid: Grid, losses: Losses) -> bytes:
    """Write the features: type, properties, geometry. Values keep their types and their spelling."""
    lines = ",\n".join(_line(row, losses) for row in grid.rows)
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'.encode()


def _line(row: Row, losses: Losses) -> str:
    properties: dict[str, Value] = {}
    for column, value in row.cells.items():
        properties[column] = json_value(value)
        losses.compare(column, value, properties[column])
    feature = {"type": "Feature", "properties": properties, "geometry": row.geometry}
    return msgspec.json.encode(feature).decode()
