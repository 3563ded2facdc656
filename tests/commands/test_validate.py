"""`umap-bot validate`: the file alone, without a map."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.desk import Desk, rows, text

BAD = "id,nom,lat,lon\n1,Lyon,45.7,4.8\n,Bron,45.7,4.9\n1,Vienne,95.5,4.9\n"

TAKEN = (
    'here.csv: where "layer" is empty, {layer} in a popup shows uMap\'s own value; to '
    "avoid that, rename the column: DATASET_RENAME=layer=…"
)


def test_the_file_in_the_repository(desk: Desk) -> None:
    said = desk.done("validate")
    assert said.out == (
        "cites.csv is valid: 10 rows, with coordinates, columns id, name, commune.\n"
        "  · assumed: encoding UTF-8 (DATASET_ENCODING) · delimiter , (DATASET_DELIMITER) · "
        "latitude from lat, longitude from lon (DATASET_LATITUDE, DATASET_LONGITUDE)\n"
    )
    assert said.requests == ()


def test_a_file_here(desk: Desk) -> None:
    (desk.folder / "here.csv").write_text(text(rows(3)), "utf-8")
    said = desk.done("validate", "here.csv")
    assert said.out.startswith("here.csv is valid: 3 rows")
    assert said.online == ()


def test_rows_without_coordinates_are_not_counted_as_placed(desk: Desk) -> None:
    (desk.folder / "here.csv").write_text("id,nom,lat,lon\na,A,45.7,4.8\nb,B,,\n", "utf-8")
    said = desk.done("validate", "here.csv").out
    assert said.startswith("here.csv is valid: 2 rows, 1 of them with coordinates, columns id, name.\n")


def test_a_file_here_needs_no_settings(desk: Desk) -> None:
    desk.env.unlink()
    (desk.folder / "here.csv").write_text(text(rows(3)), "utf-8")
    assert desk.done("validate", "here.csv").out.startswith("here.csv is valid: 3 rows")


def test_the_repositorys_file_needs_no_map(desk: Desk) -> None:
    desk.settings(UMAP_MAP_URL=None, UMAP_EDIT_LINK=None)
    assert desk.done("validate").out.startswith("cites.csv is valid")


def test_a_file_here_is_read_as_its_own_name_says(desk: Desk) -> None:
    """Not as that of the repository's file."""
    place = '{"type": "Point", "coordinates": [4.8, 45.7]}'
    feature = f'{{"type": "Feature", "properties": {{"id": "1"}}, "geometry": {place}}}'
    (desk.folder / "here.geojson").write_text(
        f'{{"type": "FeatureCollection", "features": [{feature}]}}', "utf-8"
    )
    desk.settings(DATASET_RENAME=None)
    assert desk.done("validate", "here.geojson").out.startswith("here.geojson is valid: 1 row")


def test_problems_are_named_with_file_row_and_field(desk: Desk) -> None:
    Path("here.csv").write_text(BAD, "utf-8")
    said = desk.type("validate", "here.csv")
    assert said.code == 11
    assert "here.csv has 3 problems:\n" in said.err
    assert "\nhere.csv, row 3: id is empty" in said.err
    assert '\nhere.csv, row 4: duplicate id "1" (also in row 2)' in said.err
    assert "\nhere.csv, row 4: longitude 4.9, latitude 95.5" in said.err
    assert said.last == "exit code 11: a problem with the file"
    assert said.out == ""


def test_problems_of_the_repositorys_file(desk: Desk) -> None:
    desk.commit(BAD)
    said = desk.type("validate")
    assert said.code == 11
    assert "cites.csv, row 3: id is empty" in said.err


@pytest.mark.parametrize("name", ["missing.csv", "temporary"])
def test_a_file_that_can_not_be_read(desk: Desk, name: str) -> None:
    said = desk.type("validate", name)
    assert said.code == 11
    assert said.err.startswith(f"umap-bot: {name} can't be read: ")


def test_a_kind_that_can_not_be_read(desk: Desk) -> None:
    Path("here.docx").write_bytes(b"PK")
    assert desk.type("validate", "here.docx").code == 11


def test_what_the_settings_say_is_not_assumed(desk: Desk) -> None:
    desk.settings(
        DATASET_ENCODING="utf-8", DATASET_DELIMITER=",", DATASET_LATITUDE="lat", DATASET_LONGITUDE="lon"
    )
    assert "assumed" not in desk.done("validate").out


def test_a_stream_has_no_ending(desk: Desk) -> None:
    assert "its extension says how to read it" in desk.type("validate", "-").err


def test_a_good_file_as_json(desk: Desk) -> None:
    desk.env.unlink()
    (desk.folder / "here.csv").write_text("id;nom;lat;lon;layer\n1;Lyon;45.7;4.8;\n", "utf-8")
    said = json.loads(desk.done("validate", "here.csv", "--json").out)
    assert said == {
        "file": "here.csv",
        "good": True,
        "rows": 1,
        "columns": ["id", "nom", "layer"],
        "places": True,
        "assumed": [
            "encoding UTF-8 (DATASET_ENCODING)",
            "delimiter ; (DATASET_DELIMITER)",
            "latitude from lat, longitude from lon (DATASET_LATITUDE, DATASET_LONGITUDE)",
        ],
        "warnings": [TAKEN],
        "problems": [],
        "more": 0,
    }


def test_a_bad_file_as_json(desk: Desk) -> None:
    Path("here.csv").write_text(BAD + ",x,,\n" * 30, "utf-8")
    said = desk.type("validate", "here.csv", "--json")
    found = json.loads(said.out)
    assert said.code == 11
    assert (found["good"], found["rows"], len(found["problems"]), found["more"]) == (False, None, 33, 0)
    assert found["problems"][0] == {
        "text": "here.csv, row 3: id is empty; write 2",
        "row": 3,
        "column": "id",
        "value": "",
        "rows": [],
    }
    assert [problem["value"] for problem in found["problems"][1:3]] == ["95.5", "1"]


def test_problems_of_one_kind_are_told_once_and_in_full_each(desk: Desk) -> None:
    Path("my file.csv").write_text("id,nom\n" + "".join(f",Nom {number}\n" for number in range(27)), "utf-8")
    said = desk.type("validate", "my file.csv").err
    assert said.splitlines()[0] == "umap-bot: my file.csv, rows 2–28: id is empty"
    assert said.splitlines()[1].endswith("umap-bot ids 'my file.csv'")
    full = desk.type("validate", "my file.csv", "--full")
    assert full.code == 11
    assert [line.partition("; ")[2] for line in full.err.splitlines()[:27]] == [
        f"write nom-{number}" for number in range(27)
    ]
    assert full.err.splitlines()[27].endswith("umap-bot ids 'my file.csv'")


def test_a_missing_file_as_json(desk: Desk) -> None:
    said = desk.type("validate", "missing.csv", "--json")
    assert said.code == 11
    assert [problem["row"] for problem in json.loads(said.out)["problems"]] == [0]


def test_ids_that_count_the_rows_are_told_what_they_mean_but_not_by_each_run(desk: Desk) -> None:
    table = "id,name,lat,lon\n1,Lyon,45.7,4.8\n2,Bron,45.8,4.9\n3,Vienne,45.5,4.9\n"
    desk.commit(table)
    desk.settings(DATASET_RENAME=None)
    told = "the ids are 1, 2, 3… in row order."
    assert told in desk.done("validate").out
    assert told in desk.done("check").out
    assert "The next new row gets 4" in json.loads(desk.done("validate", "--json").out)["warnings"][0]
    assert told not in desk.type("plan").out + desk.done("sync").out
    desk.commit(table.replace("3,Vienne", "7,Vienne"))
    assert told not in desk.done("validate").out


def test_warnings_are_told(desk: Desk) -> None:
    Path("here.csv").write_text("id,nom,a.b,lat,lon\n1,Lyon,x,45.7,4.8\n", "utf-8")
    assert "\n  · here.csv: " in desk.done("validate", "here.csv").out
