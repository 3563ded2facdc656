"""Records of plans and runs of every kind: as the schema has them, in the language, with all values."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from tests.plans import but
from tests.report.told import NOON, done, failed, held, plan, run, texts
from umap_bot.errors import DatasetError
from umap_bot.model.hidden import Hidden
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.report.formats import jsontext, record
from umap_bot.report.hide import without_columns
from umap_bot.report.language import Language
from umap_bot.text import say

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "runs.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
LAYER = "umap.example/map/1/Cités"

RUNS: dict[str, Callable[[Plan], Run]] = {
    "done": done,
    "held": held,
    "held again": lambda made: replace(held(made), repeats=3, again=NOON + timedelta(days=1)),
    "restless": lambda made: replace(done(made), outcome="restless"),
    "unfinished": lambda made: replace(run(made, "unfinished"), ended=None),
    "nothing": lambda made: run(None, "nothing", number=0),
    "adopt": lambda made: replace(done(but(made, kind="adopt")), kind="adopt"),
    "failed": lambda made: failed(),
}


class Loud(Language):
    def say(self, text: str) -> str:
        return text.upper()


def told(text: str) -> list[dict[str, Any]]:
    found = json.loads(text)
    VALIDATOR.validate(found)
    runs: list[dict[str, Any]] = found["runs"]
    return runs


@pytest.mark.parametrize("columns", [(), ("q", "name")])
@pytest.mark.parametrize("what", RUNS)
def test_every_run_is_as_the_schema_has_it(what: str, columns: tuple[str, ...]) -> None:
    (found,) = told(record.runs([without_columns(RUNS[what](plan()), Hidden.of(columns))]))
    assert found["kind"] == ("adopt" if what == "adopt" else "sync")
    assert found["repeats"] == (3 if what == "held again" else 0)


@given(texts, texts)
def test_names_and_values_are_as_they_were(name: str, value: str) -> None:
    (found,) = told(record.results([(LAYER, plan(name, value))]))
    assert {change["name"] for change in found["changes"]} == {name}
    assert found["changes"][-1]["properties"]["q"] == f"{value}1"
    assert found["map"]["settings"] == [{"name": "name", "before": name, "after": "after"}]
    assert [theirs["name"] for theirs in found["strangers"]] == [name, name]


def test_sentences_are_in_the_language_and_nothing_else() -> None:
    runs = [held(plan()), failed()]
    plain, loud = (told(record.runs(runs, tongue)) for tongue in (None, Loud()))
    assert loud[0]["objections"][0]["text"] == plain[0]["objections"][0]["text"].upper()
    assert loud[0]["warnings"] == [text.upper() for text in plain[0]["warnings"]]
    assert loud[1]["error"] == plain[1]["error"].upper()
    for members in ("objections", "warnings", "error"):
        for each in (*plain, *loud):
            del each[members]
    assert plain == loud


def test_a_pass_tells_of_failed_layers_too() -> None:
    error = DatasetError(say("{file} has no rows.", file="a.csv"), way_out=say("Is it the right one?"))
    ended = told(record.results([(LAYER, done(plan())), ("other", error)]))
    assert [(each["layer"], each["outcome"], each["run"]) for each in ended] == [
        ("umap.example:8000/map/1/Cités", "done", 42),
        ("other", "failed", None),
    ]
    assert ended[1]["error"] == "a.csv has no rows. Is it the right one?"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("\x9b2J", "\\u009b2J"),
        ("\u202ea\u2069", "\\u202ea\\u2069"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("\u2028", "\\u2028"),
        ("\\\x85", "\\\\\\u0085"),
        ("##[error]x", "\\u0023#[error]x"),
        ("é → 🏙 ## x", "é → 🏙 ## x"),
    ],
)
def test_what_is_not_seen_is_escaped_and_reads_the_same(value: str, written: str) -> None:
    text = jsontext.render({"value": value})
    assert f'"{written}"' in text
    assert json.loads(text) == {"value": value}
