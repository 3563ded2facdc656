"""A layer whole: nothing of a feature is touched, and uMap would import the layer and its settings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from umap_bot.dataset.writing import whole
from umap_bot.model.layer import Collection

FEATURES = (
    b'{"type": "Feature", "geometry":null,"properties":{"n":1.0,"t":"\\u00e9"},"id":"Abcde"}',
    b'{"properties":{"big":123456789012345678901},"type":"Feature","more":[ ]}',
)


def stored(**members: Any) -> Collection:
    heads = {"type": "FeatureCollection", **members}
    return Collection(tuple((name, json.dumps(value).encode()) for name, value in heads.items()), FEATURES)


def imported(layer: Collection, settings: dict[str, Any]) -> dict[str, Any]:
    data = whole.umap(
        layer, settings, layer_name="Cités", map_name='A "map"', map_url="https://u.example/m/1"
    )
    assert all(feature in data for feature in FEATURES)
    file: dict[str, Any] = json.loads(data)
    return file


@pytest.mark.parametrize(
    "layer", [stored(), stored(_umap_options={"name": "x"}, id="l1"), Collection((), ())]
)
def test_geojson_is_the_layer_as_it_was_stored(layer: Collection) -> None:
    data = whole.geojson(layer)
    assert json.loads(data) == json.loads(layer.encode())
    assert all(
        feature in data.splitlines() or feature + b"," in data.splitlines() for feature in layer.features
    )


def test_what_umap_imports_is_a_map_with_one_layer() -> None:
    file = imported(stored(_umap_options={"name": "old"}, own=[1]), {"name": "x", "color": "Red"})
    assert (file["type"], file["properties"], file["uri"]) == (
        "umap",
        {"name": 'A "map"'},
        "https://u.example/m/1",
    )
    (layer,) = file["layers"]
    own = {"name": "Cités", "color": "Red"}
    assert layer == {
        "type": "FeatureCollection",
        "_umap_options": own,
        "properties": own,
        "own": [1],
        "features": [json.loads(feature) for feature in FEATURES],
    }


def test_the_place_of_the_layer_on_its_map_is_left_out() -> None:
    """An import looks for no group or id that another map has, and makes no layers of what a file holds."""
    bound = {"id": "l1", "rank": 3, "parent": "l0", "layers": [{"type": "FeatureCollection"}], "_storage": {}}
    (layer,) = imported(stored(**bound, properties={"name": "old"}), {})["layers"]
    assert layer.keys() == {"type", "_umap_options", "properties", "features"}
    assert layer["properties"] == {"name": "Cités"}
