"""People's work over HTTP, on the real uMap: what the other tests build their stories from."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from http import HTTPStatus

import pytest
import requests

from tests.accounts import log_in, new_user
from umap_bot.errors import SandboxError
from umap_bot.sandbox.browser import Json
from umap_bot.sandbox.maps import VERSION, MadeMap, new_map, visit
from umap_bot.sandbox.server import Sandbox


def collection(*names: str) -> Json:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": f"abc{place:02}",
                "properties": {"name": name},
                "geometry": {"type": "Point", "coordinates": [4.8 + place / 100, 45.7]},
            }
            for place, name in enumerate(names)
        ],
    }


def since(umap: Sandbox, *release: int) -> bool:
    """Whether this uMap is of that release or a newer one."""
    return tuple(map(int, umap.release.split("."))) >= release


def test_page_answers_with_the_map(umap: Sandbox, made_map: MadeMap) -> None:
    with requests.Session() as stranger:
        page = stranger.get(made_map.url, timeout=10)
    assert page.status_code == HTTPStatus.OK
    assert ("data-settings" if since(umap, 3, 0) else 'new Umap("map"') in page.text
    assert made_map.page()["umap_version"] == umap.release
    assert made_map.page()["editMode"] == "advanced"
    assert made_map.layers() == []


def test_the_background_asks_nothing_of_the_internet(made_map: MadeMap) -> None:
    assert [layer["url_template"][:5] for layer in made_map.page()["tilelayers"]] == ["data:"]


def test_layer_round_trip(made_map: MadeMap) -> None:
    layer = made_map.add_layer("Cités", collection("École", "Gare"), {"color": "Teal"})
    content, version = made_map.read(layer)
    assert json.loads(content) == collection("École", "Gare")
    assert [entry["id"] for entry in made_map.layers()] == [layer]
    assert made_map.settings(layer) == {"name": "Cités", "displayOnLoad": True, "color": "Teal"}

    saved = made_map.save(layer, collection("École"), version)
    content, now = made_map.read(layer)
    assert (saved.status_code, saved.headers[VERSION]) == (HTTPStatus.OK, now)
    assert json.loads(content) == collection("École")
    assert made_map.settings(layer)["color"] == "Teal"
    assert [kept["ref"] for kept in made_map.versions(layer)] == [now, version]
    assert json.loads(made_map.version(layer, version)) == collection("École", "Gare")


def test_lock_that_is_not_known_is_refused(made_map: MadeMap) -> None:
    layer = made_map.add_layer("Places", collection("A"))
    before = made_map.read(layer)
    assert made_map.save(layer, collection("B"), "1").status_code == HTTPStatus.PRECONDITION_FAILED
    assert made_map.read(layer) == before
    assert made_map.save(layer, collection("B"), None).status_code == HTTPStatus.OK
    assert made_map.read(layer) != before


def test_edit_link_opens_the_map_to_another_person_but_not_to_strangers(
    umap: Sandbox, made_map: MadeMap
) -> None:
    layer = made_map.add_layer("Places", collection("A"))
    with visit(made_map) as stranger, made_map.another_person() as friend:
        assert (friend.id, friend.name) == (made_map.id, made_map.name)
        assert stranger.save(layer, collection(), None).status_code == HTTPStatus.FORBIDDEN
        assert friend.save(layer, collection("B"), friend.read(layer)[1]).status_code == HTTPStatus.OK
        made_map.set_permissions(edit_status=1)
        assert stranger.save(layer, collection("C"), None).status_code == HTTPStatus.OK
        made_map.set_permissions(share_status=0)
        assert stranger.session.get(made_map.url, timeout=10).status_code == HTTPStatus.FORBIDDEN
        with pytest.raises(SandboxError, match="403") if since(umap, 3, 7) else nullcontext():
            stranger.page()  # the settings alone: older ones give them of every map


def test_groups_deleted_layers_and_new_names(umap: Sandbox, made_map: MadeMap) -> None:
    group = made_map.add_layer("Group", collection(), {"group": True})
    child = made_map.add_layer("Child", collection("A"), parent=group)
    assert made_map.save(child, collection("B"), None).status_code == HTTPStatus.OK
    grouped = since(umap, 3, 7)  # before, `parent` is passed over
    assert {entry["id"] for entry in made_map.layers()} == ({group} if grouped else {group, child})
    assert made_map.layer(child)["id"] == child
    made_map.delete_layer(group)
    with pytest.raises(SandboxError, match="has no layer"):
        made_map.layer(child if grouped else group)
    made_map.rename("Another name")
    assert made_map.url.endswith(f"/another-name_{made_map.id}")


def test_requests_run_at_the_same_time(made_map: MadeMap) -> None:
    """uMap's lock is not atomic: of two saves started together both may win. It can be seen here."""
    layer = made_map.add_layer("Places", collection("A"))
    with made_map.another_person() as friend, ThreadPoolExecutor(2) as pool:
        both = any(_race(pool, made_map, friend, layer) for _ in range(20))
    assert both


def _race(pool: ThreadPoolExecutor, one: MadeMap, other: MadeMap, layer: str) -> bool:
    version, settings, together = one.read(layer)[1], {"name": "Places"}, threading.Barrier(2)

    def save(person: MadeMap, name: str) -> Callable[[], requests.Response]:
        person.settings(layer)  # its connection stands

        def at_once() -> requests.Response:
            together.wait(10)
            return person.save(layer, collection("A", name), version, settings)

        return at_once

    running = [pool.submit(save(one, "B")), pool.submit(save(other, "C"))]
    answers = [task.result(30) for task in running]
    return all(answer.status_code == HTTPStatus.OK and "geojson" not in answer.json() for answer in answers)


def test_account_owns_its_map(umap: Sandbox, made_map: MadeMap) -> None:
    name = f"anna{made_map.id}"
    new_user(umap, name, "a password")
    with pytest.raises(SandboxError, match="does not let"):
        log_in(umap.url, name, "another")
    with new_map(umap.url, "Anna’s", session=log_in(umap.url, name, "a password")) as owned:
        layer = owned.add_layer("Places", collection("A"))
        owned.set_permissions(share_status=3, edit_status=3)
        assert owned.edit_link == ""
        assert owned.page()["permissions"]["owner"]["name"] == name
        assert owned.save(layer, collection("B"), owned.read(layer)[1]).status_code == HTTPStatus.OK
        owned.delete()
    with pytest.raises(SandboxError, match="already exists"):
        new_user(umap, name, "a password")
