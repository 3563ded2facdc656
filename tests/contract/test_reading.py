"""Protocol 4: reading a layer."""

from __future__ import annotations

from http import HTTPStatus

from tests.contract.asker import LYON, Kept
from tests.umap.made import collection
from umap_bot.sandbox.maps import VERSION


def test_the_header_tells_the_version(layer: Kept) -> None:
    """protocol 4, 1: the version in the header is the newest of the list."""
    answer = layer.asker.get(layer.path("datalayer_view"))
    assert answer.headers[VERSION] == layer.made.versions(layer.id)[0]["ref"]


def test_the_body_is_what_the_last_writer_left(layer: Kept) -> None:
    """protocol 4, 2: byte for byte, in UTF-8, with members that uMap does not know."""
    left = '{ "type":"FeatureCollection",  "features":[ ], "own": "é\\u00e9", "_umap_options": {"a": 1.0}}\n'
    layer.push(left.encode(), layer.version)
    assert layer.asker.get(layer.path("datalayer_view")).content == left.encode()


def test_only_the_language_and_the_slash_are_wanted(layer: Kept) -> None:
    """protocol 4, 3: without a language it is a redirect, and any query is taken."""
    path = layer.path("datalayer_view")
    assert layer.asker.get(path + "?1732").status_code == HTTPStatus.OK
    assert layer.asker.get(path.removeprefix("/en")).status_code == HTTPStatus.FOUND


def test_an_unknown_layer_is_not_found(layer: Kept) -> None:
    """protocol 4, 3: an unknown layer is 404."""
    unknown = layer.path("datalayer_view", pk="00000000-0000-4000-8000-000000000000")
    assert layer.asker.get(unknown).status_code == HTTPStatus.NOT_FOUND


def test_a_copy_of_the_settings_may_be_old(layer: Kept) -> None:
    """protocol 4, 2: the settings in the file are a copy; those of the page are the truth."""
    layer.push(collection(LYON, _umap_options={"name": "Old", "color": "Red"}), layer.version)
    assert layer.made.settings(layer.id).items() >= {"name": "Cités", "color": "Orchid"}.items()
