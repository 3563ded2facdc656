"""A row that the file gives to another layer: its feature is always on the one layer or the other."""

from __future__ import annotations

import shlex

import pytest

from tests.commands.desk import text
from tests.passes.fleet import NORTH, PARKS, SOUTH, Fleet, towns
from umap_bot.model.layer import Collection, Live
from umap_bot.umap.layer.layer import UmapLayer

STAYS = "1 feature stays here until it is on the layer that the file assigns it to: Cité 1"
SOUTHERN = [f"c{number}" for number in range(7, 13)]


@pytest.fixture
def watched(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """After each push: how often c1 stands in the north, and how often in the south."""
    seen: list[tuple[int, int]] = []
    push = UmapLayer.push

    def pushed(layer: UmapLayer, wanted: Collection, on: Live) -> None:
        push(layer, wanted, on)
        seen.append((fleet.keys(NORTH).count("c1"), fleet.keys(SOUTH).count("c1")))

    monkeypatch.setattr(UmapLayer, "push", pushed)
    return seen


@pytest.mark.parametrize("order", [(NORTH, SOUTH, PARKS), (SOUTH, PARKS, NORTH)])
def test_it_moves_in_one_pass_whichever_layer_comes_first(
    fleet: Fleet, watched: list[tuple[int, int]], order: tuple[str, ...]
) -> None:
    fleet.manifest(*order)
    fleet.done("sync")
    fleet.any.commit(towns(c1=SOUTH), "c1 is in the south")
    watched.clear()
    fleet.done("sync")
    assert watched == [(1, 1), (0, 1)]
    assert fleet.keys(NORTH) == ["c2", "c3", "c4", "c5", "c6"]
    assert fleet.keys(SOUTH) == ["c1", *SOUTHERN]
    idle = fleet.done("sync")
    assert idle.out == f"Nothing to do on 3 layers: {', '.join(order)}.\n"
    assert len(idle.requests) == 2


def test_it_stays_while_the_other_layer_waits_for_a_person(synced: Fleet) -> None:
    """And it goes in the pass in which that one has it."""
    wanted = {key: cells for key, cells in towns(c1=SOUTH).items() if key not in {"c11", "c12"}}
    synced.any.commit(wanted, "c1 moves, two others go")
    said = synced.type("sync")
    assert said.code == 3
    assert STAYS in said.out
    assert "2 of 6 features (33 %) would be removed" in said.out
    assert "c1" in synced.keys(NORTH)
    assert STAYS in synced.type("plan", "--layer", NORTH).out
    code = said.out.partition("--approve ")[2].split()[0]
    synced.done("sync", "--approve", code)
    assert (synced.keys(NORTH).count("c1"), synced.keys(SOUTH).count("c1")) == (0, 1)


def test_it_stays_while_the_other_layer_fails(synced: Fleet) -> None:
    synced.manifest(**{SOUTH: 'dataset_seed = "no such column"'})
    synced.any.commit(towns(c1=SOUTH))
    said = synced.type("sync")
    assert said.code == 11
    assert STAYS in said.out
    assert "c1" in synced.keys(NORTH)
    synced.manifest()
    synced.done("sync")
    assert (synced.keys(NORTH).count("c1"), synced.keys(SOUTH).count("c1")) == (0, 1)


def test_it_stays_while_its_own_layer_alone_is_synced(synced: Fleet) -> None:
    synced.any.commit(towns(c1=SOUTH))
    said = synced.done("sync", "--layer", NORTH)
    assert STAYS in said.out
    assert "c1" in synced.keys(NORTH)
    assert synced.done("sync", "--layer", SOUTH).posts != []
    synced.done("sync", "--layer", NORTH)
    assert (synced.keys(NORTH).count("c1"), synced.keys(SOUTH).count("c1")) == (0, 1)


def test_a_row_that_no_layer_takes_is_removed_as_ever(synced: Fleet) -> None:
    synced.any.commit(towns(c1="Nulle part"))
    said = synced.done("sync")
    assert "Cité 1  its row (c1) is no longer in the file" in said.out
    assert "c1" not in synced.keys(NORTH) + synced.keys(SOUTH)


def test_a_row_may_come_back_before_it_has_moved(synced: Fleet) -> None:
    synced.any.commit(towns(c1=SOUTH))
    synced.done("sync", "--layer", NORTH)
    synced.any.commit(towns())
    assert synced.done("sync").posts == []
    assert synced.keys(NORTH) == ["c1", "c2", "c3", "c4", "c5", "c6"]


def test_rows_that_move_are_no_removals_and_no_additions(synced: Fleet) -> None:
    """Half of a layer moves, where not one may be removed and none added; what no layer takes counts."""
    synced.manifest(**{NORTH: 'guard_deletes = "0 features"', SOUTH: 'guard_creates = "0 features"'})
    moved = {"c1": SOUTH, "c2": SOUTH, "c3": SOUTH}
    synced.any.commit(towns(**moved))
    said = synced.done("sync")
    assert "Cité 1  its row (c1) is on another layer now" in said.out
    assert synced.keys(NORTH) == ["c4", "c5", "c6"]
    assert {"c1", "c2", "c3"} < {*synced.keys(SOUTH)}
    synced.any.commit(towns(**moved, c4="Nulle part"))
    said = synced.type("sync")
    assert said.code == 3
    assert "1 of 3 features would be removed. Limit: 0 features. (GUARD_DELETES)" in said.out


def test_a_layer_from_which_all_rows_move_is_asked_about(synced: Fleet) -> None:
    synced.manifest(**{NORTH: "dataset_may_be_empty = true"})
    synced.any.commit(towns(**{f"c{number}": SOUTH for number in range(1, 7)}))
    said = synced.type("sync")
    assert said.code == 3
    assert "No feature of the file would be left on the map." in said.out
    assert "would be removed. Limit" not in said.out


def test_it_stays_while_its_row_can_not_be_read_in_the_other_layer(synced: Fleet) -> None:
    synced.manifest(**dict.fromkeys((NORTH, SOUTH, PARKS), 'dataset_bad_rows = "wait"'))
    table = towns(c1=SOUTH)
    synced.any.commit({**table, "c1": {**table["c1"], "lat": "here"}})
    said = synced.type("sync")
    assert said.code == 3
    assert STAYS in said.out
    assert "c1" in synced.keys(NORTH)
    synced.any.commit(table)
    synced.done("sync")
    assert (synced.keys(NORTH).count("c1"), synced.keys(SOUTH).count("c1")) == (0, 1)


def test_it_stays_while_its_row_has_lost_its_id_in_the_other_layer(synced: Fleet) -> None:
    """Nobody knows any more that it is c1: in the file its row is in the south, and has no id."""
    synced.manifest(**dict.fromkeys((NORTH, SOUTH, PARKS), 'dataset_bad_rows = "wait"'))
    table = towns(c1=SOUTH)
    synced.any.commit(text(table).replace("\nc1,", "\n,"))
    said = synced.type("sync")
    assert said.code == 3
    assert "1 feature has no row in the file and is left untouched" in said.out
    assert "c1" in synced.keys(NORTH)
    assert synced.type("sync", "--layer", NORTH).code == 3
    synced.any.commit(table)
    synced.done("sync")
    assert (synced.keys(NORTH).count("c1"), synced.keys(SOUTH).count("c1")) == (0, 1)


def by_hand(fleet: Fleet, key: str = "c1", start: str = NORTH, end: str = SOUTH) -> None:
    """A person gives a feature another layer in uMap's editor: it is saved there as it is, and goes here."""
    feature = fleet[start].feature(key)
    fleet[end].save([*fleet[end].features, feature])
    fleet[start].erase(key)


def homes(fleet: Fleet, key: str = "c1") -> tuple[int, int]:
    return fleet.keys(NORTH).count(key), fleet.keys(SOUTH).count(key)


@pytest.mark.parametrize("deleted", ["hold", "recreate"])
@pytest.mark.parametrize("foreign", ["keep", "hold", "remove"])
def test_moved_by_hand_it_stands_once_until_somebody_decides(
    synced: Fleet, deleted: str, foreign: str
) -> None:
    settings = f'sync_deleted = "{deleted}"\nsync_foreign = "{foreign}"'
    synced.manifest(**{NORTH: settings, SOUTH: settings})
    by_hand(synced)
    for words in (["plan"], ["sync"], ["sync"]):
        said = synced.type(*words)
        assert said.code == 3
        assert (
            f'1 feature of the file was moved on the map to another layer: Cité 1 (now on "{SOUTH}")'
            in said.out
        )
        assert "1 feature of the file was removed on the map, perhaps on purpose" not in said.out
        assert homes(synced) == (0, 1)


def test_moved_by_hand_the_rest_of_both_layers_goes_on(synced: Fleet) -> None:
    by_hand(synced)
    table = towns()
    synced.any.commit({**table, **{key: {**table[key], "nom": f"Ville {key}"} for key in ("c2", "c8")}})
    assert synced.type("sync").code == 3
    assert synced[NORTH].feature("c2")["properties"]["name"] == "Ville c2"
    assert synced[SOUTH].feature("c8")["properties"]["name"] == "Ville c8"
    assert homes(synced) == (0, 1)


def test_moved_by_hand_the_file_may_follow(synced: Fleet) -> None:
    by_hand(synced)
    synced.type("sync")
    synced.any.commit(towns(c1=SOUTH))
    assert synced.type("sync").code == 0
    assert homes(synced) == (0, 1)
    assert synced.done("sync").posts == []


def test_moved_by_hand_it_may_be_left_there(synced: Fleet) -> None:
    by_hand(synced)
    synced.type("sync")
    synced.done("keep", "c1", "--layer", NORTH)
    assert synced.done("sync").posts == []
    synced.any.commit({**towns(), "c2": {**towns()["c2"], "nom": "Deux"}})
    assert "Cité 1" not in synced.done("sync").out.replace("Different on purpose", "").partition("=")[0]
    assert homes(synced) == (0, 1)


def test_moved_by_hand_and_back(synced: Fleet) -> None:
    by_hand(synced)
    synced.type("sync")
    by_hand(synced, start=SOUTH, end=NORTH)
    assert synced.done("sync").posts == []
    assert homes(synced) == (1, 0)


def test_moved_by_hand_an_approval_says_that_it_stands_twice(synced: Fleet) -> None:
    by_hand(synced)
    said = synced.type("sync")
    assert "it is added here again and also stays there" in said.out
    *_, last = [line for line in said.out.splitlines() if "→" in line]
    act, _, command = last.partition(": umap-bot ")
    assert act.strip() == "→ Add it here again; it is then on both layers"
    synced.done(*shlex.split(command))
    assert homes(synced) == (0, 1)
    synced.done("sync")
    assert homes(synced) == (1, 1)


def test_moved_by_hand_it_is_left_by_the_commands_that_are_told(synced: Fleet) -> None:
    """One for each layer that asks: nothing waits after them, and nothing was moved."""
    synced.manifest(**{SOUTH: 'sync_foreign = "remove"'})
    by_hand(synced)
    told = synced.type("sync").out
    lines = [line for line in told.splitlines() if "→ Leave it where it is now: " in line]
    assert len(lines) == 2
    for line in lines:
        synced.done(*shlex.split(line.partition(": umap-bot ")[2]))
    assert synced.done("sync").posts == []
    assert homes(synced) == (0, 1)


def test_moved_by_hand_all_approved_puts_it_back(synced: Fleet) -> None:
    """Under `remove` the other layer asks, too, and nothing is on no layer meanwhile."""
    synced.manifest(**{SOUTH: 'sync_foreign = "remove"'})
    by_hand(synced)
    said = synced.type("sync")
    assert "1 feature was moved here on the map, but the file has it on another layer: Cité 1." in said.out
    assert homes(synced) == (0, 1)
    code = said.out.rpartition("--approve ")[2].split()[0]
    synced.done("sync", "--approve", code)
    assert homes(synced) == (1, 0)
    synced.done("sync")


def test_taken_down_it_is_asked_about_as_ever(synced: Fleet) -> None:
    synced[NORTH].erase("c1")
    said = synced.type("sync")
    assert "1 feature of the file was removed on the map, perhaps on purpose" in said.out
    assert "moved on the map to another layer" not in said.out
