"""Protocol 6: what uMap makes of a push on an older version that it still keeps."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest

from tests.contract.asker import BRON, FORM, LYON, VIENNE, Kept
from tests.umap.made import collection, point

ANNECY = point("Annecy", "ddddd")


def other(feature: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {**feature, "properties": {**feature["properties"], **properties}}


def test_a_stale_lock_is_merged(layer: Kept) -> None:
    """fact 3 and protocol 5, 3: uMap may merge, and answers 200 with other content than was sent.

    protocol 5, 4: `geojson` in it if merged. protocol 6, 1: what only N has is added at the end.
    """
    stale = layer.version
    layer.store(LYON, BRON, VIENNE)
    answer = layer.push(collection(ANNECY, LYON, BRON), stale)
    assert answer.status_code == HTTPStatus.OK
    merged = [feature["properties"]["name"] for feature in answer.json()["geojson"]["features"]]
    assert merged == layer.names == ["Lyon", "Bron", "Vienne", "Annecy"]


def test_what_the_new_one_lacks_is_removed(layer: Kept) -> None:
    """protocol 6, 1: features of R that N lacks are removed."""
    stale = layer.version
    layer.store(LYON, BRON, VIENNE)
    assert layer.push(collection(LYON), stale).status_code == HTTPStatus.OK
    assert layer.names == ["Lyon", "Vienne"]


def test_what_is_removed_twice_is_a_conflict(layer: Kept) -> None:
    """protocol 6, 1 and protocol 5, 3: one to be removed that is not in L: 412."""
    stale = layer.version
    layer.store(LYON)
    answer = layer.push(collection(LYON, VIENNE), stale)
    assert (answer.status_code, answer.content) == (HTTPStatus.PRECONDITION_FAILED, b"")
    assert layer.names == ["Lyon"]


def test_two_edits_of_one_feature_are_a_conflict(layer: Kept) -> None:
    """protocol 6, 2: features are compared whole."""
    stale = layer.version
    layer.store(other(LYON, contact="Ada"), BRON)
    assert layer.push(collection(other(LYON, phone="1"), BRON), stale).status_code == 412


def test_equal_as_json_is_equal(layer: Kept) -> None:
    """protocol 6, 2: as parsed JSON: the order of keys and `1`, `1.0` and `true` make no difference."""
    layer.store(other(LYON, a=1, b=2))
    stale = layer.version
    layer.store(other(LYON, a=1, b=2), BRON)
    assert layer.push(collection(other(LYON, b=2.0, a=True)), stale).status_code == HTTPStatus.OK
    assert layer.body["features"][0]["properties"] == {**LYON["properties"], "a": 1, "b": 2}
    assert layer.body["features"][0]["properties"]["a"] is not True
    assert layer.names == ["Lyon", "Bron"]


def test_ids_play_no_part(layer: Kept) -> None:
    """protocol 6, 2: both sides made the same feature under two ids: both are kept."""
    stale = layer.version
    layer.store(LYON, BRON, VIENNE)
    layer.push(collection(LYON, BRON, {**VIENNE, "id": "eeeee"}), stale)
    assert layer.names == ["Lyon", "Bron", "Vienne", "Vienne"]


def test_what_both_add_stands_twice(layer: Kept) -> None:
    """protocol 6, 3: two sides that both add the same feature get it twice: so does a push that is
    repeated after a save."""
    stale, ours = layer.version, collection(LYON, BRON, VIENNE)
    layer.push(ours, stale)
    layer.store(LYON, BRON, VIENNE, ANNECY)
    assert layer.push(ours, stale).status_code == HTTPStatus.OK
    assert layer.names == ["Lyon", "Bron", "Vienne", "Annecy", "Vienne"]


def test_only_features_are_merged(layer: Kept) -> None:
    """fact 3: name, rank and settings of the stale push are stored as sent."""
    stale = layer.version
    by_person = {**FORM, "settings": '{"name": "Cités", "color": "Teal"}'}
    layer.push(collection(LYON, BRON, VIENNE), stale, by_person)
    sent = {**FORM, "settings": '{"name": "Old", "color": "Orchid"}'}
    assert layer.push(collection(LYON, BRON, ANNECY), stale, sent).status_code == HTTPStatus.OK
    assert layer.made.settings(layer.id).items() >= {"name": "Old", "color": "Orchid"}.items()


@pytest.mark.parametrize("stored", [b"[1,2]", b"{broken"])
def test_what_is_no_object_is_not_merged(layer: Kept, stored: bytes) -> None:
    """protocol 6, 5: if the live file is no JSON object in UTF-8, a push on an older version is 500."""
    stale = layer.version
    layer.push(stored, stale)
    assert layer.push(collection(), stale).status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert layer.made.read(layer.id)[0] == stored
