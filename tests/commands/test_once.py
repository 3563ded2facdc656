"""`--drift keep`, `--deleted keep`, `--foreign keep`: this once the map's own stays; it is news once."""

from __future__ import annotations

from collections.abc import Callable

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
    return out.partition("Changed on the map by someone")[2].partition("\n\n")[0]


def test_a_later_edit_of_the_same_is_news_again(synced: Desk) -> None:
    synced.settings(**ASKS)
    synced.edit("c2", name="Autre")
    synced.done("sync", "--drift", "keep")
    synced.edit("c2", name="Tout autre")
    said = synced.type("sync")
    assert said.code == 3
    assert '"Cité 2" → "Tout autre"' in change_news(said.out)


def test_where_the_file_wins_keep_is_for_this_once(synced: Desk) -> None:
    """SYNC_DRIFT=overwrite takes back what stands different, whoever let it stand."""
    synced.edit("c2", name="Autre")
    synced.done("sync", "--drift", "keep")
    assert synced.feature("c2")["properties"]["name"] == "Autre"
    synced.done("sync")
    assert stands(synced) == rows()


def test_a_plan_with_keep_decides_nothing(asking: Desk, option: str) -> None:
    assert asking.type("plan", f"--{option}", "keep").code == 0
    assert asking.type("plan").code == 3


def restored(desk: Desk, policy: dict[str, str]) -> None:
    desk.settings(**policy)
    desk.done("sync")


ELSE: dict[str, Callable[[Desk], None]] = {
    "drift": lambda desk: restored(desk, {"SYNC_DRIFT": "overwrite"}),
    "deleted": lambda desk: restored(desk, {"SYNC_DELETED": "recreate"}),
}


@pytest.mark.parametrize("option", ELSE, indirect=True)
def test_the_settings_can_take_back_what_was_kept(asking: Desk, option: str) -> None:
    asking.done("sync", f"--{option}", "keep")
    ELSE[option](asking)
    assert stands(asking) == rows()


@pytest.mark.parametrize("words", [("--drift", "hold"), ("--deleted", "recreate"), ("--foreign", "remove")])
def test_only_keep_can_be_chosen_for_once(synced: Desk, words: tuple[str, str]) -> None:
    said = synced.type("sync", *words)
    assert said.code == 64
    assert said.requests == ()
