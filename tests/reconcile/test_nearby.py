"""What is found by cells is what is found by measuring each from each."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.reconcile.test_pairing import file, paired
from umap_bot.model.change import Point, distance, point_of
from umap_bot.model.layer import Feature
from umap_bot.reconcile import pairing
from umap_bot.reconcile.identity import Standing
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


def test_a_point_asks_its_neighbourhood_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Point] = []

    def counted(here: Point, there: Point) -> float:
        asked.append(there)
        return distance(here, there)

    monkeypatch.setattr("umap_bot.reconcile.nearby.distance", counted)
    near = Nearby(((number, (number / 100, 45.0)) for number in range(1000)), 500.0)
    assert [thing for _, thing in near.within((5.0, 45.0))] == [500]
    assert len(asked) <= 3


@pytest.mark.parametrize("seed", range(20))
def test_the_same_pairs_as_by_measuring_each_from_each(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows and features in heaps, names that stand several times."""
    random = Random(seed)  # noqa: S311  which world, no secret

    def one() -> Feature:
        place = [4 + random.choice((0, 0.05)) + random.gauss(0, 0.01), 45 + random.gauss(0, 0.01)]
        geometry: Any = None if random.random() < 0.05 else {"type": "Point", "coordinates": place}
        assert geometry is None or point_of(geometry)
        return Feature({"name": f"Cité {random.randrange(120)}"}, geometry, f"u{random.randrange(10**9)}")

    desired = file(**{f"k{number}": one() for number in range(150)})
    drawn = [Standing(place, one()) for place in range(150)]
    found = paired(desired, drawn)
    monkeypatch.setattr(pairing, "Nearby", Measured)
    assert found == paired(desired, drawn)
    assert found.sure
    assert found.doubtful
