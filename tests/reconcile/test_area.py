"""The area that points make, and which of them seem to have their coordinates swapped."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from umap_bot.model.area import FEWEST, LEAST, area_of, fits_swapped, likely_area, swapped
from umap_bot.model.change import Point
from umap_bot.model.policy import Area

LYON: list[Point] = [(4.8 + step / 100, 45.7 + step / 200) for step in range(27)]

degrees = st.floats(-90, 90, allow_nan=False)
points = st.lists(st.tuples(degrees, degrees), max_size=12)


def test_the_area_is_the_box_around_the_points_half_as_wide_again_on_each_side() -> None:
    assert area_of([(4.0, 44.0), (6.0, 45.0), (5.0, 44.5), (4.5, 44.2)]) == Area(3.0, 43.5, 7.0, 45.5)


def test_points_at_one_place_make_an_area_all_the_same() -> None:
    assert area_of([(4.0, 45.0)] * FEWEST) == Area(4 - LEAST, 45 - LEAST, 4 + LEAST, 45 + LEAST)


def test_a_few_points_make_none() -> None:
    assert area_of(LYON[: FEWEST - 1]) is None
    assert swapped([*LYON[: FEWEST - 2], (45.7, 4.8)]) == []


def test_the_area_ends_where_the_earth_does() -> None:
    assert area_of([(-179.0, -80.0), (179.0, 89.0), (0.0, 0.0), (1.0, 1.0)]) == Area(-180, -90, 180, 90)


@given(points)
def test_the_area_holds_its_points(found: list[Point]) -> None:
    area = area_of(found)
    assert area is None or all(area.holds(*point) for point in found)


def test_one_that_is_swapped_is_found_among_many() -> None:
    longitude, latitude = LYON[13]
    assert swapped([*LYON[:13], (latitude, longitude), None, *LYON[14:]]) == [13]


def test_the_likely_area_is_that_of_the_others() -> None:
    assert likely_area([*LYON, (45.7, 4.8)]) == area_of(LYON)
    assert likely_area([*LYON, (2.35, 48.85)]) == area_of([*LYON, (2.35, 48.85)])


def test_one_that_is_far_away_is_not_swapped() -> None:
    assert swapped([*LYON, (55.45, -20.88), (2.35, 48.85)]) == []


def test_points_near_the_diagonal_are_left_alone() -> None:
    """Around Beirut a latitude is a longitude too: both readings are among the others."""
    assert swapped([(35.5, 33.9), (35.8, 34.4), (35.2, 33.3), (33.9, 35.5), (36.0, 34.0)]) == []


def test_all_that_are_swapped_are_no_odd_ones_out() -> None:
    assert swapped([(latitude, longitude) for longitude, latitude in LYON]) == []


@given(points)
def test_what_is_swapped_lies_outside_and_fits_in(found: list[Point]) -> None:
    area = Area(4, 44, 6, 46)
    for point in found:
        if fits_swapped(point, area):
            assert not area.holds(*point)
            assert area.holds(*point[::-1])
