"""Which feature drawn by hand is which row: what is sure, what is doubtful, and what is never guessed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from umap_bot.errors import UsageError
from umap_bot.model.canon import Value
from umap_bot.model.layer import Feature, Layer
from umap_bot.model.pairing import Pairing, Row
from umap_bot.reconcile.identity import Standing
from umap_bot.reconcile.pairing import pair

METRE = 1 / 111_195
"""Degrees of latitude."""


def at(metres: float, longitude: float = 4.0) -> dict[str, Value]:
    return {"type": "Point", "coordinates": [longitude, 45.0 + metres * METRE]}


def row(name: str, metres: float | None = 0, **more: Value) -> Feature:
    return Feature({"name": name, **more}, None if metres is None else at(metres))


def file(**rows: Feature) -> Layer:
    return Layer(file="f.csv", key="id", columns=("id", "name"), rows=rows, places=True)


def drawn(**features: Feature) -> list[Standing]:
    return [
        Standing(place, Feature(one.properties, one.geometry, umap_id))
        for place, (umap_id, one) in enumerate(features.items())
    ]


def paired(desired: Layer, features: list[Standing], **how: Any) -> Pairing:
    return pair(desired, desired.rows, features, **how)


def sure(found: Pairing) -> dict[str, str]:
    return {one.key: one.feature.reference for one in found.sure}


def test_names_are_one_without_case_accents_dashes_and_spaces() -> None:
    desired = file(a=row("Vénissieux / Saint-Fons"), b=row("L'Isle-d'Abeau"))
    found = paired(desired, drawn(xxxx1=row("VENISSIEUX saint fons", 40), xxxx2=row("L’Isle d’Abeau", 30)))
    assert sure(found) == {"a": "xxxx1", "b": "xxxx2"}
    assert {one.how for one in found.sure} == {"name"}


def test_another_name_at_the_same_place_is_found_by_place() -> None:
    found = paired(file(a=row("Lyon 8e")), drawn(xxxx1=row("Lyon 8ème", 128), xxxx2=row("Bron", 9000)))
    (only,) = found.sure
    assert (only.feature.reference, only.how, round(only.feature.metres or 0)) == ("xxxx1", "place", 128)
    assert [one.name for one in found.features] == ["Bron"]


def test_a_feature_without_a_name_is_found_by_place() -> None:
    assert sure(paired(file(a=row("Bron")), drawn(xxxx1=Feature({}, at(10))))) == {"a": "xxxx1"}


def test_beyond_near_nothing_is_found_by_place() -> None:
    found = paired(file(a=row("Bron")), drawn(xxxx1=row("Caen", 501)))
    assert (found.sure, found.doubtful, found.rows) == ((), (), (Row("a", "Bron", None),))
    assert sure(paired(file(a=row("Bron")), drawn(xxxx1=row("Caen", 501)), near=600)) == {"a": "xxxx1"}


def test_two_features_of_one_name_are_parted_by_place() -> None:
    desired = file(a=row("Centre", 0), b=row("Centre", 5000))
    found = paired(desired, drawn(xxxx1=row("Centre", 5020), xxxx2=row("Centre", 30)))
    assert sure(found) == {"a": "xxxx2", "b": "xxxx1"}


def test_one_point_drawn_twice_is_doubtful_and_told_with_both() -> None:
    found = paired(file(a=row("Bron")), drawn(xxxx1=row("Bron", 10), xxxx2=row("Bron", 20)))
    (doubt,) = found.doubtful
    assert (found.sure, found.rows) == ((), ())
    assert doubt.why == "the name occurs 1 times in the file and 2 times on the map"
    assert [one.reference for one in doubt.candidates] == ["xxxx1", "xxxx2"], "the nearest first"


def test_two_rows_for_one_point_are_both_doubtful() -> None:
    desired = file(a=row("Collège Mermoz", 0), b=row("École Mermoz", 10))
    found = paired(desired, drawn(xxxx1=row("Mermoz", 5)))
    assert found.sure == ()
    assert [doubt.why for doubt in found.doubtful] == [
        "the only feature within 500 m may belong to another row"
    ] * 2


def test_two_points_within_reach_of_one_row_are_doubtful() -> None:
    found = paired(file(a=row("Mermoz")), drawn(xxxx1=row("Nord", 100), xxxx2=row("Sud", 200)))
    (doubt,) = found.doubtful
    assert doubt.why == "2 features are within 500 m"
    assert [round(one.metres or 0) for one in doubt.candidates] == [100, 200]


def test_one_name_far_apart_is_doubtful() -> None:
    found = paired(file(a=row("Saint-Denis")), drawn(xxxx1=row("Saint-Denis", 20_000)))
    (doubt,) = found.doubtful
    assert doubt.why == "the name is the same, but the places are far apart"


@pytest.mark.parametrize(("metres", "is_sure"), [(9_990, True), (10_010, False)])
def test_far_is_twenty_times_near(metres: float, is_sure: bool) -> None:
    found = paired(file(a=row("Saint-Denis")), drawn(xxxx1=row("Saint-Denis", metres)))
    assert bool(found.sure) is is_sure


def test_a_name_without_a_place_is_enough() -> None:
    found = paired(file(a=row("Bron", None)), drawn(xxxx1=row("Bron", 10)))
    assert (sure(found), found.sure[0].feature.metres) == ({"a": "xxxx1"}, None)


def test_rows_that_are_left_over_are_told_apart_by_whether_a_sync_could_add_them() -> None:
    found = paired(file(a=row("Bron"), b=row("Lyon", None)), drawn())
    assert ([row.key for row in found.rows], [row.key for row in found.unplaced]) == (["a"], ["b"])


def test_what_a_doubtful_row_may_be_is_nobody_elses_by_place() -> None:
    desired = file(a=row("Bron"), b=row("Autre", 30))
    found = paired(desired, drawn(xxxx1=row("Bron", 10), xxxx2=row("Bron", 9000)))
    assert sure(found) == {"a": "xxxx1"}, "of the two of one name only one is within reach"
    assert [one.key for one in found.rows] == ["b"]


def test_several_columns_match_together() -> None:
    desired = file(a=row("Centre", None, commune="Bron"), b=row("Centre", None, commune="Caen"))
    features = drawn(xxxx1=row("Centre", None, commune="CAEN"), xxxx2=row("Centre", None, commune="Bron"))
    found = paired(desired, features, match=("name", "commune"))
    assert sure(found) == {"a": "xxxx2", "b": "xxxx1"}


def test_a_pair_settled_by_hand_comes_first() -> None:
    desired = file(a=row("Bron"), b=row("Caen", 9000))
    features = drawn(xxxx1=row("Bron", 10), xxxx2=row("Bron", 20))
    found = paired(desired, features, by_hand={"a": "xxxx2"})
    assert sure(found) == {"a": "xxxx2"}
    assert found.sure[0].how == "hand"
    assert [one.reference for one in found.features] == ["xxxx1"]


@pytest.mark.parametrize("by_hand", [{"nobody": "xxxx1"}, {"a": "nobody"}, {"a": "xxxx1", "b": "xxxx1"}])
def test_a_pair_that_cannot_be_is_refused_by_name(by_hand: dict[str, str]) -> None:
    desired = file(a=row("Bron"), b=row("Caen"))
    with pytest.raises(UsageError, match=r"nobody|xxxx1"):
        paired(desired, drawn(xxxx1=row("Bron")), by_hand=by_hand)


def unnamed(*ids_and_features: tuple[str | None, Feature]) -> list[Standing]:
    """Features with any id, or none."""
    return [
        Standing(place, Feature(one.properties, one.geometry, umap_id))
        for place, (umap_id, one) in enumerate(ids_and_features)
    ]


def test_a_row_without_a_place_is_none_that_a_sync_would_add() -> None:
    desired = file(a=row("Bron", None), b=row("Caen"))
    desired = replace(desired, lines={"a": 2, "b": 3})
    found = paired(desired, [])
    assert (found.rows, found.unplaced) == ((Row("b", "Caen", 3),), (Row("a", "Bron", 2),))


@pytest.mark.parametrize("umap_id", [None, "", "no id of uMap's", "=1+1"])
def test_a_feature_without_an_id_that_lasts_is_paired_by_its_position(umap_id: str | None) -> None:
    desired = file(a=row("Bron"))
    features = unnamed((umap_id, row("Bron", 1)), (umap_id, row("Bron", 2)))
    (doubt,) = paired(desired, features).doubtful
    assert [one.reference for one in doubt.candidates] == ["geo:45.000009,4.000000", "geo:45.000018,4.000000"]
    settled = paired(desired, features, by_hand={"a": "geo:45.000018,4.000000"})
    assert [match.place for match in settled.sure] == [1]


def test_of_two_features_that_have_one_id_each_is_named_by_its_position() -> None:
    features = unnamed(("xxxx1", row("Bron", 1)), ("xxxx1", row("Bron", 2)))
    references = [one.reference for one in paired(file(), features).features]
    assert references == ["geo:45.000009,4.000000", "geo:45.000018,4.000000"]


@pytest.mark.parametrize(
    "geometry", [at(1), None, {"type": "Point", "coordinates": [1e300, 4]}], ids=["one place", "none", "far"]
)
def test_two_that_nothing_tells_apart_are_named_by_nothing(geometry: dict[str, Value] | None) -> None:
    features = unnamed(*[(None, Feature({"name": "Bron"}, geometry))] * 2)
    assert [one.reference for one in paired(file(), features).features] == ["", ""]
    with pytest.raises(UsageError, match="a= can't be matched: the map has no feature"):
        paired(file(a=row("Lyon", 9000)), features, by_hand={"a": ""})


places = st.integers(0, 6).map(lambda step: at(step * 200))
names = st.sampled_from(["Bron", "bron", "Caen", "", "Lyon"])
some = st.lists(st.builds(lambda name, place: Feature({"name": name}, place), names, places), max_size=5)


@given(some, some, st.randoms(use_true_random=False))
def test_each_is_used_once_and_order_does_not_matter(
    rows: list[Feature], on: list[Feature], random: Any
) -> None:
    desired = file(**{f"r{number}": one for number, one in enumerate(rows)})
    features = drawn(**{f"xxxx{number}": one for number, one in enumerate(on)})
    found = paired(desired, features)
    assert len({one.key for one in found.sure}) == len({one.place for one in found.sure}) == len(found.sure)
    told = [one.key for one in (*found.sure, *found.doubtful, *found.rows)]
    assert sorted(told) == sorted(desired.rows)
    perhaps = {candidate.reference for doubt in found.doubtful for candidate in doubt.candidates}
    assert len(found.sure) + len(found.features) + len(perhaps) == len(on)
    keys, shuffled = list(desired.rows), list(features)
    random.shuffle(keys)
    random.shuffle(shuffled)
    again = pair(file(**{key: desired.rows[key] for key in keys}), keys, shuffled)
    assert again == found
