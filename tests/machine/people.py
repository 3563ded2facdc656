"""People with the map open in a browser, and what the machine remembers of what uMap confirmed to them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.machine.memory_umap import Features, MemoryUmap


@dataclass
class Edit:
    """One cell that a person set: of a feature known by its uMap id. `cell` "" is the whole feature."""

    umap_id: str
    cell: str
    value: Any


@dataclass
class Tab:
    """A browser tab: the version it loaded, and the features as the person has changed them."""

    version: str
    features: Features
    edits: list[Edit] = field(default_factory=list)

    @classmethod
    def open(cls, umap: MemoryUmap) -> Tab:
        return cls(umap.version, json.loads(json.dumps(umap.live)))

    def set(self, place: int, cell: str, value: Any) -> None:
        feature = self.features[place]
        if cell == "color":
            feature["properties"]["_umap_options"] = {"color": value}
        elif cell == "geometry":
            feature["geometry"] = value
        else:
            feature["properties"][cell] = value
        self.edits.append(Edit(feature["id"], cell, value))

    def delete(self, place: int) -> None:
        feature = self.features.pop(place)
        self.edits.append(Edit(feature["id"], "", None))

    def add(self, feature: dict[str, Any]) -> None:
        self.features.append(json.loads(json.dumps(feature)))
        self.edits.append(Edit(feature["id"], "", feature))

    def save(self, umap: MemoryUmap) -> list[Edit]:
        """Save; return the edits that uMap confirmed: none after a 412, when the person gives up."""
        confirmed = umap.post(self.features, self.version)
        edits, self.edits = self.edits, []
        self.version, self.features = umap.version, json.loads(json.dumps(umap.live))
        return edits if confirmed else []
