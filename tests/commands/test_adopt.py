"""A map drawn by hand is matched with the file: only ids are written, and nothing is guessed."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.commands.desk import Desk, Rows, changed, rows
from umap_bot.umap.layer.body import decode

HERE = Path(__file__).parents[2] / "fixtures" / "cites-educatives"


def drawn(table: Rows) -> list[dict[str, Any]]:
    """Features as a person would have drawn them from the rows: no id, some own style, a little off."""
    return [
        {
            "type": "Feature",
            "properties": {
                "name": cells["nom"].upper(),
                "description": f"**{cells['nom']}**",
                "note": 1.50,
                "_umap_options": {"color": "Red", "future": {"x": [1e3]}},
            },
            "geometry": {"type": "Point", "coordinates": [float(cells["lon"]) + 0.0005, float(cells["lat"])]},
            "id": f"hand{number}",
        }
        for number, cells in enumerate(table.values())
    ]


def without_key(feature: dict[str, Any]) -> dict[str, Any]:
    properties = {name: value for name, value in feature["properties"].items() if name != "id"}
    return {**feature, "properties": properties}


@pytest.fixture
def table(desk: Desk) -> Rows:
    found = rows(5)
    desk.commit(found)
    desk.save(drawn(found))
    return found


def test_looking_writes_nothing_and_waits(desk: Desk, table: Rows) -> None:
    before, versions = desk.body, desk.versions
    said = desk.type("adopt")
    assert said.code == 3
    assert "Sure (5)" in said.out
    assert (desk.body, desk.versions, said.posts) == (before, versions, [])
    assert not desk.state.exists()


def test_only_the_id_is_written_and_the_sync_after_it_adds_none(desk: Desk, table: Rows) -> None:
    before, slices = desk.features, decode(desk.body).features
    desk.done("adopt", "--approve", desk.held("adopt"), "--by", "Anne")
    assert "approved by Anne, " in desk.done("log").out
    after = desk.features
    assert [re.sub(rb',"id":"c[0-9]+"', b"", raw) for raw in decode(desk.body).features] == list(slices), (
        "byte for byte"
    )
    assert [without_key(feature) for feature in after] == before
    assert [feature["properties"]["id"] for feature in after] == list(table)

    plan = desk.type("plan", "--json").runs[0]
    assert plan["counts"]["create"] == plan["counts"]["delete"] == plan["counts"]["drift"] == 0
    assert plan["counts"]["update"] == 5
    desk.done("sync", "--approve", desk.held("sync"))
    assert len(desk.features) == 5
    assert {feature["properties"]["name"] for feature in desk.features} == {
        cells["nom"] for cells in table.values()
    }
    assert all(feature["properties"]["_umap_options"]["color"] == "Red" for feature in desk.features)
    assert desk.done("sync").posts == []


def test_an_adoption_is_in_the_log(desk: Desk, table: Rows) -> None:
    desk.done("adopt", "--approve", desk.held("adopt"))
    assert "5 matched with their rows" in desk.done("log").out
    assert 'id  (empty) → "c1"' in desk.done("show", "1").out


def test_the_wrong_code_writes_nothing(desk: Desk, table: Rows) -> None:
    before = desk.body
    said = desk.type("adopt", "--approve", "0000-0000-0000-0000")
    assert said.code == 3
    assert "umap-bot adopt --approve" in said.out
    assert desk.body == before


def test_what_was_approved_is_not_what_is_found_later(desk: Desk, table: Rows) -> None:
    code = desk.held("adopt")
    desk.save(desk.features[:-1])
    assert desk.type("adopt", "--approve", code).code == 3
    assert all("id" not in feature["properties"] for feature in desk.features)


def test_a_tie_is_never_guessed_and_can_be_settled_by_hand(desk: Desk, table: Rows) -> None:
    twice = desk.features[0]
    desk.save([*desk.features, {**twice, "id": "again"}])
    said = desk.type("adopt")
    assert "Sure (4)" in said.out
    assert "Doubtful (1)" in said.out
    assert "perhaps CITÉ 1 (feature again)" in said.out
    code = desk.held("adopt", "--pair", "c1=again")
    desk.done("adopt", "--pair", "c1=again", "--approve", code)
    keys = {feature["id"]: feature["properties"].get("id") for feature in desk.features}
    assert (keys["again"], keys["hand0"]) == ("c1", None)


def test_many_are_settled_in_a_spreadsheet(desk: Desk, table: Rows) -> None:
    desk.save([*desk.features, {**desk.features[0], "id": "again"}])
    file = desk.folder / "pairs.csv"
    desk.held("adopt", "--save", str(file))
    with file.open(newline="", encoding="utf-8") as opened:
        lines = list(csv.DictReader(opened))
    assert [line["id"] for line in lines].count("c1") == 2, "a line for each it may be"
    for line in lines:
        if "again" in line["remark"]:
            line["feature"] = "again"
    with file.open("w", newline="", encoding="utf-8-sig") as opened:
        writer = csv.DictWriter(opened, lines[0], delimiter=";")
        writer.writeheader()
        writer.writerows(lines)
    code = desk.held("adopt", "--pairs", str(file))
    desk.done("adopt", "--pairs", str(file), "--approve", code)
    assert len([feature for feature in desk.features if "id" in feature["properties"]]) == 5


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--pair", "c1"), "is no pair"),
        (("--pair", "nobody=hand0"), "No row with the id"),
        (("--pair", "c1=nobody"), "No feature"),
        (("--pair", "c1=hand0", "--pair", "c2=hand0"), "paired with two ids"),
        (("--pair", "c1=hand0", "--pair", "c1=hand1"), "paired with two features"),
        (("--pairs", "nothing.csv"), "can't be read"),
        (("--pairs", "data/cites.csv"), "has no columns id and feature"),
        (("--match", " , "), "names no column"),
    ],
)
def test_a_pair_that_cannot_be_ends_with_64(
    desk: Desk, table: Rows, words: tuple[str, ...], told: str
) -> None:
    before = desk.body
    said = desk.type("adopt", *words)
    assert (said.code, desk.body) == (64, before)
    assert told in said.err


def test_the_pairs_file_is_never_written_over(desk: Desk, table: Rows) -> None:
    file = desk.folder / "pairs.csv"
    file.write_text("mine")
    said = desk.type("adopt", "--save", str(file))
    assert said.code == 64
    assert file.read_text() == "mine"


def test_who_never_matched_is_told_of_it_by_the_plan(desk: Desk, table: Rows) -> None:
    said = desk.type("plan")
    assert said.code == 3
    assert "5 features would be added beside one of the same name or place" in said.out
    assert "umap-bot adopt matches them" in said.out


def test_far_points_and_features_without_a_row_stay_as_they_are(desk: Desk, table: Rows) -> None:
    far = changed(table, "c1", lat="47.9", lon="1.9")
    desk.commit(far)
    desk.draw("Siège")
    said = desk.type("adopt")
    assert "the name is the same, but the places are far apart" in said.out
    assert "Siège" in said.out.partition("Features without a row (1)")[2]


def test_the_eighteen_drawn_by_hand_are_eighteen_after_the_sync(desk: Desk) -> None:
    desk.commit((HERE / "cites.csv").read_bytes())
    desk.save(json.loads((HERE / "hand-made.geojson").read_bytes())["features"])
    before = desk.features
    desk.done("adopt", "--approve", desk.held("adopt"))
    assert [without_key(feature) for feature in desk.features] == before
    desk.done("sync", "--approve", desk.held("sync"))
    assert len(desk.features) == 18
    styles = [feature["properties"].get("_umap_options") for feature in before]
    assert sum(map(bool, styles)) == 5
    assert [feature["properties"].get("_umap_options") for feature in desk.features] == styles
    descriptions = {
        feature["properties"]["id"]: feature["properties"].get("description") for feature in desk.features
    }
    assert all(descriptions.values()), "what only the map has stays"
    assert desk.done("plan").code == 0


def test_repeated_names_two_rows_for_one_point_and_a_nameless_feature(desk: Desk) -> None:
    """Names that repeat are parted by place; one point for two rows is nobody's; no name is no hindrance."""
    table = {
        key: {"nom": name, "commune": "x", "lat": lat, "lon": "4.0"}
        for key, name, lat in (
            ("north", "Centre", "45.00"),
            ("south", "Centre", "45.20"),
            ("school", "Collège", "45.4000"),
            ("annex", "Annexe", "45.4005"),
            ("bron", "Bron", "45.60"),
        )
    }
    desk.commit(table)
    south, north, shared, nameless = drawn(
        {
            "1": {"nom": "Centre", "lat": "45.2001", "lon": "4.0"},
            "2": {"nom": "Centre", "lat": "45.0001", "lon": "4.0"},
            "3": {"nom": "Éducation", "lat": "45.4002", "lon": "4.0"},
            "4": {"nom": "", "lat": "45.6001", "lon": "4.0"},
        }
    )
    desk.save([south, north, shared, nameless])
    said = desk.type("adopt")
    assert ("Sure (3)" in said.out, "Doubtful (2)" in said.out) == (True, True)
    assert "may as well be another row" in said.out
    desk.done("adopt", "--approve", desk.held("adopt"))
    keys = {feature["id"]: feature["properties"].get("id") for feature in desk.features}
    assert keys == {"hand0": "south", "hand1": "north", "hand2": None, "hand3": "bron"}
