"""What a settled run saw of the map beside its features, so that the next can tell what people changed."""

from __future__ import annotations

import msgspec

from umap_bot.model.canon import Value


class Seen(msgspec.Struct, frozen=True):
    """`settings` are those of the layer, `name` and `layer_id` its own, `release` uMap's.

    `known` are the versions that uMap listed then, `ours` those among them that pushes of ours had stored.
    `gone`: a watched layer that is no longer on the map, which was told.
    """

    name: str
    release: str
    settings: dict[str, Value] = {}
    known: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    layer_id: str = ""  # not kept before the tables' version 3
    gone: bool = False
