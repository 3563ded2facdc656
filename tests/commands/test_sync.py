"""`umap-bot sync`: the layer is what the file says, people's own things stay, and it is written down."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.commands.desk import Desk, Rows, changed, rows, stands, without
from umap_bot.model.layer import Collection, Live
from umap_bot.umap.layer.layer import UmapLayer

HOLDER = """
import sys, datetime
from umap_bot.journal.journal import SqlJournal, WallClock
with SqlJournal(sys.argv[1]).lease(sys.argv[2], WallClock()):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_every_row_stands_once_with_the_files_values(desk: Desk) -> None:
    said = desk.done("sync")
    assert stands(desk) == rows()
    assert "Done: 10 added, read back and verified (run 1" in said.out
    assert said.err == ""


def test_what_people_own_stays(synced: Desk) -> None:
    features = synced.features
    for feature in features:
        if feature["properties"]["id"] == "c4":
            feature["properties"]["_umap_options"] = {"color": "Red"}
            feature["properties"]["note"] = "seen on Tuesday"
    synced.save(features)
    synced.draw("Our office")
    wanted = changed(changed(without(rows(), "c9"), "c4", nom="Neuve"), "c5", lat="45.222")
    synced.commit(wanted)
    synced.done("sync")
    assert stands(synced) == wanted
    assert synced.feature("c4")["properties"]["_umap_options"] == {"color": "Red"}
    assert synced.feature("c4")["properties"]["note"] == "seen on Tuesday"
    assert [each["id"] for each in synced.features if "id" not in each["properties"]] == ["Own42"]


def test_a_second_sync_asks_once_each_side_and_sends_nothing(synced: Desk) -> None:
    before = synced.body, synced.versions
    said = synced.done("sync")
    assert "Nothing to do: neither the file nor the map has changed" in said.out
    assert len(said.requests) == 1
    assert said.posts == []
    assert said.online == ("ls-remote",)
    assert (synced.body, synced.versions) == before


def test_a_whole_run_with_nothing_to_do_sends_nothing(synced: Desk) -> None:
    """A commit that changes another file is no idle run, and no change."""
    synced.commit("hello", file="README")
    said = synced.done("sync")
    assert "Nothing to do" in said.out
    assert said.posts == []


def test_an_edit_is_put_back_and_told_with_the_way_to_keep_it(synced: Desk) -> None:
    synced.edit("c2", name="Autre")
    said = synced.done("sync")
    assert stands(synced) == rows()
    assert 'nom  "Cité 2" → "Autre"' in said.out
    assert (
        "The file's value was restored; the edited one is in the log. To keep the new value: enter it"
        in said.out
    )


def test_held_is_3_and_nothing_is_written_on_the_map(synced: Desk) -> None:
    synced.commit(rows(4))
    before = synced.body, synced.versions
    said = synced.type("sync")
    assert said.code == 3
    assert (synced.body, synced.versions) == before
    assert said.posts == []
    assert said.last == "exit code 3: approval needed"


def test_another_process_that_has_the_layer_is_5(synced: Desk) -> None:
    layer = synced.type("log", "--json").runs[0]["layer"]
    command = [sys.executable, "-c", HOLDER, f"sqlite:///{synced.state}", layer]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        said = synced.type("sync")
        holder.communicate()
    assert said.code == 5
    assert said.requests == ()
    assert f"process {holder.pid} on {os.uname().nodename}" in said.err
    assert said.last == "exit code 5: another run is using the layer"
    synced.done("sync")


def test_a_layer_that_keeps_changing_is_4(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody saves between every reading and every push."""
    push, saves = UmapLayer.push, iter(range(100))

    def raced(layer: UmapLayer, wanted: Collection, on: Live) -> None:
        synced.edit("c9", note=f"save {next(saves)}")
        push(layer, wanted, on)

    monkeypatch.setattr(UmapLayer, "push", raced)
    synced.commit(changed(rows(), "c1", nom="Neuve"))
    said = synced.type("sync")
    assert said.code == 4
    assert "The map kept changing during the sync" in said.out
    assert said.last == "exit code 4: the map kept changing"
    assert synced.feature("c9")["properties"]["note"] == "save 3"


def test_a_sync_as_a_process_says_answers_on_stdout_alone(desk: Desk) -> None:
    said = desk.spawn("sync")
    assert (said.code, said.err) == (0, "")
    assert stands(desk) == rows()
    desk.commit(rows(2))
    held = desk.spawn("sync")
    assert held.code == 3
    assert "APPROVAL NEEDED" in held.out
    assert held.err == "exit code 3: approval needed\n"


def numbered(table: list[dict[str, str]]) -> Rows:
    """A file whose ids were filled down: 1, 2, 3…"""
    return {str(number): cells for number, cells in enumerate(table, 1)}


def test_ids_filled_down_anew_after_an_insertion_wait_and_name_the_pairs(desk: Desk) -> None:
    """A third of the features would become other places: too few for GUARD_UPDATES."""
    table = list(rows(27).values())
    desk.commit(numbered(table))
    desk.done("sync")
    before = desk.body
    new = {"nom": "Tarare", "commune": "Tarare", "lat": "45.9", "lon": "4.43"}
    desk.commit(numbered([*table[:17], new, *table[17:]]))
    said = desk.type("sync")
    assert said.code == 3
    reason, *pairs = said.out.partition("\n  1. ")[2].splitlines()[:11]
    assert reason.startswith("10 rows have ids that used to belong to other rows, as if the ids had been ")
    assert pairs == [f"      {number} → {number + 1} Cité {number}" for number in range(18, 28)]
    assert "\n  2. " not in said.out
    assert (desk.body, said.posts) == (before, [])
    desk.settings(REPORT_HIDE="name")
    hidden = desk.type("plan").out
    assert "\n      18 → 19 19\n" in hidden
    assert "Cité 18" not in hidden
    desk.settings(REPORT_HIDE=None)
    desk.commit({**numbered(table), "28": new})
    desk.done("sync")
    assert stands(desk)["28"]["nom"] == "Tarare"


def test_a_row_that_lost_its_id_and_is_another_place_now_is_asked_about_before_a_new_id(desk: Desk) -> None:
    """With a new id written, it is a row that went and a new one, as any: no reason to ask again."""
    table = list(rows(27).values())
    desk.commit(numbered(table))
    desk.done("sync")
    new = {"nom": "Tarare", "commune": "Tarare", "lat": "45.9", "lon": "4.43"}
    kept = {key: cells for key, cells in numbered(table).items() if key != "7"}
    desk.commit({**kept, "": new})
    said = desk.type("sync")
    assert said.code == 11
    assert (
        'row 28: id is empty; the id 7 ("Cité 7") is no longer in the file: does it belong '
        "to this row? If not, write 28"
    ) in said.err
    for words in (("validate",), ("validate", "data/cites.csv")):
        assert 'the id 7 ("Cité 7") is no longer in the file' in desk.type(*words).err
    desk.settings(REPORT_HIDE="nom,name")
    assert "Cité" not in desk.type("sync").err
    desk.commit({**kept, "28": new})
    desk.done("sync")
    assert (stands(desk)["28"]["nom"], "7" in stands(desk)) == ("Tarare", False)
    desk.commit({**kept, "28": new, "": {**new, "nom": "Thizy", "lat": "46.0"}})
    assert "id is empty; write 29" in desk.type("sync").err
    desk.commit({**kept, "": {**new, "nom": "Thizy", "lat": "46.0"}})
    assert desk.type("plan").err.count('the id 28 ("') == 1


def test_coordinates_that_are_gone_wait_then_lists_what_is_not_on_the_map(synced: Desk) -> None:
    """Without a word, later moves on the map would no longer be seen."""
    lines = [f"{key},{cells['nom']},{cells['commune']}" for key, cells in rows(11).items()]
    synced.commit("id,nom,commune\n" + "\n".join(lines) + "\n")
    waiting = synced.type("sync").out
    assert "1. The file no longer has coordinates." in waiting
    assert "No feature would change." in waiting
    said = synced.done("sync", "--approve", synced.held("plan"))
    assert "1 row without coordinates, not on the map yet: c11" in said.out
    assert synced.done("sync").err == ""
    assert stands(synced) == rows()


def test_a_first_sync_of_a_layer_with_features_is_held(desk: Desk) -> None:
    desk.draw("Our office")
    code = desk.held("sync")
    desk.done("sync", "--approve", code)
    assert stands(desk) == rows()
    assert len(desk.features) == 11
