"""Each edit that a person makes in uMap's page, and the moments of a sync that it can come at."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.writer.account import WHOLE
from tests.browser.writer.conftest import MOMENTS, Moment, Stage
from tests.browser.writer.editor import STATE, Editor
from tests.faults.scene import TYPE
from umap_bot.model.drift import Drift
from umap_bot.model.layer import GEOMETRY
from umap_bot.model.run import Run


def logged(stage: Stage) -> dict[tuple[str, str], list[Any]]:
    """What the log says that people had changed, by key and cell, with the map's values."""
    found: dict[tuple[str, str], list[Any]] = {}
    for run in stage.runs:
        for drift in run.drift:
            found.setdefault((drift.key, drift.field), []).append(drift.live)
    return found


def drift(stage: Stage) -> list[Drift]:
    return [each for run in stage.runs for each in run.drift]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_note_on_a_feature_that_the_bot_leaves_alone(stage: Stage, editor: Editor, moment: Moment) -> None:
    editor.edit("3", note="by hand")
    stage.commit("1", state="open")
    stage.sync_while(moment, lambda: _confirmed(editor))
    stage.sync()
    assert stage.feature("3")["properties"]["note"] == "by hand"
    assert stage.feature("1")["properties"]["state"] == "open"
    assert drift(stage) == []


def _confirmed(editor: Editor) -> None:
    assert editor.save().confirmed


@pytest.mark.parametrize("moment", ["before", "between", "stored"])
def test_a_cell_of_the_file_on_another_feature(stage: Stage, editor: Editor, moment: Moment) -> None:
    """The file wins, and the person's value is in the log."""
    editor.edit("3", name="By hand")
    stage.commit("1", state="open")
    stage.sync_while(moment, lambda: _confirmed(editor))
    stage.sync()
    assert stage.feature("3")["properties"]["name"] == "Cité 3"
    assert logged(stage)["3", "name"] == ["By hand"]


@pytest.mark.parametrize("moment", ["before", "between", "stored", "at once"])
def test_a_note_on_the_feature_that_the_bot_changes(stage: Stage, editor: Editor, moment: Moment) -> None:
    """Whoever comes second may be refused; what uMap confirmed stands."""
    editor.edit("1", note="by hand")
    stage.commit("1", state="open")
    answers: list[bool] = []
    stage.sync_while(moment, lambda: answers.append(editor.save().confirmed))
    stage.sync()
    properties = stage.feature("1")["properties"]
    assert properties["state"] == "open"
    assert properties["note"] == ("by hand" if answers == [True] else "-")
    assert answers == [True] or moment in ("stored", "at once")


def test_of_the_layers_settings_only_what_the_person_chose_is_told(stage: Stage, editor: Editor) -> None:
    """With each save the page writes out what it takes for granted, and the columns that it found (protocol
    12)."""
    editor.edit("3", note="by hand")
    _confirmed(editor)
    assert _settings(stage.sync()) == []
    editor.restyle()
    _confirmed(editor)
    assert _settings(stage.sync()) == ["iconClass"]


def _settings(run: Run) -> list[str]:
    assert run.plan
    return [each.name for each in run.plan.context.news_of_map.settings]


@pytest.mark.parametrize("moment", ["before", "between", "stored"])
def test_a_drag(stage: Stage, editor: Editor, moment: Moment) -> None:
    place = editor.drag("4", 0, 80)
    stage.commit("1", state="open")
    stage.sync_while(moment, lambda: _confirmed(editor))
    stage.sync()
    (moved,) = logged(stage)["4", GEOMETRY]
    assert moved["coordinates"] == pytest.approx(place, abs=1e-6)
    assert stage.feature("4")["geometry"]["coordinates"] == [4.004, 45.5]


@pytest.mark.parametrize("moment", ["before", "between", "stored", "open"])
def test_a_marker_of_their_own(stage: Stage, editor: Editor, moment: Moment) -> None:
    editor.draw("Our office", (300, 700))
    stage.commit("1", state="open")
    stage.sync_while(moment, lambda: _confirmed(editor))
    stage.sync()
    assert [each["properties"]["name"] for each in stage.features].count("Our office") == 1
    assert stage.feature("1")["properties"]["state"] == "open"


@pytest.mark.parametrize("moment", ["before", "between", "stored"])
def test_a_deletion(stage: Stage, editor: Editor, moment: Moment) -> None:
    """The stage's policy makes it again, and says so."""
    editor.delete("5")
    stage.commit("1", state="open")
    stage.sync_while(moment, lambda: _confirmed(editor))
    stage.sync()
    assert stage.feature("5")["properties"]["name"] == "Cité 5"
    assert ("5", WHOLE) in logged(stage)


@pytest.mark.parametrize("moment", ["before", "between", "stored", "open"])
def test_the_style_alone(stage: Stage, editor: Editor, moment: Moment) -> None:
    """It stays, whoever comes first: no settings are pushed."""
    editor.restyle()
    stage.commit("1", state="open")
    stage.sync_while(moment, lambda: _confirmed(editor))
    stage.sync()
    assert stage.made.settings(stage.layer_id)["iconClass"] == "Circle"
    assert stage.feature("1")["properties"]["state"] == "open"


def refused(stage: Stage, editor: Editor) -> None:
    """A page with an unsaved change of a feature that the bot has changed since: uMap shows its dialog."""
    editor.edit("1", name="By hand", note="by hand")
    stage.commit("1", state="open")
    stage.sync()
    assert editor.save().refused


def test_keep_yours(stage: Stage, editor: Editor) -> None:
    """The page overwrites all that we pushed. The next sync makes it again, and says what was put back."""
    refused(stage, editor)
    forced = editor.choose("yours")
    assert forced is not None
    assert forced.confirmed
    stage.sync()
    properties = stage.feature("1")["properties"]
    assert (properties["state"], properties["name"], properties["note"]) == ("open", "Cité 1", "by hand")
    assert logged(stage)["1", "name"] == ["By hand"]


def test_keep_theirs(stage: Stage, editor: Editor) -> None:
    """The person gives up their change: it was never confirmed, and nobody hears of it."""
    refused(stage, editor)
    editor.choose("theirs")
    stage.sync()
    properties = stage.feature("1")["properties"]
    assert (properties["state"], properties["name"], properties["note"]) == ("open", "Cité 1", "-")
    assert drift(stage) == []


def test_a_look_at_theirs(stage: Stage, editor: Editor) -> None:
    """The tab that the dialog opens has what the bot pushed; the page keeps its change."""
    refused(stage, editor)
    theirs = editor.see_theirs()
    theirs.locator(".leaflet-marker-icon").first.wait_for()
    assert theirs.evaluate(STATE, "1") == "open"
    assert editor.dirty


def test_a_second_save_after_a_merged_one(stage: Stage, editor: Editor) -> None:
    """The page has other ids for all features after a merge (protocol 8): its save doubles nothing."""
    editor.edit("3", note="first")
    stage.commit("1", state="open")
    stage.sync_while("open", lambda: _confirmed(editor))
    editor.edit("3", note="second")
    _confirmed(editor)
    stage.commit("2", state="open")
    stage.sync()
    stage.sync()
    properties = [each["properties"] for each in stage.features]
    assert sorted(each["id"] for each in properties) == list("123456")
    assert stage.feature("3")["properties"]["note"] == "second"
    assert [stage.feature(key)["properties"]["state"] for key in "12"] == ["open", "open"]
    assert drift(stage) == []


def test_a_feature_without_an_id_of_umaps(stage: Stage, editor: Editor) -> None:
    """Until it has one, a save beside our push is refused; our push gives it one."""
    features = [
        {name: value for name, value in each.items() if name != "id"}
        if each["properties"]["id"] == "2"
        else each
        for each in stage.features
    ]
    stage.made.save(stage.layer_id, {**TYPE, "features": features}, stage.made.read(stage.layer_id)[1])
    editor.reload()
    editor.edit("2", note="by hand")
    stage.commit("1", state="open")
    answers: list[bool] = []
    stage.sync_while("open", lambda: answers.append(editor.save().confirmed))
    if answers == [False]:
        editor.choose("yours")
    stage.sync()
    assert stage.feature("2")["properties"]["note"] == "by hand"
    assert len(stage.feature("2")["id"]) == 5
    assert stage.feature("1")["properties"]["state"] == "open"


def test_two_tabs(stage: Stage, tab_of: Callable[[], Editor]) -> None:
    """Both are open while the bot pushes, and both save after it."""
    first, second = tab_of(), tab_of()
    first.edit("3", note="from the first")
    second.edit("4", note="from the second")
    stage.commit("1", state="open")
    stage.sync()
    _confirmed(first)
    _confirmed(second)
    stage.sync()
    notes = {key: stage.feature(key)["properties"]["note"] for key in "34"}
    assert notes == {"3": "from the first", "4": "from the second"}
    assert stage.feature("1")["properties"]["state"] == "open"
    assert len(json.loads(stage.made.read(stage.layer_id)[0])["features"]) == 6
