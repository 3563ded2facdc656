"""`--json`: one object, of the shape that docs/runs.schema.json promises, whatever happened."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from tests.commands.desk import LAYER, Desk, Said, changed, rows, without
from umap_bot import reconcile
from umap_bot.model.drift import DriftKind, DriftOutcome
from umap_bot.model.plan import Kind
from umap_bot.model.run import Outcome

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "runs.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def the_run(said: Said) -> dict[str, Any]:
    """The one run of an answer, after the answer was checked."""
    runs = checked(said)
    assert len(runs) == 1
    return runs[0]


def checked(said: Said) -> list[dict[str, Any]]:
    VALIDATOR.validate(json.loads(said.out))
    return said.runs


def mixed(desk: Desk) -> None:
    """Two changes by people and four by the file: every kind of change and of drift but one."""
    features = desk.features
    by_key = {feature["properties"]["id"]: feature for feature in features}
    by_key["c2"]["properties"]["name"] = "Autre"
    by_key["c4"]["geometry"] = {"type": "Point", "coordinates": [4.5, 45.5]}
    by_key["c9"]["properties"]["commune"] = "Lyon"
    features = [feature for feature in features if feature["properties"]["id"] != "c5"]
    desk.save(features)
    table = changed(changed(rows(11), "c1", commune=""), "c2", nom="Encore", lat="45.5")
    desk.commit(without(table, "c9"))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_plan_with_every_kind_of_change(synced: Desk) -> None:
    mixed(synced)
    synced.settings(SYNC_DELETED="recreate")
    run = the_run(synced.type("plan", "--json"))
    assert run["outcome"] == "changes"
    assert run["counts"] == {"create": 2, "update": 3, "delete": 1, "conflict": 2, "drift": 2}
    assert {change["change"] for change in run["changes"]} == {"create", "update", "delete"}
    assert {drift["kind"] for drift in run["drift"]} == set(get_args(DriftKind)) - {"again"}, "a rollback's"
    assert {drift["what"] for drift in run["drift"]} == {"field", "geometry", "feature"}
    (moved,) = [change for change in run["changes"] if change["key"] == "c4"]
    assert moved["fields"] == []
    assert moved["geometry"]["metres"] > 1000


def test_a_sync_and_what_log_and_show_say_of_it(synced: Desk) -> None:
    mixed(synced)
    synced.settings(SYNC_DELETED="recreate")
    planned = the_run(synced.type("plan", "--json"))
    run = the_run(synced.done("sync", "--json"))
    assert (run["run"], run["outcome"]) == (2, "done")
    assert run["changes"] == planned["changes"]
    assert run["counts"] == planned["counts"]
    assert the_run(synced.done("show", "2", "--json")) == run
    assert checked(synced.done("log", "--json"))[0] == run
    assert [each["run"] for each in checked(synced.done("log", "--json"))] == [2, 1]


def test_a_held_plan_and_run(synced: Desk) -> None:
    synced.commit(rows(4))
    plan = the_run(synced.type("plan", "--json"))
    run = the_run(synced.type("sync", "--json"))
    assert plan["outcome"] == run["outcome"] == "held"
    assert plan["digest"] == run["digest"]
    assert [each["rule"] for each in run["objections"]] == ["deletes"]
    assert [change["why"] for change in run["changes"]] == ["row"] * 6
    assert the_run(synced.done("show", "2", "--json")) == run


def test_what_goes_is_told_with_all_that_it_held(synced: Desk) -> None:
    stood = synced.feature("c3")
    synced.commit(without(rows(), "c3"))
    run = the_run(synced.done("sync", "--json"))
    (gone,) = run["changes"]
    assert (gone["properties"], gone["geometry"]) == (stood["properties"], stood["geometry"])


def test_where_an_edit_is_in_the_file_and_when_it_was_saved(synced: Desk) -> None:
    synced.edit("c2", name="Autre")
    (edit,) = the_run(synced.type("plan", "--json"))["drift"]
    assert (edit["line"], edit["header"], edit["field"], edit["times"]) == (3, "nom", "name", 1)
    assert edit["saved"]
    for times in (1, 2):
        assert the_run(synced.done("sync", "--json"))["drift"][0]["times"] == times
        synced.edit("c2", name="Autre")


def test_what_people_add_and_set_on_the_map(synced: Desk) -> None:
    synced.draw("Our office", 4.9, 46.2)
    body, version = synced.made.read(synced.layer_id)
    synced.made.save(synced.layer_id, body, version, {"name": LAYER, "color": "Red"})
    run = the_run(synced.type("plan", "--json"))
    assert run["strangers"] == [
        {"name": "Our office", "umap_id": "Own42", "standing": False, "at": [4.9, 46.2]}
    ]
    assert {"name": "color", "before": None, "after": "Red"} in run["map"]["settings"]
    assert len(run["map"]["saves"]) == 2
    synced.done("sync")
    later = the_run(synced.type("plan", "--json"))
    assert [each["standing"] for each in later["strangers"]] == [True]
    assert (later["map"]["settings"], later["map"]["saves"]) == ([], [])


def test_a_version_that_was_published_before(synced: Desk) -> None:
    first = synced.git("rev-parse", "HEAD")
    synced.commit(changed(rows(), "c1", commune="Lyon"))
    synced.done("sync")
    synced.commit(rows())
    run = the_run(synced.type("plan", "--json"))
    assert run["same_as"]["commit"] == first
    assert run["same_as"]["date"]


def test_the_same_held_plan_again_is_no_run_of_its_own(synced: Desk) -> None:
    synced.commit(rows(4))
    assert the_run(synced.type("sync", "--json"))["repeats"] == 0
    again = the_run(synced.type("sync", "--json"))
    assert (again["run"], again["repeats"]) == (2, 1)
    assert again["again"] > again["ended"]


def test_hidden_values_are_told_as_hidden(synced: Desk) -> None:
    synced.settings(REPORT_HIDE="nom")
    synced.commit(changed(rows(), "c1", nom="Secret"))
    synced.edit("c2", name="Secret too")
    hidden = {"hidden": True}
    for words in (("plan",), ("sync",), ("show", "2"), ("log",)):
        said = synced.type(*words, "--json")
        run = checked(said)[0]
        assert "Secret" not in said.out
        assert [(each["name"], each["fields"][0]["before"]) for each in run["changes"]] == [
            ("c1", hidden),
            ("c2", hidden),
        ]
        assert run["drift"][0]["live"] == hidden
    synced.settings(REPORT_HIDE=None)
    assert "Secret" in synced.done("show", "2", "--json").out  # the log has it all


def test_the_code_is_told_while_the_plan_waits_and_who_approved_from_then_on(synced: Desk) -> None:
    synced.commit(rows(4))
    plan = the_run(synced.type("plan", "--json"))
    assert (plan["code"], plan["approved"]) == (synced.held("plan"), None)
    run = the_run(synced.done("sync", "--approve", plan["code"], "--by", "Anne", "--json"))
    assert (run["digest"], run["code"], run["approved"]["by"]) == (plan["digest"], None, "Anne")
    assert run["approved"]["at"] <= run["started"]
    assert the_run(synced.done("show", "2", "--json")) == run
    assert checked(synced.done("log", "--json"))[0] == run


def test_nothing_to_do(synced: Desk) -> None:
    assert the_run(synced.done("plan", "--json"))["outcome"] == "nothing"
    idle = the_run(synced.done("sync", "--json"))
    assert (idle["outcome"], idle["run"]) == ("nothing", None)


def test_a_layer_has_one_name_whatever_is_said_of_it(synced: Desk) -> None:
    """A plan, a run, an idle one, a failed one: else nobody could put them together."""
    names = {the_run(synced.type(*words, "--json"))["layer"] for words in (("plan",), ("sync",), ("log",))}
    synced.commit("<html>")
    names |= {the_run(synced.type("sync", "--json"))["layer"]}
    names |= {run["layer"] for run in checked(synced.type("log", "--json"))}
    assert len(names) == 1


def test_a_failed_run(synced: Desk) -> None:
    synced.commit("id,nom,lat,lon\n1,A,45,4\n1,B,45,5\n")
    said = synced.type("sync", "--json")
    run = the_run(said)
    assert said.code == 11
    assert run["outcome"] == "failed"
    assert run["error"] in said.err
    logged = checked(synced.done("log", "--json"))[0]
    assert (logged["run"], logged["error"]) == (2, run["error"])
    assert the_run(synced.done("show", "2", "--json")) == logged


def test_an_empty_log(desk: Desk) -> None:
    assert checked(desk.done("log", "--json")) == []


def test_people_s_own_features_that_go(synced: Desk) -> None:
    synced.draw("Our office")
    synced.settings(SYNC_FOREIGN="hold")
    run = the_run(synced.type("plan", "--json"))
    assert run["outcome"] == "held"
    assert [change["why"] for change in run["waiting"]] == ["foreign"]
    assert [each["rule"] for each in run["objections"]] == ["foreign"]


def test_what_is_kept_stands(synced: Desk) -> None:
    synced.settings(SYNC_DRIFT="hold")
    synced.edit("c2", name="Autre")
    assert the_run(synced.type("plan", "--json"))["drift"][0]["outcome"] == "hold"
    assert the_run(synced.done("sync", "--drift", "keep", "--json"))["drift"][0]["outcome"] == "keep"
    assert the_run(synced.done("plan", "--json"))["drift"][0]["standing"] is True


def test_answers_of_a_process_are_json_alone(synced: Desk) -> None:
    synced.commit(rows(4))
    said = synced.spawn("plan", "--json")
    assert the_run(said)["outcome"] == "held"
    assert said.err == "exit code 3: approval needed\n"


def test_the_schema_names_every_outcome_and_rule() -> None:
    run, drift = SCHEMA["$defs"]["run"]["properties"], SCHEMA["$defs"]["drift"]["properties"]
    assert set(run["outcome"]["enum"]) == {*get_args(Outcome), "changes"}
    assert set(drift["kind"]["enum"]) == set(get_args(DriftKind))
    assert set(drift["outcome"]["enum"]) == set(get_args(DriftOutcome))
    assert set(run["kind"]["enum"]) == set(get_args(Kind))
    sources = [file.read_text("utf-8") for file in Path(reconcile.__file__).parent.rglob("*.py")]
    rules = {
        rule
        for source in sources
        for rule in re.findall(r'(?:Objection|_about_creates)\(\s*"([a-z-]+)"', source)
    }
    assert set(SCHEMA["$defs"]["objection"]["properties"]["rule"]["enum"]) == rules


def objects(schema: Any) -> list[dict[str, Any]]:
    """All parts of the schema that describe an object with members of ours."""
    if isinstance(schema, list):
        return [found for part in schema for found in objects(part)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "object" and "properties" in schema else []
    return own + [found for part in schema.values() for found in objects(part)]


def test_the_schema_is_strict() -> None:
    """All but a geometry's, which may be anybody's."""
    ours = [each for each in objects(SCHEMA) if "coordinates" not in each["properties"]]
    assert len(ours) == 18
    for each in ours:
        assert each["additionalProperties"] is False
        assert set(each["required"]) == set(each["properties"])


@pytest.mark.parametrize("member", SCHEMA["$defs"]["run"]["required"])
def test_the_schema_misses_every_member_of_a_run(member: str) -> None:
    counts = dict.fromkeys(SCHEMA["$defs"]["counts"]["required"], 0)
    run: dict[str, Any] = dict.fromkeys(SCHEMA["$defs"]["run"]["required"])
    run |= {"layer": "x", "kind": "sync", "outcome": "nothing", "counts": counts, "repeats": 0}
    run |= {"objections": [], "changes": [], "drift": [], "strangers": [], "undone": [], "warnings": []}
    run |= {"bad_rows": [], "rowless": [], "waiting": [], "kept": []}
    told = {"ours": 0, "kept": 0, "came": False, "gone": False, "renumbered": 0}
    run |= {"map": {"settings": [], "saves": [], "release": None, "before": None, **told}}
    assert VALIDATOR.is_valid({"runs": [run]})
    assert not VALIDATOR.is_valid({"runs": [{**run, "more": 1}]})
    del run[member]
    assert not VALIDATOR.is_valid({"runs": [run]})
