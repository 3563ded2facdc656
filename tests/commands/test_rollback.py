"""A run is undone: the wrong values go, people's edits stay, and no sync does it again by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.commands.desk import Desk, Rows, changed, rows, stands, text, without

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "runs.schema.json").read_text("utf-8"))


def wrong(table: Rows) -> Rows:
    """A file that went wrong: three names, a place, a row too many and one too few."""
    found = changed(changed(table, "c1", nom="???"), "c2", nom="???")
    found = changed(changed(found, "c3", nom="???"), "c4", lon="4.444")
    extra = {"nom": "Nulle part", "commune": "Atlantide", "lat": "45.011", "lon": "4.011"}
    return {**without(found, "c10"), "c11": extra}


@pytest.fixture
def spoilt(synced: Desk) -> Desk:
    """Run 2 published the wrong file; then people edited another cell, one of the same, and drew a point."""
    synced.commit(wrong(rows()), "oops")
    synced.done("sync")
    synced.edit("c1", commune="Ville 1 bis")
    synced.edit("c2", name="Cité deux")
    synced.draw("Siège")
    return synced


UNDONE = changed(changed(rows(), "c1", commune="Ville 1 bis"), "c2", nom="Cité deux")
"""What stands when that was undone: all as before, but for what people changed."""


def test_looking_first_says_all_and_writes_nothing(spoilt: Desk) -> None:
    before = (spoilt.body, spoilt.state.read_bytes())
    said = spoilt.type("rollback", "2", "--plan")
    assert said.code == 2
    assert "Undoing run 2 would change 3 features, add 1 and remove 1." in said.out
    assert "Changed since run 2: left untouched\n  ! Cité deux  nom" in said.out
    assert "umap-bot rollback 2" in said.out
    assert (spoilt.body, spoilt.state.read_bytes(), said.posts) == (*before, [])


def test_what_the_run_did_goes_and_what_people_did_stays(spoilt: Desk) -> None:
    said = spoilt.done("rollback", "2")
    assert stands(spoilt) == UNDONE
    assert [feature["properties"]["name"] for feature in spoilt.features if feature["id"] == "Own42"] == [
        "Siège"
    ]
    assert "Run 2 is undone: 3 of 11 features changed, 1 added and 1 removed" in said.out
    assert 'nom  "???" → "Cité deux"; before run 2: "Cité 2"; by someone' in said.out


def test_a_removed_feature_comes_back_just_as_it_was(synced: Desk) -> None:
    feature = synced.feature("c10")
    own = {"_umap_options": {"color": "Red"}, "note": 1.5}
    styled = {**feature, "properties": {**feature["properties"], **own}}
    synced.save([styled if each["id"] == feature["id"] else each for each in synced.features])
    synced.commit(without(rows(), "c10"))
    synced.done("sync")
    synced.done("rollback", "latest")
    assert synced.feature("c10") == styled


@pytest.mark.parametrize("drift", ["overwrite", "keep"])
def test_no_sync_does_it_again_and_all_else_goes_on(spoilt: Desk, drift: str) -> None:
    """Who wins elsewhere on the map is SYNC_DRIFT's to say, as ever."""
    spoilt.settings(SYNC_DRIFT=drift)
    spoilt.done("rollback", "2")
    left = UNDONE if drift == "keep" else changed(UNDONE, "c1", commune="Ville 1")
    codes = [spoilt.type("sync").code for _ in range(10)]
    assert codes == [3] * 10
    assert stands(spoilt) == left
    assert len(spoilt.done("log", "--json").runs) == 4, "what only waits is one run"

    spoilt.commit(changed(wrong(rows()), "c7", nom="Sept"), "another row")
    said = spoilt.waits("sync")
    left = changed(left, "c7", nom="Sept")
    assert (said.code, stands(spoilt)) == (3, left)
    assert "Undone, but still in the file: left untouched on the map" in said.out
    assert spoilt.type("sync").code == 3

    spoilt.commit(changed(changed(wrong(rows()), "c7", nom="Sept"), "c3", nom="Cité trois"), "one is right")
    spoilt.waits("sync")
    left = changed(left, "c3", nom="Cité trois")
    assert stands(spoilt) == left

    repaired = changed(changed(rows(), "c7", nom="Sept"), "c3", nom="Cité trois")
    spoilt.commit(repaired, "all is right again")
    spoilt.done("sync")
    kept = changed(changed(repaired, "c1", commune="Ville 1 bis"), "c2", nom="Cité deux")
    assert stands(spoilt) == (kept if drift == "keep" else repaired)
    assert spoilt.done("sync").posts == []


def test_plan_says_what_waits_and_what_goes_on(spoilt: Desk) -> None:
    spoilt.done("rollback", "2")
    spoilt.commit(changed(wrong(rows()), "c7", nom="Sept"), "another row")
    said = spoilt.type("plan")
    assert said.code == 3
    assert "A sync would change 2 features. 6 changes need your approval." in said.out, (
        "c1's other cell, and c7"
    )
    assert 'nom: "Cité 3" on the map; the file says "???"; run 3 undid run 2' in said.out
    assert "To resolve this: enter the right value in cites.csv, row 4, column nom." in said.out
    assert "To resolve this: correct or delete cites.csv, row 11." in said.out
    assert 'To resolve this: restore the row with the id "c10" in cites.csv.' in said.out
    code = said.out.partition("--approve ")[2].split()[0]
    spoilt.done("sync", "--approve", code)
    assert stands(spoilt)["c3"]["nom"] == "???", "a person said so"
    assert set(stands(spoilt)) == set(wrong(rows()))


def test_a_persons_word_does_it_again(spoilt: Desk) -> None:
    spoilt.done("rollback", "2")
    spoilt.waits("sync")
    spoilt.done("sync", "--approve", spoilt.held("sync"))
    assert stands(spoilt) == wrong(rows())
    assert spoilt.done("sync").posts == [], "and that is the end of it"


def test_what_a_later_run_changed_stays_and_is_named(synced: Desk) -> None:
    synced.commit(changed(changed(rows(), "c1", nom="A"), "c2", nom="B"))
    synced.done("sync")
    synced.commit(changed(changed(rows(), "c1", nom="C"), "c2", nom="B"))
    synced.done("sync")
    said = synced.done("rollback", "2")
    assert stands(synced) == changed(rows(), "c1", nom="C")
    assert 'nom  "A" → "C"; before run 2: "Cité 1"; by run 3' in said.out


def test_undone_the_undoing(spoilt: Desk) -> None:
    """A rollback is a run as any other: undone, the change of before stands again, and nothing waits."""
    spoilt.settings(SYNC_DRIFT="keep")
    left = stands(spoilt)
    spoilt.done("rollback", "2")
    spoilt.done("rollback", "3")
    assert stands(spoilt) == left
    assert spoilt.done("sync").posts == []


def test_again_there_is_nothing_left(spoilt: Desk) -> None:
    spoilt.done("rollback", "2")
    said = spoilt.done("rollback", "2")
    assert "nothing that run 2 changed is left to undo" in said.out
    assert said.posts == []


def test_the_log_and_the_run_that_was_undone_tell_of_it(spoilt: Desk) -> None:
    spoilt.done("rollback", "2")
    assert "undid run 2: 3 changed" in spoilt.done("log").out
    assert "Undone by run 3" in spoilt.done("show", "2").out
    assert "Run 2 is undone" in spoilt.done("show", "3").out
    assert "restored as it was" in spoilt.done("show", "3", "--format", "markdown").out
    assert "Undo: umap-bot rollback 2" in spoilt.done("show", "2").out


def test_as_json(spoilt: Desk) -> None:
    looked = spoilt.type("rollback", "2", "--plan", "--json")
    spoilt.done("rollback", "2")
    held = spoilt.waits("sync", "--json")
    shown = spoilt.done("show", "3", "--json")
    for said in (looked, held, shown):
        jsonschema.validate(json.loads(said.out), SCHEMA)
    run = shown.runs[0]
    assert (run["kind"], run["undoes"], run["outcome"]) == ("rollback", 2, "done")
    assert [(each["key"], each["outcome"], each["by"]) for each in run["drift"]] == [("c2", "keep", None)]
    asked = {(each["key"], each["field"], each["in_file"]) for each in held.runs[0]["undone"]}
    assert asked == {
        ("c1", "name", True), ("c2", "name", True), ("c3", "name", True),
        ("c4", None, True), ("c10", None, False), ("c11", None, True),
    }  # fmt: skip
    assert [each["rule"] for each in held.runs[0]["objections"]] == ["redo"]


def test_a_feature_drawn_anew_is_never_doubled(spoilt: Desk) -> None:
    """Somebody has drawn again by hand what the run had removed: a person says whether both are meant."""
    spoilt.draw("Cité 10", 4.010, 45.010)
    said = spoilt.type("rollback", "2")
    assert said.code == 3
    assert "umap-bot rollback 2 --approve" in said.out
    assert "c10" not in stands(spoilt)
    code = said.out.partition("--approve ")[2].split()[0]
    spoilt.done("rollback", "2", "--approve", code, "--by", "Anne")
    assert "c10" in stands(spoilt)
    assert "approved by Anne, " in spoilt.done("log").out.splitlines()[0]


def test_what_can_not_be_undone_is_said_in_a_line(synced: Desk, subtests: pytest.Subtests) -> None:
    synced.commit(rows(1), "nearly all rows are gone")
    assert synced.type("sync").code == 3
    before = synced.body
    for words, told in (
        (("rollback", "9"), "There is no run 9 in the log."),
        (
            ("rollback", "x"),
            '"x" is not a run: use the number of a run, or latest. To list the runs: umap-bot log',
        ),
        (("rollback", "9" * 5000), '9…" is not a run'),
        (("rollback", "2"), "Run 2 changed nothing on the map"),
    ):
        with subtests.test(words=words):
            said = synced.type(*words)
            assert (said.code, said.err.count("\n")) == (64, 2)
            assert told in said.err
            assert synced.body == before
    assert len(synced.done("log", "--json").runs) == 2, "a slip of the fingers is no run"


def test_a_layer_made_anew_since_is_not_touched(spoilt: Desk) -> None:
    features = spoilt.features
    spoilt.made.delete_layer(spoilt.layer_id)
    spoilt.layer_id = spoilt.made.add_layer("Cités", {"type": "FeatureCollection", "features": features})
    before = spoilt.body
    said = spoilt.type("rollback", "2")
    assert said.code == 64
    assert "is not the one that run 2 changed" in said.err
    assert spoilt.body == before


def test_an_adoption_undone_takes_the_ids_away(desk: Desk) -> None:
    table = rows(3)
    desk.commit(table)
    drawn: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "properties": {"name": cells["nom"]},
            "geometry": {"type": "Point", "coordinates": [float(cells["lon"]), float(cells["lat"])]},
            "id": f"hand{number}",
        }
        for number, cells in enumerate(table.values())
    ]
    desk.save(drawn)
    desk.done("adopt", "--approve", desk.held("adopt"))
    assert all("id" in feature["properties"] for feature in desk.features)
    desk.done("rollback", "1")
    assert desk.features == drawn


def test_the_first_sync_undone_leaves_the_map_empty_and_waits(synced: Desk) -> None:
    synced.done("rollback", "latest")
    assert synced.features == []
    assert synced.type("sync").code == 3
    assert synced.features == []
    synced.commit(text(changed(rows(), "c1", nom="Corrigé")))
    synced.waits("sync")
    assert set(stands(synced)) == {"c1"}
