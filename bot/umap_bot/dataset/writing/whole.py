"""A layer whole, its features byte for byte: as GeoJSON, or as a file that uMap itself imports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from umap_bot.model.canon import Value
from umap_bot.model.layer import Collection

_OPTIONS: Final = "_umap_options"
_PROPERTIES: Final = "properties"
_OURS: Final = frozenset({"type", _OPTIONS, _PROPERTIES, "_storage", "id", "rank", "parent", "layers"})
"""Members of a stored layer that an import takes from elsewhere, or that would place it on another map."""


def geojson(layer: Collection) -> bytes:
    """Write the layer as uMap stored it, one feature a line."""
    return b"{" + _members(layer, list(layer.members)) + b"}\n"


def umap(
    layer: Collection, settings: Mapping[str, Value], *, layer_name: str, map_name: str, map_url: str
) -> bytes:
    """Write the map with this one layer, as uMap's own download writes it, for "Import data" in its editor.

    The layer's settings stand twice: up to 3.6 the importer reads `_umap_options`, from 3.7 on `properties`
    (protocol 8 and 15).
    """
    own = msgspec.json.encode({**settings, "name": layer_name})
    kept = [(name, value) for name, value in layer.members if name not in _OURS]
    members = [("type", b'"FeatureCollection"'), (_OPTIONS, own), (_PROPERTIES, own), *kept]
    about = msgspec.json.encode({"type": "umap", "uri": map_url, "properties": {"name": map_name}})
    return about[:-1] + b',"layers":[{' + _members(layer, members) + b"}]}\n"


def _members(layer: Collection, members: list[tuple[str, bytes]]) -> bytes:
    heads = [msgspec.json.encode(name) + b":" + value for name, value in members]
    features = b",".join(b"\n" + each for each in layer.features)
    return b",\n".join([*heads, b'"features":[' + features + b"\n]"])
