"""Protocol 5: updating a layer."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.contract.asker import BRON, FORM, LYON, VIENNE, Asker, Kept, Release
from tests.umap.made import collection
from umap_bot.sandbox.maps import LOCK, VERSION

UNKNOWN = "1600000000000"


def unstored(layer: Kept) -> None:
    """The layer is as it was made."""
    assert (layer.names, len(layer.made.versions(layer.id))) == (["Lyon", "Bron"], 1)


@pytest.mark.parametrize(("start", "end"), [("/en", ""), ("", "/")])
def test_a_post_elsewhere_is_redirected(layer: Kept, start: str, end: str) -> None:
    """protocol 5, 1: without language or final slash it would be redirected, and become a GET."""
    path = layer.path("datalayer_update").removeprefix(start).removesuffix(end)
    answer = layer.asker.post(path, FORM, ("blob", b"{}"), **{LOCK: layer.version})
    assert answer.status_code in {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND}
    unstored(layer)


def test_a_file_without_a_name_is_passed_over(layer: Kept) -> None:
    """protocol 5, 2 and protocol 5, 4: without a filename it is ignored, with 200 and the version as before.

    fact 5: 200 is not success.
    """
    before = layer.version
    answer = layer.push(collection(), before, filename=None)
    assert (answer.status_code, answer.headers.get(VERSION, before)) == (HTTPStatus.OK, before)
    assert layer.version == before
    unstored(layer)


@pytest.mark.parametrize("left_out", ["name", "rank"])
def test_a_form_without_a_part_is_an_error(layer: Kept, left_out: str) -> None:
    """protocol 5, 2 and protocol 5, 4: a form without `name` or `rank` is refused, with 200.

    fact 5: form errors are answered with 200.
    """
    form = {name: value for name, value in FORM.items() if name != left_out}
    answer = layer.push(collection(), layer.version, form)
    assert answer.status_code == HTTPStatus.OK
    assert left_out in answer.json()["errors"]
    unstored(layer)


@pytest.mark.parametrize("name", ["", "é" * 201])
def test_names_have_1_to_200_characters(layer: Kept, name: str) -> None:
    """protocol 5, 2: an empty name and one of 201 characters are form errors."""
    assert "name" in layer.push(collection(), layer.version, {**FORM, "name": name}).json()["errors"]
    unstored(layer)


def test_a_name_of_200_characters_is_taken(layer: Kept) -> None:
    """protocol 5, 2: 200 characters are enough."""
    assert "errors" not in layer.push(collection(), layer.version, {**FORM, "name": "é" * 200}).json()
    assert layer.names == []


def test_settings_that_are_left_out_stay(layer: Kept) -> None:
    """protocol 5, 2 and fact 12: `settings` that are left out stay."""
    layer.store(LYON)
    assert layer.made.settings(layer.id).items() >= {"color": "Orchid", "iconClass": "Drop"}.items()


def test_settings_that_are_sent_replace_all(layer: Kept) -> None:
    """fact 12: settings, if sent, replace them all."""
    layer.push(collection(LYON), layer.version, {**FORM, "settings": '{"name": "Cités", "weight": 3}'})
    now = layer.made.settings(layer.id)
    assert (now["weight"], "color" in now, "iconClass" in now) == (3, False, False)


def test_a_current_lock_is_stored(layer: Kept) -> None:
    """protocol 5, 3 and protocol 5, 4: current: stored, with a new version, and no `geojson`."""
    before = layer.version
    answer = layer.push(collection(VIENNE), before)
    assert (answer.status_code, "geojson" in answer.json()) == (HTTPStatus.OK, False)
    assert answer.headers[VERSION] == layer.version != before
    assert layer.names == ["Vienne"]


def test_the_same_content_makes_a_new_version(layer: Kept) -> None:
    """protocol 5, 4: a new version also for the content that stands."""
    assert layer.store(LYON, BRON) != layer.made.versions(layer.id)[1]["ref"]


@pytest.mark.parametrize("lock", [UNKNOWN, "garbage", '"1"'])
def test_an_unknown_lock_is_a_conflict(layer: Kept, lock: str) -> None:
    """protocol 5, 3 and protocol 5, 5: not known: an empty 412."""
    answer = layer.push(collection(), lock)
    assert (answer.status_code, answer.content) == (HTTPStatus.PRECONDITION_FAILED, b"")
    unstored(layer)


@pytest.mark.parametrize("headers", [{}, {LOCK: ""}, {"If-Match": UNKNOWN}, {"If-Unmodified-Since": UNKNOWN}])
def test_without_the_lock_it_is_overwritten(layer: Kept, headers: dict[str, str]) -> None:
    """fact 1 and protocol 5, 3: missing, empty, under another name: overwritten blindly."""
    layer.store(VIENNE)
    file = ("blob", b'{"type": "FeatureCollection", "features": []}')
    answer = layer.asker.post(layer.path("datalayer_update"), FORM, file, **headers)
    assert (answer.status_code, layer.names) == (HTTPStatus.OK, [])


@pytest.mark.parametrize(
    "content",
    [b"{broken", b"[1,2]", b" ", b'{"a": NaN}', b'{"a": "\xe9"}', b"\x1f\x8b\x08\x00"],
    ids=["broken", "list", "blank", "NaN", "Latin-1", "gzip"],
)
def test_nothing_in_the_file_is_checked(layer: Kept, theirs: Asker, content: bytes) -> None:
    """fact 4: broken JSON, a list, NaN, Latin-1 are stored, and shown to visitors."""
    assert layer.push(content, layer.version).status_code == HTTPStatus.OK
    assert theirs.get(layer.path("datalayer_view")).content == content


def test_no_such_layer(layer: Kept) -> None:
    """protocol 5, 5: 404 no such layer."""
    path = layer.path("datalayer_update", pk="00000000-0000-4000-8000-000000000000")
    answer = layer.asker.post(path, FORM, ("blob", b"{}"), **{LOCK: layer.version})
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_a_deleted_layer_still_takes_pushes(layer: Kept) -> None:
    """fact 6: a layer that was deleted still takes pushes; the page no longer lists it."""
    layer.made.delete_layer(layer.id)
    assert layer.made.layers() == []
    layer.store(VIENNE)
    assert layer.names == ["Vienne"]
    assert layer.made.layers() == []


@pytest.mark.parametrize(
    "settings", [{"group": True}, {"remoteData": {"url": "https://example.org/a", "format": "geojson"}}]
)
def test_what_never_shows_them_takes_pushes_too(layer: Kept, settings: dict[str, object]) -> None:
    """fact 6: so do a group and a layer of remote data."""
    other = Kept(layer.made, layer.asker, layer.made.add_layer("Other", collection(), settings))
    other.store(VIENNE)
    assert other.names == ["Vienne"]


def test_a_push_without_a_parent_leaves_the_group(layer: Kept, release: Release) -> None:
    """fact 12 and protocol 5, 2: a push without `parent` takes a layer out of its group."""
    group = layer.made.add_layer("Group", collection(), {"group": True})
    child = Kept(layer.made, layer.asker, layer.made.add_layer("Child", collection(), parent=group))
    child.push(collection(), child.version, {**FORM, "parent": group})
    assert (child.id in top(child)) == (release < (3, 7))
    child.push(collection(), child.version, FORM)
    assert child.id in top(child)


def top(layer: Kept) -> list[str]:
    return [entry["id"] for entry in layer.made.layers()]
