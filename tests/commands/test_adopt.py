"""A map drawn by hand is matched with the file: only ids are written, and nothing is guessed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from shlex import join
from typing import Any, Final

import pytest

from tests.commands.desk import Desk, Rows, changed, rows, stands, without
from tests.dataset.sheets import workbook
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
    assert "Certain (5)" in said.out
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


@pytest.mark.parametrize("drift", ["hold", "overwrite", "keep"])
def test_a_point_drawn_a_few_metres_off_is_no_edit_once_it_is_adopted(desk: Desk, drift: str) -> None:
    """Of a layer that was synced before: who adopted took the row for the place, and saw how far it is."""
    desk.settings(SYNC_DRIFT=drift)
    desk.commit(rows(8))
    desk.done("sync")
    desk.draw("Cité 9", longitude=4.00903, latitude=45.00902)
    desk.commit(rows(9))
    code = desk.held("adopt")
    desk.done("adopt", "--approve", code)
    said = desk.done("sync")
    assert "Edited on the map" not in said.out
    assert "moved 3 m to the south-west" in said.out
    assert stands(desk) == rows(9)


def test_a_point_drawn_farther_off_is_asked_about_once_it_is_adopted(desk: Desk) -> None:
    desk.settings(SYNC_DRIFT="hold")
    desk.commit(rows(8))
    desk.done("sync")
    desk.draw("Cité 9", longitude=4.0092, latitude=45.009)
    desk.commit(rows(9))
    desk.done("adopt", "--approve", desk.held("adopt"))
    assert "1 feature of the file was edited on the map" in desk.waits("sync").out


def test_the_wrong_code_writes_nothing_and_says_how_to_look_again(desk: Desk, table: Rows) -> None:
    before = desk.body
    said = desk.type("adopt", "--near", "400", "--approve", "0000-0000-0000-0000")
    assert said.code == 3
    assert "Nothing was written: this code is for another result." in said.out
    assert said.out.rstrip().endswith("\nTo match again: umap-bot adopt --near 400")
    assert desk.body == before


def without_the_last(features: list[dict[str, Any]]) -> None:
    del features[-1]


def two_names_exchanged(features: list[dict[str, Any]]) -> None:
    first, second = features[0]["properties"], features[1]["properties"]
    first["name"], second["name"] = second["name"], first["name"]


@pytest.mark.parametrize("later", [without_the_last, two_names_exchanged])
def test_what_was_approved_is_not_what_is_found_later(
    desk: Desk, table: Rows, later: Callable[[list[dict[str, Any]]], None]
) -> None:
    code = desk.held("adopt")
    features = desk.features
    later(features)
    desk.save(features)
    assert desk.type("adopt", "--approve", code).code == 3
    assert all("id" not in feature["properties"] for feature in desk.features)


def test_each_answer_ends_with_the_next_command_as_it_was_typed(desk: Desk, table: Rows) -> None:
    options = ("--env-file", str(desk.env), "--layer", "Cités")
    typed = join(options)
    desk.save([*desk.features, {**desk.features[0], "id": "again"}])
    said = desk.type("adopt", *options, "--near", "400")
    code = said.out.partition("--approve ")[2].split()[0]
    assert said.out.splitlines()[-3:] == [
        f"To apply this: umap-bot adopt {typed} --near 400 --approve {code}          (the code works once)",
        f"To match a row yourself: umap-bot adopt {typed} --near 400 --pair ID=FEATURE",
        f"Or several in a spreadsheet: umap-bot adopt {typed} --near 400 --save pairs.csv",
    ]
    next_step = f"Next: umap-bot plan {typed}   shows what a sync would change"
    said = desk.done("adopt", *options, "--near", "400", "--approve", code)
    assert said.out.splitlines()[-1] == next_step
    desk.save([feature for feature in desk.features if "id" in feature["properties"]])
    desk.commit(without(table, "c1"))
    said = desk.done("adopt", *options)
    assert "Nothing to match." in said.out
    assert said.out.splitlines()[-1] == next_step


def test_rows_are_named_as_people_know_them(desk: Desk) -> None:
    """By name, id and number: those that are sure, those in doubt, and those that are left over."""
    table = rows(4)
    new = {**table["c4"], "nom": "Neuf", "lat": "46"}
    desk.commit({**changed(changed(table, "c3", nom=""), "c4", lat="", lon=""), "c5": new})
    one, two, three, _ = drawn(table)
    three["properties"]["name"] = ""
    alone = {"type": "Point", "coordinates": [5.5, 44.5]}
    nameless = {"type": "Feature", "id": "Own43", "properties": {}, "geometry": alone}
    desk.save([one, two, {**two, "id": "again"}, three, nameless])
    lines = [" ".join(line.split()) for line in desk.type("adopt").out.splitlines()]
    assert "= Cité 1 row 2 (c1) = CITÉ 1 by name, 39 m apart" in lines
    assert "= c3 row 4 (c3) = (no name) at 45.003000,4.003500 by place, 39 m apart" in lines
    assert "? Cité 2 row 3 (c2); the name occurs 1 times in the file and 2 times on the map" in lines
    at = lines.index("Rows without a feature (1): a sync would add them")
    assert lines[at + 1] == "· Neuf row 6 (c5)"
    at = lines.index("Rows without a feature and without coordinates (1): a sync does not add them")
    assert lines[at + 1] == "· Cité 4 row 5 (c4)"
    at = lines.index("Features without a row (1): left untouched")
    assert lines[at + 1] == "· (no name) at 44.500000,5.500000 (feature Own43)"


def test_the_plan_after_an_adoption_does_not_ask_whether_the_state_was_lost(desk: Desk, table: Rows) -> None:
    desk.draw("Siège")
    desk.done("adopt", "--approve", desk.held("adopt"))
    said = desk.type("plan")
    assert "The state has no record" not in said.out
    assert "already contains 6 features. 5 of them have ids of rows in the file." in said.out
    desk.state.unlink()
    assert "The state has no record of a run that added them." in desk.type("plan").out


def test_a_feature_without_an_id_is_paired_by_its_position(desk: Desk, table: Rows) -> None:
    """uMap deals out new ids at a save; a layer that came in by another way has none."""
    twice = desk.features[0]
    del twice["id"]
    moved = {**twice, "geometry": {"type": "Point", "coordinates": [4.0016, 45.001]}}
    desk.save([*desk.features[1:], twice, moved])
    assert "perhaps CITÉ 1 (feature geo:45.001000,4.001600)" in desk.type("adopt").out
    pair = ("--pair", "c1=geo:45.001000,4.001600")
    desk.done("adopt", *pair, "--approve", desk.held("adopt", *pair))
    (feature,) = [feature for feature in desk.features if feature["properties"].get("id") == "c1"]
    assert feature["geometry"] == moved["geometry"]


def test_a_tie_is_never_guessed_and_can_be_settled_by_hand(desk: Desk, table: Rows) -> None:
    twice = desk.features[0]
    desk.save([*desk.features, {**twice, "id": "again"}])
    said = desk.type("adopt")
    assert "Certain (4)" in said.out
    assert "Doubtful (1)" in said.out
    assert "perhaps CITÉ 1 (feature again)" in said.out
    code = desk.held("adopt", "--pair", "c1=again")
    desk.done("adopt", "--pair", "c1=again", "--approve", code)
    keys = {feature["id"]: feature["properties"].get("id") for feature in desk.features}
    assert (keys["again"], keys["hand0"]) == ("c1", None)


def as_excel_saves_it(lines: list[list[str]]) -> bytes:
    """Semicolons and cp1252, columns in another order, and empty rows between and after."""
    told = io.StringIO()
    writer = csv.writer(told, delimiter=";", lineterminator="\r\n")
    order = sorted(range(len(lines[0])), key=lambda column: lines[0][column])
    for line in lines:
        writer.writerow([line[column] for column in order])
        writer.writerow([""] * len(order))
    return told.getvalue().encode("cp1252")


def as_any_program_saves_it(lines: list[list[str]]) -> bytes:
    told = io.StringIO()
    csv.writer(told).writerows(lines)
    return told.getvalue().encode()


@pytest.mark.parametrize("saved", [as_excel_saves_it, as_any_program_saves_it])
@pytest.mark.parametrize("written_in", ["en", "fr"])
@pytest.mark.parametrize("read_in", ["en", "fr"])
def test_many_are_settled_in_a_spreadsheet(
    desk: Desk, saved: Callable[[list[list[str]]], bytes], written_in: str, read_in: str
) -> None:
    table = {f"n°{number}": row for number, row in enumerate(rows(5).values(), 1)}
    desk.commit(table)
    desk.save(drawn(table))
    desk.save([*desk.features, {**desk.features[0], "id": "again"}])
    file = desk.folder / "pairs.csv"
    desk.settings(REPORT_LANGUAGE=written_in)
    said = desk.type("adopt", "--save", "pairs.csv")
    assert HEADS[written_in][3] in said.out.splitlines()[-1]
    assert "umap-bot adopt --pairs pairs.csv" in said.out
    written = file.read_text(encoding="utf-8-sig")
    lines = list(csv.reader(io.StringIO(written), delimiter=DELIMITERS[written_in]))
    assert lines[0] == HEADS[written_in]
    assert lines[1][:4] == ["n°2", "Cité 2", "3", "hand1"]
    perhaps = {line[4]: line for line in lines if line[0] == "n°1"}
    assert set(perhaps) == {"hand0", "again"}, "a line for each it may be"
    perhaps["again"][3] = "again"
    file.write_bytes(saved(lines))
    desk.settings(REPORT_LANGUAGE=read_in)
    code = desk.held("adopt", "--pairs", "pairs.csv")
    desk.done("adopt", "--pairs", "pairs.csv", "--approve", code)
    keys = {feature["id"]: feature["properties"].get("id") for feature in desk.features}
    assert keys == {"again": "n°1", "hand0": None, **{f"hand{n}": f"n°{n + 1}" for n in range(1, 5)}}


HEADS: Final = {
    "en": ["id", "name", "row", "feature", "perhaps", "on the map", "metres", "remark"],
    "fr": ["identifiant", "nom", "ligne", "élément", "peut-être", "sur la carte", "mètres", "remarque"],
}
DELIMITERS: Final = {"en": ",", "fr": ";"}


def test_a_column_to_match_by_is_known_by_its_name_in_the_file(desk: Desk, table: Rows) -> None:
    assert desk.held("adopt", "--match", "nom") == desk.held("adopt")


def test_pairs_are_read_from_a_workbook(desk: Desk, table: Rows) -> None:
    """Whoever opened the file in Excel and saved it as Excel proposes."""
    desk.save([*desk.features, {**desk.features[0], "id": "again"}])
    file = desk.folder / "pairs.xlsx"
    file.write_bytes(workbook([["Élément", "note", "Identifiant"], ["again", "", "c1"], ["", "", "c2"]]))
    desk.done("adopt", "--pairs", "pairs.xlsx", "--approve", desk.held("adopt", "--pairs", "pairs.xlsx"))
    keys = {feature["id"]: feature["properties"].get("id") for feature in desk.features}
    assert (keys["again"], keys["hand0"]) == ("c1", None)


def test_who_can_pair_what_is_left_over_is_told_how(desk: Desk, table: Rows) -> None:
    desk.save([])
    desk.draw("Siège")
    said = desk.done("adopt")
    assert "No matches were found." in said.out
    assert "To match a row yourself: umap-bot adopt --pair ID=FEATURE" in said.out
    desk.done("adopt", "--pair", "c1=Own42", "--approve", desk.held("adopt", "--pair", "c1=Own42"))


def test_the_pairs_file_has_what_is_left_over_too(desk: Desk, table: Rows) -> None:
    """A row without a place is none that a sync would add; a name is no formula of a spreadsheet's."""
    far = {**table["c5"], "nom": "Loin", "lat": "46"}
    desk.commit({**changed(table, "c5", lat="", lon="", nom="Sans lieu"), "c6": far})
    desk.draw("=1+1")
    desk.type("adopt", "--save", "pairs.csv")
    lines = list(csv.DictReader(io.StringIO((desk.folder / "pairs.csv").read_text("utf-8-sig"))))
    remarks = {line["id"] or line["feature"]: line["remark"] for line in lines}
    assert remarks["c6"] == "a sync would add it"
    assert remarks["c5"] == "no coordinates: a sync does not add it"
    assert remarks["Own42"] == "no row: it is left untouched"
    assert [line["on the map"] for line in lines if line["feature"] == "Own42"] == ["'=1+1"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--pair", "c1"), "is not a pair"),
        (("--pair", "nobody=hand0"), "nobody=hand0 can't be matched: the file has no row nobody."),
        (
            ("--pair", "c1=nobody"),
            "c1=nobody can't be matched: the map has no feature nobody, or it already has an id",
        ),
        (
            ("--match", "comune"),
            'no column "comune" for matching. Use one of these with --match: id, name, commune.',
        ),
        (("--pair", "c1=hand0", "--pair", "c2=hand0"), "paired with two ids"),
        (("--pair", "c1=hand0", "--pair", "c1=hand1"), "paired with two features"),
        (("--pairs", "nothing.csv"), "nothing.csv can't be read: No such file or directory."),
        (("--pairs", "data/cites.csv"), 'has no columns "id" and "feature"'),
        (("--pairs", "data/empty.csv"), "is empty"),
        (
            ("--pairs", "data/twice.csv"),
            "data/twice.csv, row 5: the id c1 is paired with two features. Keep",
        ),
        (
            ("--save", "pairs.xlsx"),
            (
                "pairs.xlsx can't be written, because umap-bot adopt --save writes CSV. Give it a "
                "name that ends in .csv."
            ),
        ),
        (("--save", "nowhere/pairs.csv"), "nowhere/pairs.csv can't be written: No such file or directory."),
        (("--match", " , "), "names no column"),
    ],
)
def test_a_pair_that_cannot_be_ends_with_64(
    desk: Desk, table: Rows, words: tuple[str, ...], told: str
) -> None:
    before = desk.body
    (desk.repository / "empty.csv").touch()
    (desk.repository / "twice.csv").write_text("id,feature\nc1,hand0\n\nc2,\nc1,hand1\n")
    said = desk.type("adopt", *words)
    assert (said.code, desk.body) == (64, before)
    assert told in said.err


def test_ids_that_look_like_formulas_are_text_in_the_pairs_file_and_are_read_back(desk: Desk) -> None:
    keys = ["=1+1", "+33 4 72 00 00 00", "-5", "@SUM(1)", "'=1", "'a", "5", "\uff1d1"]
    table = dict(zip(keys, rows(len(keys)).values(), strict=True))
    desk.commit(table)
    desk.save(drawn(table))
    desk.type("adopt", "--save", "pairs.csv")
    lines = list(csv.reader(io.StringIO((desk.folder / "pairs.csv").read_text("utf-8-sig"))))
    assert [cell for line in lines for cell in line if cell and cell[0] in "=+-@\t\r\uff1d"] == []
    desk.done("adopt", "--pairs", "pairs.csv", "--approve", desk.held("adopt", "--pairs", "pairs.csv"))
    assert [feature["properties"]["id"] for feature in desk.features] == keys


def test_the_pairs_file_is_never_written_over(desk: Desk, table: Rows) -> None:
    file = desk.folder / "pairs.csv"
    file.write_text("mine")
    said = desk.type("adopt", "--save", str(file))
    assert said.code == 64
    assert file.read_text() == "mine"


def test_who_never_matched_is_told_of_it_by_the_plan(desk: Desk, table: Rows) -> None:
    said = desk.type("plan")
    assert said.code == 3
    assert "5 rows look like features that are already on the map but have no id" in said.out
    assert "To match them: umap-bot adopt" in said.out


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
    assert ("Certain (3)" in said.out, "Doubtful (2)" in said.out) == (True, True)
    assert "may belong to another row" in said.out
    desk.done("adopt", "--approve", desk.held("adopt"))
    keys = {feature["id"]: feature["properties"].get("id") for feature in desk.features}
    assert keys == {"hand0": "south", "hand1": "north", "hand2": None, "hand3": "bron"}
