"""Keys for those that have none: made from a name, unlike every other key; or the next number, where all keys
are numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain, count
from typing import Any, Final

from umap_bot.dataset.keys import MOST_IN_KEY, slug
from umap_bot.dataset.naming import names_in
from umap_bot.dataset.places.earth import on_earth
from umap_bot.model.canon import Geometry, Value, canonical, digest
from umap_bot.model.layer import Layer
from umap_bot.text import Text, say

_DIGITS: Final = 15
"""The most of a number that is counted on from: spreadsheets keep no more."""
_FEW: Final = 3
"""Keys that may be in order by chance if there are fewer."""


def is_number(key: str) -> bool:
    """Tell whether a key is a number that can be counted on from."""
    return key.isascii() and key.isdecimal() and len(key) <= _DIGITS


def numbers_after(own: Collection[str], others: Iterable[str] = ()) -> Iterator[str]:
    """Return the numbers after the largest key, if all of the file's `own` are numbers; else none.

    Zeros in front stay: after 009 comes 010.
    """
    if not own or not all(map(is_number, own)):
        return iter(())
    width = max((len(key) for key in own if key.startswith("0")), default=0)
    largest = max(int(key) for key in chain(own, others) if is_number(key))
    return (str(number).zfill(width) for number in count(largest + 1))


class FreeKeys:
    """The keys that are taken, and free ones for those that have none.

    `own` are keys of the file, `others` those that may not be taken beside them: they are known elsewhere.
    """

    def __init__(self, own: Iterable[str] = (), others: Iterable[str] = ()) -> None:
        self._own: set[str] = set()
        self._taken: set[str] = set()
        self._alike: set[str] = set()
        self._counts: dict[str, int] = {}
        for key in own:
            self.take(key)
        for key in others:
            self._note(key)

    def take(self, key: str) -> bool:
        """Take this very key for the file, before any is made. Tell whether it was free."""
        free = key not in self._taken
        self._own.add(key)
        self._note(key)
        return free

    def free(self, base: str) -> str:
        """Take the next number if the file's keys are numbers, else the first of base, base-2, base-3… that
        no other key is like. Return "" if there is nothing to make one of."""
        made = next(chain(self._numbers, self._made_of(base)))
        if made:
            self._note(made)
        return made

    @property
    def are_numbers(self) -> bool:
        """Tell whether the file's keys are numbers."""
        return bool(self._own) and all(map(is_number, self._own))

    @cached_property
    def _numbers(self) -> Iterator[str]:
        return (made for made in numbers_after(self._own, self._taken) if self._is_free(made))

    def _made_of(self, base: str) -> Iterator[str]:
        if not base:
            yield ""
            return
        for number in count(self._counts.get(base, 1)):
            self._counts[base] = number
            made = base if number == 1 else f"{base}-{number}"
            if self._is_free(made):
                yield made

    def _is_free(self, key: str) -> bool:
        return key not in self._taken and _alike(key) not in self._alike

    def _note(self, key: str) -> None:
        self._taken.add(key)
        self._alike.add(_alike(key))


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


def counted_keys(layer: Layer) -> tuple[Text, ...]:
    """Return what it means that the keys are 1, 2, 3… in the order of the rows; nothing if they are not.

    It is told by who sets up or looks, not at each run.
    """
    first = next(iter(layer.rows), "")
    if len(layer.rows) < _FEW or first not in ("0", "1", "2"):
        return ()
    start = int(first)
    if any(key != str(number) for number, key in enumerate(layer.rows, start)):
        return ()
    note = say(
        "the ids are {first}, {second}, {third}… in row order. Each id belongs to one "
        "feature on the map: keep it with its row, and don't renumber after you insert, "
        "remove or sort rows. The next new row gets {next}",
        first=start,
        second=start + 1,
        third=start + 2,
        next=int(next(numbers_after(layer.rows, layer.left_out))),
    )
    return (note,)
