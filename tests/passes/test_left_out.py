"""What a filter leaves out is known by its keys: another layer may be given those rows."""

from __future__ import annotations

import json

from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe

CSV = b"id,name,town,lat,lon\n a ,A,x,45,4\nb,B,y,45,4\n,C,y,45,4\nd,D,x,45,4\n"


def test_rows_of_a_table() -> None:
    layer = decode(CSV, Recipe(path="f.csv", filter={"town": "x"}))
    assert (list(layer.rows), layer.left_out) == (["a", "d"], frozenset({"b"}))


def test_features_known_by_their_own_id() -> None:
    place = {"type": "Point", "coordinates": [4, 45]}
    features = [
        {"type": "Feature", "id": number, "geometry": place, "properties": {"town": town}}
        for number, town in enumerate("xyx", 1)
    ]
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    layer = decode(data, Recipe(path="f.geojson", filter={"town": "x"}))
    assert (list(layer.rows), layer.left_out) == (["1", "3"], frozenset({"2"}))


def test_a_key_that_stands_in_both_parts_is_not_left_out() -> None:
    layer = decode(CSV + b"a,Again,y,45,4\n", Recipe(path="f.csv", filter={"town": "x"}))
    assert (list(layer.rows), layer.left_out) == (["a", "d"], frozenset({"b"}))


def test_without_a_filter_nothing_is_left_out() -> None:
    assert decode(CSV.replace(b"\n,C", b"\nc,C"), Recipe(path="f.csv")).left_out == frozenset()
