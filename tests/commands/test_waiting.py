"""What waits while the rest goes on: how it is told, and what each answer comes to."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from tests.commands.desk import Desk, Said, changed, rows, stands, without


@pytest.fixture
def asked(synced: Desk) -> Desk:
    """Somebody removed c3, and the file changed c1: the sync did the one and asks about the other."""
    synced.erase("c3")
    synced.commit(changed(rows(), "c1", nom="Neuve"))
    assert synced.waits("sync")
    return synced


def acts(said: Said) -> list[str]:
    """What is told that a person can do."""
    told = said.out.partition("What you can do\n")[2].partition("\n\n")[0]
    return [line.strip() for line in told.splitlines()]


def test_what_was_done_is_told_before_what_waits(synced: Desk) -> None:
    synced.erase("c3")
    synced.commit(changed(rows(), "c1", nom="Neuve"))
    plan = synced.waits("plan")
    assert "A sync would change 1 feature. 1 change needs your approval." in plan.out
    assert acts(plan)[1].startswith("→ Restore it from the file: umap-bot sync --approve ")
    said = synced.waits("sync")
    assert re.search(r"^Done: 1 of 9 features changed, .*\. 1 change needs your approval\.$", said.out, re.M)
    assert said.last == "exit code 3: approval needed"
    assert acts(said)[0] == "→ Leave it off the map: umap-bot keep c3"
    assert re.fullmatch(r"→ Restore it from the file: umap-bot approve \S+ c3", acts(said)[1])
    assert acts(said)[2] == "→ To remove it permanently, delete row 4 of cites.csv"
    assert stands(synced) == without(changed(rows(), "c1", nom="Neuve"), "c3")


def test_a_command_that_plan_shows_works_before_any_run_asked(synced: Desk) -> None:
    synced.erase("c3")
    command = acts(synced.waits("plan"))[1].partition("umap-bot ")[2]
    synced.done(*command.split())
    assert stands(synced) == rows()


def test_who_approved_one_feature_is_told(asked: Desk) -> None:
    command = acts(asked.waits("sync"))[1].partition("umap-bot ")[2]
    approved = asked.done(*shlex.split(command), "--by", "Anne")
    assert "To undo this before then: umap-bot decisions --undo 1" in approved.out
    assert "decided: the next sync applies it" in asked.done("status").out
    assert "Approved by Anne, " in asked.done("sync").out
    assert "approved by Anne, " in asked.done("log").out


def test_an_idle_run_says_what_still_waits_and_changes_no_log(asked: Desk) -> None:
    said = asked.waits("sync")
    assert said.posts == []
    assert re.search(r"Nothing new. 1 change still needs your approval, since .* \(run 2\)\.", said.out)
    assert acts(said)[0] == "→ Leave it off the map: umap-bot keep c3"
    assert (
        "What an approval would do\n  + Cité 3  restored: someone had removed it from the map\n" in said.out
    )
    assert len(asked.done("log").out.splitlines()) == 2


def test_a_run_that_does_something_else_asks_the_same(asked: Desk) -> None:
    asked.commit(changed(rows(), "c1", nom="Autre"))
    assert "Done: 1 of 9 features changed" in asked.waits("sync").out
    assert "(run 2)" in asked.waits("sync").out


def test_a_run_that_finds_nothing_else_does_not_tell_what_was_done_again(asked: Desk) -> None:
    asked.draw("Ma place")
    said = asked.waits("sync")
    assert "Done" not in said.out
    assert "1 change still needs" in said.out
    assert len(asked.done("log").out.splitlines()) == 2


def test_status_and_decisions_tell_what_waits_and_since_when(asked: Desk) -> None:
    assert "1 feature waiting since " in asked.done("status").out
    said = asked.done("decisions")
    assert said.out.startswith("Approval needed since ")
    assert acts(said)[0] == "→ Leave it off the map: umap-bot keep c3"


def test_what_is_kept_is_asked_no_more_and_told_with_who_and_when(asked: Desk) -> None:
    kept = asked.done("keep", "c3", "--by", "Anne")
    assert kept.out.startswith("1. Cité 3 (c3): stays off the map · decided by Anne, ")
    shown = asked.done("decisions").out
    assert shown.startswith("Nothing needs your approval.")
    assert "= 1. Cité 3 (c3): stays off the map · decided by Anne, " in shown
    said = asked.done("sync")
    assert "removed from the map, and left off it; decided by Anne, " in said.out
    assert "c3" not in stands(asked)
    assert asked.done("log").out.splitlines()[1].endswith(" · settled by run 3")
    told = asked.done("show", "2").out
    assert "(settled by run 3: umap-bot show 3)" in told
    assert "What you can do" not in told


def test_a_decision_that_was_taken_back_is_a_question_again(asked: Desk) -> None:
    asked.done("keep", "c3")
    asked.done("sync")
    asked.done("decisions", "--undo", "1")
    assert acts(asked.waits("sync"))[0] == "→ Leave it off the map: umap-bot keep c3"


def test_many_reasons_each_have_their_acts(synced: Desk) -> None:
    synced.settings(SYNC_DRIFT="hold", SYNC_FOREIGN="hold")
    synced.erase("c3")
    synced.edit("c2", name="Autre")
    synced.draw("Ma place")
    said = synced.waits("sync", "--layer", "Cités")
    assert "Nothing was changed. 3 changes need your approval." in said.out
    assert [act for act in acts(said) if "approve" not in act] == [
        "1. Keep what was edited on the map: umap-bot keep --layer 'Cités' c2",
        "1. To have it in the file, enter it in cites.csv, row 3, column nom",
        "2. Leave it off the map: umap-bot keep --layer 'Cités' c3",
        "2. To remove it permanently, delete row 4 of cites.csv",
        "3. Leave it on the map: umap-bot keep --layer 'Cités' 'Ma place'",
    ]
    synced.done("keep", "--layer", "Cités", "c2")
    synced.done("keep", "--layer", "Cités", "c3")
    synced.done("keep", "--layer", "Cités", "Ma place")
    left = synced.done("sync").out
    assert "Kept as edited on the map" in left
    assert "= Ma place  stays on the map; decided " in left
    assert len(synced.features) == 10


def test_of_features_without_an_id_the_named_one_alone_is_meant(synced: Desk) -> None:
    synced.settings(SYNC_FOREIGN="remove")
    point = {"type": "Point", "coordinates": [4.9, 46.2]}
    own = [{"type": "Feature", "geometry": point, "properties": {"name": name}} for name in ("Un", "Deux")]
    synced.save([*synced.features, *own])
    decided, undo = synced.done("keep", "Un").out.splitlines()
    assert decided.startswith("1. Un: stays on the map")
    assert undo.endswith("--undo 1")


def test_a_drawn_look_alike_waits_with_its_row_where_what_people_add_goes(synced: Desk) -> None:
    """And only it is named: what else people added goes."""
    synced.settings(SYNC_FOREIGN="remove")
    point = {"type": "Point", "coordinates": [4.011, 45.011]}
    own = [{"type": "Feature", "geometry": point, "properties": {"name": "Cité 11"}}]
    far = {"type": "Feature", "geometry": {**point, "coordinates": [4.9, 46.2]}, "properties": {"name": "Un"}}
    synced.save([*synced.features, *own, far])
    synced.commit(rows(11))
    said = synced.waits("sync")
    keep = acts(said)[1].partition("→ Leave the map as it is: umap-bot ")[2]
    assert keep.startswith("keep c11 ")
    assert [each["properties"]["name"] for each in synced.features][10:] == ["Cité 11"]
    assert "c11" not in stands(synced)
    synced.done(*shlex.split(keep))
    assert synced.done("sync").posts == []


def test_the_file_as_published_is_never_the_one_to_be_restored(synced: Desk) -> None:
    """The repository moved on, but not this file: it was the settings that changed."""
    synced.commit("x", file="other.csv")
    synced.settings(DATASET_FILTER="commune=Ville 1")
    assert "restore version" not in synced.waits("sync").out
    synced.settings(DATASET_FILTER=None)
    synced.commit(rows(4))
    said = synced.waits("sync")
    assert acts(said)[0].startswith("→ If the file is wrong, restore version ")


def test_the_record_has_what_waits_and_its_acts(asked: Desk) -> None:
    (run,) = asked.waits("sync", "--json").runs
    (objection,) = run["objections"]
    assert (objection["scope"], objection["features"], objection["keys"]) == ("feature", ["Cité 3"], ["c3"])
    assert objection["acts"][0] == {"text": "Leave it off the map", "command": "umap-bot keep c3"}
    assert objection["acts"][2]["command"] is None
    assert [change["key"] for change in run["waiting"]] == ["c3"]
    assert (run["changes"], run["kept"]) == ([], [])
    asked.done("keep", "c3", "--by", "Anne")
    (kept,) = asked.done("sync", "--json").runs[0]["kept"]
    assert (kept["by"], kept["change"]["key"]) == ("Anne", "c3")
    assert json.dumps(kept["at"])


def test_a_hidden_name_is_in_no_decision(asked: Desk) -> None:
    asked.settings(REPORT_HIDE="name")
    assert "Cité 3" not in asked.done("decisions").out
    assert "Cité 3" not in asked.done("keep", "c3").out
    assert "Cité 3" not in asked.done("decisions").out
    assert "Cité 3" not in asked.done("sync").out
