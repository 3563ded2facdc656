"""Two versions of a watched layer: who is who, and what is told of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.watch.conftest import Feature, point
from umap_bot.model.change import Change, Create, Delete, Update
from umap_bot.reconcile.watched import Comparison, compare, emptied, styles_of

ANCY = point("aaaaa", "Ancy", (4.0, 45.0), note="old")
BRON = point("bbbbb", "Bron", (4.9, 45.7))
TWIN = point("ccccc", "Bron", (4.9, 45.7))


def slices(*features: Feature) -> tuple[bytes, ...]:
    return tuple(msgspec.json.encode(each) for each in features)


def other(feature: Feature, **members: Any) -> Feature:
    return {**feature, **members}


def edited(feature: Feature, **properties: Any) -> Feature:
    return {**feature, "properties": {**feature["properties"], **properties}}


def moved(feature: Feature, *at: float) -> Feature:
    return {**feature, "geometry": {"type": "Point", "coordinates": [*at]}}


def compared(before: tuple[Feature, ...], after: tuple[Feature, ...]) -> Comparison:
    seen = compare(None, slices(*before), "layer").seen
    return compare(seen, slices(*after), "layer")


def short(change: Change) -> str:
    """A change in a few words: its sign, its key, and what of it changed."""
    if isinstance(change, Update):
        return " ".join(
            ["~", change.key, *(each.name for each in change.fields), *(["moved"] if change.move else [])]
        )
    return f"{'+' if isinstance(change, Create) else '-'} {change.key}"


@pytest.mark.parametrize(
    ("before", "after", "told", "renumbered"),
    [
        pytest.param((ANCY, BRON), (ANCY, BRON), [], 0, id="nothing"),
        pytest.param((ANCY, BRON), (BRON, ANCY), [], 0, id="the order is nobody's doing"),
        pytest.param((ANCY,), (ANCY, BRON), ["+ bbbbb"], 0, id="added"),
        pytest.param((ANCY, BRON), (ANCY,), ["- bbbbb"], 0, id="removed"),
        pytest.param((ANCY,), (moved(ANCY, 4.1, 45.0),), ["~ aaaaa moved"], 0, id="moved"),
        pytest.param((ANCY,), (edited(ANCY, note="new"),), ["~ aaaaa note"], 0, id="edited"),
        pytest.param((ANCY,), (edited(ANCY, note=""),), ["~ aaaaa note"], 0, id="emptied"),
        pytest.param((ANCY,), (edited(ANCY, more=None),), [], 0, id="null is what is missing"),
        pytest.param((ANCY,), (moved(ANCY, 4.0000000001, 45.0),), [], 0, id="as the editor rounds"),
        pytest.param(
            (ANCY,),
            (edited(ANCY, _umap_options={"color": "Red", "weight": 3}),),
            ["~ aaaaa _umap_options.color _umap_options.weight"],
            0,
            id="its own style, setting by setting",
        ),
        pytest.param(
            (ANCY, BRON), (other(ANCY, id="xxxxx"), other(BRON, id="yyyyy")), [], 2, id="renumbered"
        ),
        pytest.param(
            (ANCY, BRON),
            (other(edited(ANCY, note="new"), id="xxxxx"), other(BRON, id="yyyyy")),
            ["~ aaaaa note"],
            1,
            id="renumbered, and one edited",
        ),
        pytest.param(
            (ANCY, BRON),
            (other(moved(ANCY, 4.5, 45.0), id="xxxxx"), other(BRON, id="yyyyy")),
            ["~ aaaaa moved"],
            1,
            id="renumbered, and one moved",
        ),
        pytest.param(
            (ANCY,),
            (other(moved(ANCY, 4.5, 45.0), id="xxxxx"),),
            ["+ xxxxx", "- aaaaa"],
            0,
            id="removed, and one of its name drawn elsewhere",
        ),
        pytest.param((BRON, TWIN), (other(BRON, id="x"), other(TWIN, id="y")), [], 2, id="twins, renumbered"),
        pytest.param((BRON,), (BRON, BRON), ["+ bbbbb-2"], 0, id="an id that stands twice"),
    ],
)  # fmt: skip
def test_what_is_told(
    before: tuple[Feature, ...], after: tuple[Feature, ...], told: list[str], renumbered: int
) -> None:
    found = compared(before, after)

    assert [short(each) for each in found.changes] == told
    assert found.renumbered == renumbered


def test_features_without_ids_are_followed_by_their_place_and_name() -> None:
    bare = {name: value for name, value in ANCY.items() if name != "id"}
    found = compared((bare,), (edited(bare, note="new"),))

    (change,) = found.changes
    assert isinstance(change, Update)
    assert [each.name for each in change.fields] == ["note"]
    assert set(found.seen.known) == {change.key}


def test_a_feature_keeps_the_key_it_was_first_seen_under() -> None:
    first = compare(None, slices(ANCY), "layer").seen
    renumbered = compare(first, slices(other(ANCY, id="xxxxx")), "layer").seen
    found = compare(renumbered, slices(edited(other(ANCY, id="xxxxx"), note="new")), "layer")

    assert [each.key for each in found.changes] == ["aaaaa"]


def test_what_was_removed_is_told_whole_and_can_come_back() -> None:
    seen = compare(None, slices(ANCY), "layer").seen
    found = emptied(seen, "layer")

    (gone,) = found.changes
    assert isinstance(gone, Delete)
    assert (gone.why, gone.inverse().properties) == ("map", ANCY["properties"])
    (back,) = compare(found.seen, slices(ANCY), "layer").changes
    assert (type(back), back.key) == (Create, "aaaaa")


def test_an_unchanged_feature_is_not_stored_anew() -> None:
    first = compare(None, slices(ANCY, BRON), "layer").seen
    second = compare(first, slices(ANCY, edited(BRON, note="new")), "layer").seen

    assert second.known["aaaaa"] is first.known["aaaaa"]


def test_settings_of_a_style_have_a_name_for_people() -> None:
    found = compared((ANCY,), (edited(ANCY, _umap_options={"color": "Red"}, note="new"),))

    assert styles_of(found.changes) == {"_umap_options.color": "style: color"}
