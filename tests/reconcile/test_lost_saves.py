"""A save that our push ran over, read into the layer again: cell by cell, and nobody's later edit undone."""

from __future__ import annotations

import json
from typing import Any

from tests.reconcile.worlds import dump, live_of
from umap_bot.model.layer import Collection, Save
from umap_bot.reconcile.lost_saves import carry

AT = {"type": "Point", "coordinates": [4, 45]}
THERE = {"type": "Point", "coordinates": [5, 46]}


def feature(umap_id: str, place: dict[str, Any] = AT, color: str = "", **properties: Any) -> bytes:
    own = {"_umap_options": {"color": color}} if color else {}
    properties = {**properties, **own}
    return dump({"type": "Feature", "properties": properties, "geometry": place, "id": umap_id})


def collection(*features: bytes) -> Collection:
    return Collection((("type", b'"FeatureCollection"'),), features)


A, B = feature("aaaaa", id="a", name="A", q="1"), feature("bbbbb", id="b", name="B")
A2 = feature("aaaaa", id="a", name="A", q="2")


def carried(
    was: list[bytes], ours: list[bytes], lost: list[bytes], now: list[bytes] | None = None
) -> list[Any]:
    save = Save("1", collection(*was), collection(*ours), collection(*lost))
    live = carry([save], live_of(ours if now is None else now), "id")
    return [json.loads(raw) for raw in live.carried.features]


def test_another_cell_of_the_feature_that_we_wrote_comes_back() -> None:
    (a, _) = carried([A, B], [A2, B], [feature("aaaaa", id="a", name="A", q="1", note="theirs"), B])
    assert a["properties"] == {"id": "a", "name": "A", "q": "2", "note": "theirs"}


def test_the_same_cell_is_theirs_so_that_policy_decides() -> None:
    (a,) = carried([A], [A2], [feature("aaaaa", id="a", name="A", q="theirs")])
    assert a["properties"]["q"] == "theirs"


def test_place_and_style_come_back() -> None:
    (a,) = carried([A], [A2], [feature("aaaaa", THERE, "Red", id="a", name="A", q="1")])
    assert (a["geometry"], a["properties"]["_umap_options"]) == (THERE, {"color": "Red"})


def test_a_cell_that_they_emptied_is_gone() -> None:
    (a,) = carried([A], [A2], [feature("aaaaa", id="a", q="1")])
    assert "name" not in a["properties"]


def test_what_somebody_changed_since_stays() -> None:
    lost = feature("aaaaa", id="a", name="lost", q="1")
    (a,) = carried([A], [A2], [lost], now=[feature("aaaaa", id="a", name="later", q="2")])
    assert a["properties"]["name"] == "later"


def test_a_feature_that_they_drew_comes_back() -> None:
    own = feature("owned", note="theirs")
    assert len(carried([A], [A2], [A, own])) == 2
    assert len(carried([A], [A2], [A, own], now=[A2, own])) == 2, "it is there already"


def test_a_copy_that_they_made_is_a_feature_of_its_own() -> None:
    copy = feature("copyy", id="a", name="A", q="1")
    assert [one["id"] for one in carried([A], [A2], [A, copy])] == ["aaaaa", "copyy"]


def test_a_feature_that_they_deleted_goes_unless_somebody_changed_it_since() -> None:
    assert [one["id"] for one in carried([A, B], [A2, B], [A])] == ["aaaaa"]
    later = feature("bbbbb", id="b", name="later")
    assert len(carried([A, B], [A2, B], [A], now=[A2, later])) == 2


def test_a_feature_that_they_edited_and_we_deleted_is_there_for_policy_to_decide() -> None:
    (_, b) = carried([A, B], [A], [A, feature("bbbbb", id="b", name="edited")])
    assert b["properties"]["name"] == "edited"


def test_it_is_found_by_its_key_if_the_editor_dealt_out_new_ids() -> None:
    (a,) = carried([A], [A2], [feature("fresh", id="a", name="theirs", q="1")])
    assert (a["id"], a["properties"]["name"]) == ("aaaaa", "theirs")


def test_without_a_lost_save_or_its_content_nothing_changes() -> None:
    live = live_of([A2])
    assert carry([], live, "id").carried == live.standing
    gone = Save("1", collection(A), collection(A2), None)
    assert carry([gone], live, "id").carried == live.standing


def test_what_stands_already_keeps_its_spelling() -> None:
    spelled = (
        b'{"type":"Feature", "properties":{"id":"a","name":"A","q":"2","n":1.0},"geometry":null,"id":"aaaaa"}'
    )
    lost = feature("aaaaa", {}, id="a", name="A", q="1", n=1)
    save = Save(
        "1", collection(feature("aaaaa", {}, id="a", name="A", q="1")), collection(spelled), collection(lost)
    )
    assert carry([save], live_of([spelled]), "id").carried.features == (spelled,)
