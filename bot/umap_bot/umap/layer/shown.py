"""Two maps that are one: a layer that shows, as remote data, a layer of another map of its site."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

import msgspec

from umap_bot.errors import BotError, SettingsError
from umap_bot.model.layer import Entry
from umap_bot.text import Text, say
from umap_bot.umap.address import Address, origin_of
from umap_bot.umap.entry import find_layer
from umap_bot.umap.map import UmapMap
from umap_bot.umap.ways.access import Everyone

_LAYER: Final = re.compile(
    r"(?P<base>.*?)(?:/[a-z]{2,3}(?:-[A-Za-z]{2,4})?)?/datalayer/(?P<map>\d+)/(?P<layer>[0-9A-Za-z-]+)/?"
)


class Shown(msgspec.Struct, frozen=True):
    """The layer that holds the data. `layer` is its name, or its id if strangers can't see it."""

    layer: str
    map_id: str
    map_url: str

    @property
    def sentence(self) -> Text:
        return say("This layer shows layer “{name}” of map {map}.", name=self.layer, map=self.map_id)


def shown_by(of: UmapMap, entry: Entry) -> Shown | None:
    """Return the layer of the same site that a layer of `of` shows; None if it shows something else.

    One request, to learn the name.
    """
    found = place_of(entry.remote or "", of.address)
    if found is None:
        return None
    other, layer_id = found
    try:
        layer = find_layer(UmapMap(other, Everyone(), of.wire).look(), layer_id).name
    except BotError:
        layer = layer_id
    return Shown(layer, other.map_id, other.url)


def place_of(remote: str, here: Address) -> tuple[Address, str] | None:
    """Return map and layer that an address of remote data is of; None if it is none of this site."""
    try:
        parts = urlsplit(remote.removesuffix("?…"))
        origin = origin_of(remote) if parts.scheme else here.origin
    except (SettingsError, ValueError):
        return None
    found = _LAYER.fullmatch(parts.path)
    if found is None or found["base"] != here.base or _host(origin) != _host(here.origin):
        return None
    return msgspec.structs.replace(here, map_id=found["map"], slug="map"), found["layer"]


def _host(origin: str | None) -> str:
    return (origin or "").partition("://")[2]
