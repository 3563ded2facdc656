"""The area that the points of a layer make: where its next ones are expected, if no setting says it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from umap_bot.model.change import Point
from umap_bot.model.policy import Area

FEWEST: Final = 4
"""Points from which on they make an area."""
LEAST: Final = 0.5
"""Degrees by which an area is wider than its points on each side, at the least: some 50 km. A digit of whole
degrees that is wrong is still seen."""
_FAR: Final = 3
"""How many times the spread of the middle half of all points lies between it and one far from them."""


def area_of(points: Sequence[Point]) -> Area | None:
    """Return the box around points, wider by half its width or height on each side; None of a few points."""
    if len(points) < FEWEST:
        return None
    west, east = _widened([longitude for longitude, _ in points], 180.0)
    south, north = _widened([latitude for _, latitude in points], 90.0)
    return Area(west, south, east, north)


def wider(area: Area) -> Area:
    """Return an area wider by half its width or height again: where a new point is expected."""
    west, east = _widened([area.west, area.east], 180.0)
    south, north = _widened([area.south, area.north], 90.0)
    return Area(west, south, east, north)


def likely_area(points: Sequence[Point]) -> Area | None:
    """Return the area of points but for those whose coordinates seem to be swapped."""
    odd = frozenset(swapped(points))
    return area_of([point for place, point in enumerate(points) if place not in odd])


def swapped(points: Sequence[Point | None]) -> list[int]:
    """Return the indexes of the points that lie far from the others, and among them if exchanged."""
    placed = [(index, point) for index, point in enumerate(points) if point]
    if len(placed) < FEWEST:
        return []
    longitudes, latitudes = [point[0] for _, point in placed], [point[1] for _, point in placed]
    if not _overlap(_widened(longitudes, 180.0), _widened(latitudes, 90.0)):
        return []  # nothing within the area would lie in it with its numbers exchanged
    west, east = _usual(longitudes)
    south, north = _usual(latitudes)
    usual, strays = list[Point](), list[tuple[int, Point]]()
    for index, point in placed:
        if west <= point[0] <= east and south <= point[1] <= north:
            usual.append(point)
        else:
            strays.append((index, point))
    area = area_of(usual) if strays else None
    return [index for index, point in strays if area and fits_swapped(point, area)]


def fits_swapped(point: Point, area: Area) -> bool:
    """Tell whether a point lies outside an area, and within it with longitude and latitude exchanged."""
    longitude, latitude = point
    return not area.holds(longitude, latitude) and area.holds(latitude, longitude)


def _widened(values: list[float], most: float) -> tuple[float, float]:
    low, high = min(values), max(values)
    margin = max((high - low) / 2, LEAST)
    return max(low - margin, -most), min(high + margin, most)


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _usual(values: list[float]) -> tuple[float, float]:
    """Return between which values the usual ones of an axis lie, by their quartiles."""
    ordered = sorted(values)
    first, third = ordered[len(ordered) // 4], ordered[len(ordered) * 3 // 4]
    margin = _FAR * max(third - first, LEAST)
    return first - margin, third + margin
