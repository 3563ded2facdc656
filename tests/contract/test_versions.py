"""Protocol 7: what uMap keeps of a layer."""

from __future__ import annotations

import json
from http import HTTPStatus

from tests.contract.asker import BRON, LYON, VIENNE, Asker, Kept
from tests.umap.made import collection
from umap_bot.sandbox.maps import new_map
from umap_bot.sandbox.prepare import Prepared
from umap_bot.sandbox.server import Sandbox

KEPT = 10


def test_what_the_list_tells(layer: Kept) -> None:
    """protocol 7, 1: each has a name, a ref, a time in milliseconds, a size; the live one is among them."""
    layer.store(VIENNE)
    newest, first = layer.made.versions(layer.id)
    assert newest["ref"] == layer.version
    assert int(newest["at"]) > int(first["at"]) > 1_600_000_000_000
    assert int(newest["size"]) == len(layer.made.read(layer.id)[0])
    assert newest["ref"] in newest["name"]


def test_ten_are_kept(layer: Kept) -> None:
    """protocol 7, 1: ten, the live one among them; the content of one that is gone is 404."""
    first = layer.version
    path = layer.path("datalayer_version", ref=first)
    assert layer.asker.get(path).status_code == HTTPStatus.OK
    stored = [layer.store(LYON, VIENNE) for _ in range(KEPT)]
    assert {version["ref"] for version in layer.made.versions(layer.id)} == set(stored)
    assert layer.asker.get(path).status_code == HTTPStatus.NOT_FOUND


def test_a_site_may_keep_another_number(prepared: Prepared) -> None:
    """protocol 7, 1: a site may set another number."""
    with Sandbox(prepared, settings={"UMAP_KEEP_VERSIONS": 2}) as site, new_map(site.site, "Two") as made:
        layer = Kept(made, Asker(site.site, made.session), made.add_layer("Cités", collection()))
        stored = [layer.store(LYON) for _ in range(3)]
        assert [version["ref"] for version in made.versions(layer.id)] == stored[:0:-1]


def test_the_content_of_a_version(layer: Kept) -> None:
    """protocol 7, 2: the content of a version is at `datalayer_version`."""
    before = layer.version
    layer.store(VIENNE)
    content = layer.asker.get(layer.path("datalayer_version", ref=before)).content
    assert json.loads(content) == collection(LYON, BRON)


def test_a_save_that_is_run_over_stands_in_the_list(layer: Kept) -> None:
    """protocol 7, 5: what a push without a lock ran over is not in the layer, and stands in the list.

    fact 2: it is gone from the layer, but stands in the version list.
    """
    known = {version["ref"] for version in layer.made.versions(layer.id)}
    lost = layer.store(LYON, BRON, VIENNE)
    layer.push(collection(LYON), None)
    new = {version["ref"] for version in layer.made.versions(layer.id)} - known
    assert new == {lost, layer.version}
    content = layer.asker.get(layer.path("datalayer_version", ref=lost)).content
    assert json.loads(content)["features"][2] == VIENNE
