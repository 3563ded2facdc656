"""`umap-bot history`, and the narrower `log`: the life of a feature, with every value that was on the map."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.commands.desk import Desk, changed, rows, without
from umap_bot.cli.options.times import duration


@pytest.fixture
def lived(synced: Desk) -> Desk:
    """Cité 1: added by the file, changed by the file, by a person, and deleted with its row."""
    synced.commit(changed(rows(), "c1", nom="Neuve"), "another name")
    synced.done("sync")
    synced.edit("c1", name="Chez nous")
    synced.done("sync")
    synced.commit(without(changed(rows(), "c1", nom="Neuve"), "c1"), "gone")
    synced.done("sync")
    return synced


def test_a_life_is_told_in_order_with_every_value(lived: Desk) -> None:
    said = lived.done("history", "c1").out
    runs = [line for line in said.splitlines() if line.startswith("run ")]
    assert [line.split(" · ")[0] for line in runs] == ["run 1", "run 2", "run 3", "run 4"]
    told = [
        'added, with id "c1", nom "Cité 1", commune "Ville 1"',
        'nom  "Cité 1" → "Neuve"',
        'on the map: nom  "Neuve" → "Chez nous"; saved ',
        'nom  "Chez nous" → "Neuve"',
        'removed; it had id "c1", nom "Neuve", commune "Ville 1"',
    ]
    places = [said.find(each) for each in told]
    assert -1 not in places, said
    assert places == sorted(places)
    assert "another name" in runs[1]


def test_a_life_as_json_has_only_what_was_of_it(lived: Desk) -> None:
    lived.commit(changed(without(rows(), "c1"), "c2", nom="Deux"))
    lived.done("sync")
    found = lived.done("history", "c1", "--json").runs
    assert [run["run"] for run in found] == [4, 3, 2, 1]
    assert {change["key"] for run in found for change in run["changes"]} == {"c1"}
    assert [drift["live"] for run in found for drift in run["drift"]] == ["Chez nous"]
    assert found[0]["changes"][0]["properties"]["name"] == "Neuve"


def test_a_feature_that_the_log_does_not_know(synced: Desk) -> None:
    said = synced.type("history", "nobody")
    assert said.code == 64
    assert 'The log has nothing of a feature with the id or the name "nobody".' in said.err


@pytest.mark.parametrize("name", ["Cité 1", "cite 1", "Neuve"])
def test_a_name_will_do_also_one_of_before(lived: Desk, name: str) -> None:
    assert lived.done("history", name).out == lived.done("history", "c1").out


def test_a_name_of_several_features_or_of_a_hidden_column_will_not(synced: Desk) -> None:
    synced.commit(changed(changed(rows(), "c2", nom="Neuve"), "c10", nom="Neuve"))
    synced.done("sync")
    said = synced.type("history", "neuve")
    assert (said.code, said.out) == (64, "")
    assert '2 features are called "neuve". Name the one you mean by its id: c2, c10.' in said.err
    synced.settings(REPORT_HIDE="nom")
    assert synced.type("history", "Cité 3").code == 64


def test_a_move_back_and_a_deletion_by_a_person(synced: Desk) -> None:
    synced.settings(SYNC_DELETED="recreate")
    synced.erase("c3")
    synced.done("sync")
    said = synced.done("history", "c3").out
    assert "on the map: removed from the map" in said
    assert "restored from the file" in said


def test_the_log_narrowed(lived: Desk, subtests: pytest.Subtests) -> None:
    for words, numbers in (
        (("--key", "c1"), [4, 3, 2, 1]),
        (("--key", "c2"), [1]),
        (("--outcome", "held"), []),
        (("--outcome", "done", "-n", "2"), [4, 3]),
        (("--since", "1h"), [4, 3, 2, 1]),
        (("--since", "2999-01-01"), []),
    ):
        with subtests.test(words=words):
            assert [run["run"] for run in lived.done("log", "--json", *words).runs] == numbers


@pytest.mark.parametrize("since", ["yesterday", "3 fortnights", "2026-13-01", "", "99999999d"])
def test_a_time_that_is_none_is_wrong_use(desk: Desk, since: str) -> None:
    said = desk.type("log", "--since", since)
    assert said.code == 64
    assert "is not a date" in said.err


def test_ages_as_people_type_them() -> None:
    assert [str(duration(text)) for text in ("90m", "2h", "3d", "1 w")] == [
        "1:30:00", "2:00:00", "3 days, 0:00:00", "7 days, 0:00:00",
    ]  # fmt: skip
    assert duration("2") is None


def test_a_plan_that_waits_is_one_line_however_often_it_is_seen(synced: Desk) -> None:
    synced.commit(rows(2))
    code = synced.held("sync")
    for _ in range(3):
        assert synced.held("sync") == code
    (line, first) = synced.done("log").out.splitlines()
    assert line.startswith("   2 · ")
    assert "(and 3 more times, last " in line
    assert first.startswith("   1 · ")
    (run, _) = synced.done("log", "--json").runs
    assert (run["run"], run["repeats"]) == (2, 3)
    assert datetime.fromisoformat(run["again"]) <= datetime.now(UTC)


def test_other_forms_of_a_plan_and_a_run(lived: Desk) -> None:
    lived.commit(changed(without(rows(), "c1"), "c2", nom="Deux <b>"))
    plan = lived.type("plan", "--format", "markdown")
    assert (plan.code, "**A sync would change 1 feature." in plan.out) == (2, True)
    assert "<b>" not in plan.out
    shown = lived.done("show", "4", "--format", "geojson").out
    assert '"change": "deleted"' in shown or '"change":"deleted"' in shown
    assert lived.done("show", "2", "--format", "markdown").out.count("Neuve") >= 1
    assert lived.type("plan", "--format", "yaml").code == 64


def test_what_is_hidden_stands_nowhere(lived: Desk) -> None:
    lived.settings(REPORT_HIDE="commune")
    for words in (["history", "c1"], ["show", "1", "--full"], ["log"], ["show", "1", "--json"]):
        assert "Ville 1" not in lived.done(*words).out
    lived.settings(REPORT_HIDE="nom")
    assert "Chez nous" not in lived.done("history", "c1").out


def test_changed_settings_of_the_layer_and_a_file_seen_before_are_told(synced: Desk) -> None:
    earlier = changed(rows(), "c1", nom="Neuve")
    synced.commit(earlier)
    synced.done("sync")
    synced.commit(rows())
    body, version = synced.made.read(synced.layer_id)
    settings = {**synced.made.settings(synced.layer_id), "color": "Red"}
    assert synced.made.save(synced.layer_id, body, version, settings).ok
    said = synced.type("plan", "--full").out
    assert 'colour  (empty) → "Red"' in said
    assert "They are left untouched." in said
    assert "cites.csv is identical to its version of" in said


def test_a_war_is_told_at_the_third_time(synced: Desk) -> None:
    for number in range(3):
        synced.edit("c1", name=f"Chez nous {number}")
        said = synced.done("sync").out
        assert ("Restored again and again" in said) == (number == 2), said
    assert "nom: restored 3 times in a row" in said


def test_the_saves_that_are_told_are_never_our_own(synced: Desk) -> None:
    synced.edit("c1", name="Chez nous")
    synced.commit(changed(rows(), "c2", nom="Deux"))
    for words in (["plan"], ["sync"], ["show", "2"]):
        said = synced.type(*words).out
        assert "; saved " in said
        assert "saves, the last one" not in said, said


def test_an_adoption_is_no_success(desk: Desk) -> None:
    desk.save(
        [
            {
                "type": "Feature",
                "id": "Drawn",
                "geometry": {"type": "Point", "coordinates": [4.001, 45.001]},
                "properties": {"name": "Cité 1"},
            }
        ]
    )
    desk.done("adopt", "--approve", desk.held("adopt"))
    assert "this layer has not been synced yet" in desk.type("plan").out
