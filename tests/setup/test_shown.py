"""Remote data that is a layer of another map of the same site."""

from __future__ import annotations

import pytest

from umap_bot.umap.address import read_address
from umap_bot.umap.layer.shown import place_of

HERE = read_address("https://umap.example.org/fr/map/a_12")
LAYER = "5f0c6e4a-1111-2222-3333-444455556666"
OURS = [
    f"https://umap.example.org/fr/datalayer/34/{LAYER}/",
    f"https://umap.example.org/datalayer/34/{LAYER}/",
    f"http://umap.example.org/pt-br/datalayer/34/{LAYER}",
    f"https://umap.example.org:443/en/datalayer/34/{LAYER}/?…",
    f"/fr/datalayer/34/{LAYER}/",
]
OTHERS = [
    "",
    "…",
    f"https://other.example.org/fr/datalayer/34/{LAYER}/",
    f"https://umap.example.org/sub/fr/datalayer/34/{LAYER}/",
    "https://umap.example.org/fr/map/a_34",
    f"https://umap.example.org/fr/datalayer/34/{LAYER}/more",
    "https://[umap.example.org/fr/datalayer/34/1/",
    f"ftp://umap.example.org/fr/datalayer/34/{LAYER}/",
]


@pytest.mark.parametrize("remote", OURS)
def test_a_layer_of_this_site(remote: str) -> None:
    found = place_of(remote, HERE)
    assert found is not None
    assert (found[0].url, found[1]) == ("https://umap.example.org/fr/map/map_34", LAYER)


@pytest.mark.parametrize("remote", OTHERS)
def test_something_else(remote: str) -> None:
    assert place_of(remote, HERE) is None
