"""`--json`: one object, of the shape that docs/runs.schema.json promises, whatever happened."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from bot import reconcile
from bot.model.plan import DriftKind, DriftOutcome
from bot.model.run import Outcome
from tests.commands.desk import Desk, Said, changed, rows, without

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
    assert {drift["kind"] for drift in run["drift"]} == set(get_args(DriftKind))
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


def test_the_code_is_the_beginning_of_the_digest(synced: Desk) -> None:
    synced.commit(rows(4))
    digest = the_run(synced.type("plan", "--json"))["digest"]
    assert digest[:12] == synced.held("plan")
    synced.done("sync", "--approve", digest)


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
    assert [change["why"] for change in run["changes"]] == ["foreign"]
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
    assert said.err == "code 3: waiting for your OK\n"


def test_the_schema_names_every_outcome_and_rule() -> None:
    run, drift = SCHEMA["$defs"]["run"]["properties"], SCHEMA["$defs"]["drift"]["properties"]
    assert set(run["outcome"]["enum"]) == {*get_args(Outcome), "changes"}
    assert set(drift["kind"]["enum"]) == set(get_args(DriftKind))
    assert set(drift["outcome"]["enum"]) == set(get_args(DriftOutcome))
    sources = [file.read_text("utf-8") for file in Path(reconcile.__file__).parent.glob("*.py")]
    rules = {rule for source in sources for rule in re.findall(r'Objection\(\s*"([a-z-]+)"', source)}
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
    assert len(ours) == 10
    for each in ours:
        assert each["additionalProperties"] is False
        assert set(each["required"]) == set(each["properties"])


@pytest.mark.parametrize("member", SCHEMA["$defs"]["run"]["required"])
def test_the_schema_misses_every_member_of_a_run(member: str) -> None:
    counts = dict.fromkeys(SCHEMA["$defs"]["counts"]["required"], 0)
    run: dict[str, Any] = dict.fromkeys(SCHEMA["$defs"]["run"]["required"])
    run |= {"layer": "x", "outcome": "nothing", "counts": counts}
    run |= {"objections": [], "changes": [], "drift": [], "warnings": []}
    assert VALIDATOR.is_valid({"runs": [run]})
    assert not VALIDATOR.is_valid({"runs": [{**run, "more": 1}]})
    del run[member]
    assert not VALIDATOR.is_valid({"runs": [run]})
