"""A layer as it was stored before a run changed it."""

from __future__ import annotations

import msgspec

from umap_bot.model.canon import Value
from umap_bot.model.layer import Collection


class LayerSettings(msgspec.Struct, frozen=True):
    """A layer's settings as the map's page had them: name, style, popup. Nothing secret is among them."""

    settings: dict[str, Value]


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """The layer before the first push of a run.

    `layer` is its name in the state, the other names and the address are as people saw them then. `settings`
    is None in a backup that an umap-bot made which did not keep them yet.
    """

    run: int
    layer: str
    layer_name: str
    map_name: str
    map_url: str
    standing: Collection
    settings: LayerSettings | None
