"""Which points lie near one another, without measuring each from each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from itertools import product
from math import cos, floor, pi, radians, sin
from typing import Final, Generic, TypeVar

from umap_bot.model.change import EARTH_RADIUS, Point, distance

_SLACK: Final = 1 + 1e-6
"""By how much a cell is wider than it would have to be if floats were exact."""

_NARROWEST: Final = 1e-9
"""Of the Earth's radius: 6 mm. Narrower cells would only be more of them."""

T = TypeVar("T", bound=Hashable)
_Cell = tuple[int, int, int]


class Nearby(Generic[T]):
    """Things at their points, to be asked for those within `metres` of a point.

    Space is cut into cubes whose edge is the straight line between two points so far apart: what is near a
    point stands in its cube or in one of the 26 around it. (Cells of degrees would be too narrow at the
    poles, and end at the date line.)
    """

    def __init__(self, things: Iterable[tuple[T, Point | None]], metres: float) -> None:
        self._metres = metres
        chord = 2 * sin(min(metres / EARTH_RADIUS, pi) / 2)
        self._edge = max(chord * _SLACK, _NARROWEST)
        self._cells: dict[_Cell, list[tuple[T, Point]]] = defaultdict(list)
        for thing, point in things:
            if point is not None:
                self._cells[self._cell(point)].append((thing, point))

    def within(self, point: Point | None) -> list[tuple[float, T]]:
        """Return how far each is, in metres, and what it is, in no order; nothing near no point."""
        if point is None:
            return []
        measured = ((distance(point, there), thing) for thing, there in self._around(point))
        return [(metres, thing) for metres, thing in measured if metres <= self._metres]

    def is_near(self, point: Point | None) -> bool:
        """Tell whether any is near: of thousands at one place no more than one is measured."""
        return point is not None and any(
            distance(point, there) <= self._metres for _, there in self._around(point)
        )

    def _around(self, point: Point) -> Iterator[tuple[T, Point]]:
        middle = self._cell(point)
        for steps in product((-1, 0, 1), repeat=3):
            x, y, z = (place + step for place, step in zip(middle, steps, strict=True))
            yield from self._cells.get((x, y, z), ())

    def _cell(self, point: Point) -> _Cell:
        longitude, latitude = map(radians, point)
        x, y, z = cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)
        return floor(x / self._edge), floor(y / self._edge), floor(z / self._edge)
