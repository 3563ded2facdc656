"""`--drift keep`, `--deleted keep`, `--foreign keep`: what people did stays while its value does."""

from __future__ import annotations

import re

import pytest

from tests.commands.desk import Desk, changed, rows, stands

ASKS = {"SYNC_DRIFT": "hold", "SYNC_DELETED": "hold", "SYNC_FOREIGN": "hold"}


def edited(desk: Desk) -> None:
    desk.edit("c2", name="Autre")


def erased(desk: Desk) -> None:
    desk.erase("c2")


def drawn(desk: Desk) -> None:
    desk.draw("Our office")


WAYS = {"drift": edited, "deleted": erased, "foreign": drawn}
NEWS = {"drift": '"Cité 2" → "Autre"', "deleted": "removed from the map", "foreign": "Our office"}


def as_left(desk: Desk) -> object:
    """What the person did to the layer, whichever way it was."""
    names = {feature["properties"]["name"] for feature in desk.features}
    return sorted(names & {"Cité 2", "Autre", "Our office"})


@pytest.fixture(params=WAYS)
def option(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def asking(synced: Desk, option: str) -> Desk:
    """Settings that ask, and a person who did something to ask about."""
    synced.settings(**ASKS)
    WAYS[option](synced)
    return synced


def test_it_is_held_and_keep_decides_it(asking: Desk, option: str) -> None:
    left = as_left(asking)
    asking.held("sync")
    said = asking.done("sync", f"--{option}", "keep")
    assert NEWS[option] in said.out
    assert as_left(asking) == left
    assert said.posts == []


def test_it_stays_for_ten_runs_and_two_changes_of_the_file(asking: Desk, option: str) -> None:
    left, table = as_left(asking), rows()
    asking.done("sync", f"--{option}", "keep")
    for number in range(10):
        if number in (3, 6):
            table = changed(table, "c5", commune=f"Commune {number}")
            asking.commit(table)
        told = change_news(asking.done("sync").out)
        assert NEWS[option] not in told
        assert as_left(asking) == left
    assert asking.feature("c5")["properties"]["commune"] == "Commune 6"


def change_news(out: str) -> str:
    """The part of an answer that tells what people changed since the last run."""
    return out.partition("Edited on the map")[2].partition("\n\n")[0]


def test_a_later_edit_of_the_same_is_news_again(synced: Desk) -> None:
    synced.settings(**ASKS)
    synced.edit("c2", name="Autre")
    synced.done("sync", "--drift", "keep")
    synced.edit("c2", name="Tout autre")
    said = synced.type("sync")
    assert said.code == 3
    assert '"Cité 2" → "Tout autre"' in change_news(said.out)


WINS = {"SYNC_DRIFT": "overwrite", "SYNC_DELETED": "recreate", "SYNC_FOREIGN": "remove"}
"""Settings by which the next plain run would take back what a person did."""


@pytest.fixture
def overruling(synced: Desk, option: str) -> Desk:
    """Settings by which the file wins, and a person who did something that stays by `--… keep`."""
    synced.settings(**WINS)
    WAYS[option](synced)
    synced.done("sync", f"--{option}", "keep")
    return synced


def test_where_the_file_wins_what_was_kept_stays(overruling: Desk, option: str) -> None:
    """The file is the same, and so is the map: nothing is taken back, and nothing "changed in the file"."""
    left = as_left(overruling)
    said = overruling.done("plan")
    assert "would change" not in said.out
    assert "Changed in the file" not in said.out
    for number in range(3):
        overruling.commit(changed(rows(), "c5", commune=f"Commune {number}"))
        told = overruling.done("sync").out
        assert NEWS[option] not in change_news(told)
        assert as_left(overruling) == left
    assert overruling.feature("c5")["properties"]["commune"] == "Commune 2"


def test_what_was_kept_is_over_when_the_file_says_something_else(synced: Desk) -> None:
    synced.settings(**WINS)
    synced.edit("c2", name="Autre")
    synced.done("sync", "--drift", "keep")
    synced.commit(changed(rows(), "c2", nom="Cité deux"))
    said = synced.done("sync")
    assert '"Autre"' in change_news(said.out)
    assert synced.feature("c2")["properties"]["name"] == "Cité deux"


def test_what_was_kept_is_over_when_it_is_taken_back(overruling: Desk, option: str) -> None:
    (number,) = re.findall(r"^ *= (\d+)\. ", overruling.done("decisions").out, re.M)
    overruling.done("decisions", "--undo", number)
    overruling.done("sync")
    assert stands(overruling) == rows()


def test_a_plan_with_keep_decides_nothing(asking: Desk, option: str) -> None:
    assert asking.type("plan", f"--{option}", "keep").code == 0
    assert asking.type("plan").code == 3


@pytest.mark.parametrize("option", ["drift", "deleted"], indirect=True)
def test_other_settings_do_not_take_back_what_was_kept(asking: Desk, option: str) -> None:
    left = as_left(asking)
    asking.done("sync", f"--{option}", "keep")
    asking.settings(**WINS)
    asking.done("sync")
    assert as_left(asking) == left


@pytest.mark.parametrize("words", [("--drift", "hold"), ("--deleted", "recreate"), ("--foreign", "remove")])
def test_only_keep_can_be_chosen_for_once(synced: Desk, words: tuple[str, str]) -> None:
    said = synced.type("sync", *words)
    assert said.code == 64
    assert said.requests == ()
