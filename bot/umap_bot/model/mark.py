"""What tells a row apart beside its id: its name and its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec

from umap_bot.model.canon import Geometry, Value, canonical, canonical_geometry

Mark: TypeAlias = tuple[str, bytes]
"""The name, and the canonical geometry as JSON. Either may be empty, not both."""

Published: TypeAlias = Callable[[], Mapping[Mark, str]]
"""Returns the ids that rows had as last published, by their marks. It is asked only when an id is missing."""

_encode = msgspec.json.Encoder(order="deterministic").encode


def mark_of(properties: Mapping[str, Value], geometry: Geometry | None) -> Mark | None:
    """Return the mark of a row by its properties on the map; None if it has neither name nor place."""
    name, place = canonical(properties.get("name")), canonical_geometry(geometry)
    called = name.strip() if isinstance(name, str) else ""
    placed = b"" if place is None else _encode(place)
    return (called, placed) if called or placed else None


def nothing_published() -> Mapping[Mark, str]:
    return {}
