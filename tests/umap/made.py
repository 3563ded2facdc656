"""Small things that the tests of this room make."""

from __future__ import annotations

import json
from typing import Any

AGENT = "umap-bot/0 (tests)"


class Pauses:
    """Waits no second, and remembers how long it should have."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def point(name: str, umap_id: str, **properties: Any) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": [4.85, 45.75]}
    own = {"name": name, **properties}
    return {"type": "Feature", "id": umap_id, "geometry": geometry, "properties": own}


def collection(*features: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **members}


def names(body: bytes) -> list[str]:
    return [feature["properties"]["name"] for feature in json.loads(body)["features"]]


LYON = point("Lyon 8e", "aaaaa", contact="Clélia")
BRON = point("Bron", "bbbbb")
VIENNE = point("Vienne", "ccccc")
