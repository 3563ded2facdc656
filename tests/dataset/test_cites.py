"""The first user's data: the three files of fixtures/cites-educatives agree with what their README says."""

from __future__ import annotations

import csv
import json
import re
from math import cos, hypot, radians

from tests.dataset.conftest import CITES
from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.model.canon import canonical, canonical_geometry
from umap_bot.model.layer import Layer


def read(name: str) -> Layer:
    return decode((CITES / name).read_bytes(), Recipe(path=name, rename={"nom": "name"}))


def test_the_csv_has_eighteen_places() -> None:
    layer = read("cites.csv")
    assert (len(layer.rows), layer.key, layer.places, layer.warnings) == (18, "id", True, ())
    assert layer.rows["oyonnax-bellignat"].properties["departement"] == "01"
    assert layer.lines["venissieux-saint-fons"] == 6
    assert all(row.geometry for row in layer.rows.values())


def test_the_geojson_says_the_same() -> None:
    one, other = read("cites.csv"), read("cites.geojson")
    assert one.columns == other.columns
    for key, row in one.rows.items():
        assert canonical(row.properties) == canonical(other.rows[key].properties)
        assert canonical_geometry(row.geometry) == canonical_geometry(other.rows[key].geometry)
    assert list(one.rows) == list(other.rows)


def test_the_hand_made_layer_is_as_umap_keeps_it() -> None:
    features = json.loads((CITES / "hand-made.geojson").read_text("utf-8"))["features"]
    ids = [feature["id"] for feature in features]
    assert len(set(ids)) == 18
    assert all(re.fullmatch("[A-Za-z0-9]{5}", umap_id) for umap_id in ids)
    for feature in features:
        assert set(feature) == {"type", "id", "properties", "geometry"}
        assert set(feature["properties"]) <= {"name", "description", "_umap_options"}
        assert feature["properties"]["description"].endswith("*(texte d'exemple)*")
        assert set(re.findall(r"https?://([^/]*)", feature["properties"]["description"])) == {"example.org"}
    assert sum("_umap_options" in feature["properties"] for feature in features) == 5


def test_each_territory_was_drawn_once_near_its_place() -> None:
    features = json.loads((CITES / "hand-made.geojson").read_text("utf-8"))["features"]
    with (CITES / "cites.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    nearest = set()
    for feature in features:
        longitude, latitude = feature["geometry"]["coordinates"]
        metres = {
            row["id"]: 111_195
            * hypot(float(row["lat"]) - latitude, (float(row["lon"]) - longitude) * cos(radians(latitude)))
            for row in rows
        }
        key = min(metres, key=lambda key: metres[key])
        assert 5 < metres[key] < 350
        nearest.add(key)
    assert nearest == {row["id"] for row in rows}
