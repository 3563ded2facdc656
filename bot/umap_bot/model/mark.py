"""What tells a row apart beside its id: its name and its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import msgspec

from umap_bot.model.canon import Geometry, Value, canonical, canonical_geometry

Mark: TypeAlias = tuple[str, bytes]
"""The name, and the canonical geometry as JSON. Either may be empty, not both."""


class Published(msgspec.Struct, frozen=True):
    """What the state knows of the ids of a layer.

    `marks` goes from the id of each row, as last published, to its mark (both parts empty if it has none).
    `used` are all ids that the layer's features ever had, as far as the log goes back. `key` is the property
    that held the ids, `columns` are all that the file owned.
    """

    marks: Mapping[str, Mark] = {}
    used: frozenset[str] = frozenset()
    key: str = ""
    columns: frozenset[str] = frozenset()

    def of(self, key: str) -> Published:
        """Return this if `key` holds the ids now as then, else nothing: other values are no ids of these."""
        return self if self.key == key else Published()

    def ids_by_mark(self) -> dict[Mark, str]:
        """Return the id of each row that its name and place tell apart."""
        times = Counter(self.marks.values())
        return {mark: key for key, mark in self.marks.items() if any(mark) and times[mark] == 1}

    def gone(self, present: Iterable[str]) -> dict[str, str]:
        """Return the ids that are not among the present ones, with the names of their rows."""
        left = {*present}
        return {key: name for key, (name, _) in self.marks.items() if key not in left}


AskPublished: TypeAlias = Callable[[], Published]
"""It is asked only when an id is missing, or a column that REPORT_HIDE names."""

_encode = msgspec.json.Encoder(order="deterministic").encode


def mark_of(properties: Mapping[str, Value], geometry: Geometry | None) -> Mark | None:
    """Return the mark of a row by its properties on the map; None if it has neither name nor place."""
    name, place = canonical(properties.get("name")), canonical_geometry(geometry)
    called = name.strip() if isinstance(name, str) else ""
    placed = b"" if place is None else _encode(place)
    return (called, placed) if called or placed else None


def nothing_published() -> Published:
    return Published()
