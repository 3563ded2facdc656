"""Keys for those that have none: made from a name, unlike every other key."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from umap_bot.dataset.keys import MOST_IN_KEY, slug
from umap_bot.dataset.naming import names_in
from umap_bot.dataset.places.earth import on_earth
from umap_bot.model.canon import Geometry, Value, canonical, digest


class FreeKeys:
    """The keys that are taken, and numbers for those that want the same one."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken: set[str] = set()
        self._alike: set[str] = set()
        self._counts: dict[str, int] = {}
        for key in taken:
            self.take(key)

    def take(self, key: str) -> bool:
        """Take this very key. Tell whether it was free."""
        free = key not in self._taken
        self._taken.add(key)
        self._alike.add(_alike(key))
        return free

    def free(self, base: str) -> str:
        """Take the first of base, base-2, base-3… that no other key is like."""
        count = self._counts.get(base, 1)
        made = base if count == 1 else f"{base}-{count}"
        while made in self._taken or _alike(made) in self._alike:
            count += 1
            made = f"{base}-{count}"
        self._counts[base] = count
        self.take(made)
        return made


def _alike(key: str) -> str:
    """Return what a key is like. More of it than a key may have is not looked at, nor ever made: to sort the
    accents of a long text takes the square of their number."""
    return unicodedata.normalize("NFKC", key[: MOST_IN_KEY + 1]).casefold()


def base_of_row(cells: Mapping[str, Value]) -> str:
    """Return what the key of a row is made from: its name, else its first text with letters; "" without."""
    texts = {name: cell for name, cell in cells.items() if isinstance(cell, str) and cell.strip()}
    slugs = (slug(text, fallback="") for text in chain(names_in(texts), texts.values()))
    return next(filter(None, slugs), "")


def base_of_place(properties: Mapping[str, Value], geometry: Geometry | None) -> str:
    """Return what the key of a feature without a name is made from: its place, to about 10 m."""
    return slug(_somewhere(properties, geometry))


def _somewhere(properties: Mapping[str, Value], geometry: Geometry | None) -> str:
    """Name a place: `feature n45.7347 e4.8681`."""
    first = _first(geometry)
    if first is None:
        return f"feature {digest(canonical(dict(properties)))[:8]}"
    longitude, latitude = first
    return f"feature {'ns'[latitude < 0]}{abs(latitude):.4f} {'ew'[longitude < 0]}{abs(longitude):.4f}"


def _first(geometry: Geometry | None) -> tuple[float, float] | None:
    place: Any = (geometry or {}).get("coordinates")
    while isinstance(place, list) and place and isinstance(place[0], list):
        place = place[0]
    if not isinstance(place, list) or not plain_position(place[:2]):
        return None
    return place[0], place[1]


def plain_position(place: list[Any]) -> bool:
    """Tell whether these are two numbers, longitude and latitude."""
    return len(place) == 2 and all(type(n) in (int, float) for n in place) and on_earth(*place)  # noqa: PLR2004
