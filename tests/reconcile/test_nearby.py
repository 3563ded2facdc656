"""What is found by cells is what is found by measuring each from each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from umap_bot.model.change import Point, distance
from umap_bot.reconcile.nearby import Nearby

# Around the poles, around the date line, past a whole turn, and in heaps.
longitudes = st.one_of(st.floats(-360, 360), st.floats(179.99, 180.01), st.floats(4.0, 4.02))
latitudes = st.one_of(st.floats(-95, 95), st.floats(89.99, 90), st.floats(45.0, 45.01))
points = st.tuples(longitudes, latitudes)
reaches = st.one_of(st.sampled_from([0.0, 1.0, 500.0, 21e6, 1e9]), st.floats(0, 30_000_000))


class Measured(Nearby[Any]):
    """The slow way."""

    def __init__(self, things: Iterable[tuple[Any, Point | None]], metres: float) -> None:
        self._all = [(thing, point) for thing, point in things if point is not None]
        self._metres = metres

    def _around(self, point: Point) -> list[tuple[Any, Point]]:  # type: ignore[override]
        return self._all


@given(st.lists(st.one_of(st.none(), points), max_size=30), st.one_of(st.none(), points), reaches)
@example([(-179.999, 10.0), (0.0, 90.0), (120.0, 90.0)], (179.999, 10.0), 500.0)
@example([(0.0, 90.0), (120.0, 89.9999)], (-60.0, 89.9999), 500.0)
def test_within(there: list[Point | None], here: Point | None, metres: float) -> None:
    things = list(enumerate(there))
    found = Nearby(things, metres).within(here)
    assert sorted(found) == sorted(Measured(things, metres).within(here))
    assert Nearby(things, metres).is_near(here) is bool(found)


def test_a_point_asks_its_neighbourhood_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Point] = []

    def counted(here: Point, there: Point) -> float:
        asked.append(there)
        return distance(here, there)

    monkeypatch.setattr("umap_bot.reconcile.nearby.distance", counted)
    near = Nearby(((number, (number / 100, 45.0)) for number in range(1000)), 500.0)
    assert [thing for _, thing in near.within((5.0, 45.0))] == [500]
    assert len(asked) <= 3
