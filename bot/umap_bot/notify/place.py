"""Which layer a message is of, and where the whole of it can be read."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from umap_bot.text import Text, say

_NAME: Final = re.compile(r"/map/(?P<map>\d+)/(?P<layer>.*)", re.DOTALL)
"""How a layer is called in the state: host/map/ID/layer."""


class Place(msgspec.Struct, frozen=True):
    """A layer, as the state calls it. `site` is the address of the report site, "" if there is none, and
    `command` what makes a sync of this layer. `alone`: no other layer was in the pass.
    """

    layer: str
    site: str = ""
    command: str = "umap-bot sync"
    alone: bool = True

    @property
    def map_id(self) -> str:
        """Return uMap's number of the map, "" if the name has none."""
        found = _NAME.search(self.layer)
        return found["map"] if found else ""

    @property
    def name(self) -> str:
        """Return the layer's own name, "" if it was not needed to find it."""
        found = _NAME.search(self.layer)
        return found["layer"] if found else self.layer

    def subject(self, what: Text) -> Text:
        """Say of which map, and of which layer if there are several, and what."""
        if not self.map_id:
            return say("[{layer}] {what}", layer=self.layer, what=what)
        if self.alone or not self.name:
            return say("[Map {map}] {what}", map=self.map_id, what=what)
        return say('[Map {map}, "{layer}"] {what}', map=self.map_id, layer=self.name, what=what)

    def whole(self, run: int) -> Text:
        """Say where all of a run can be read."""
        return say("All of it: {where}", where=self.where(run))

    def where(self, run: int) -> str:
        return f"{self.site}/run-{run}.html" if self.site else f"umap-bot show {run}"

    def log(self) -> Text:
        """Say where all runs can be read."""
        return say("The change log: {where}", where=f"{self.site}/" if self.site else "umap-bot log")
