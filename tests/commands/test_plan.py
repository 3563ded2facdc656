"""`umap-bot plan`: says what a sync would do, and writes nothing anywhere."""

from __future__ import annotations

from tests.commands.desk import Desk, changed, rows, without


def test_nothing_to_do_is_0(synced: Desk) -> None:
    said = synced.type("plan")
    assert said.code == 0
    assert "Nothing to do: the map is up to date." in said.out
    assert said.err == ""


def test_changes_are_2(desk: Desk) -> None:
    said = desk.type("plan")
    assert said.code == 2
    assert "A sync would add 10. None changed, none removed." in said.out
    assert "Nothing was written. To apply this: umap-bot sync " in said.out
    assert said.err == "exit code 2: changes to apply\n"


def test_held_is_3_with_the_reason_and_the_way_on(synced: Desk) -> None:
    synced.commit(rows(4))
    said = synced.type("plan")
    assert said.code == 3
    assert "APPROVAL NEEDED. Nothing was changed on the map." in said.out
    assert "6 of 10 features (60 %) would be removed. Limit: 10 % (at least 1). (GUARD_DELETES)" in said.out
    assert "→ Remove these 6 features: umap-bot sync --approve " in said.out
    assert said.last == "exit code 3: approval needed"


def test_nothing_is_written_on_the_map(desk: Desk) -> None:
    before = desk.body, desk.versions
    said = desk.type("plan")
    assert (desk.body, desk.versions) == before
    assert said.requests
    assert said.posts == []


def test_no_database_is_made(desk: Desk) -> None:
    desk.type("plan")
    desk.settings(STATE_URL=None)
    desk.type("plan")
    assert list(desk.folder.rglob("*.db*")) == []


def test_a_database_stays_byte_for_byte(synced: Desk) -> None:
    synced.edit("c2", name="Autre", note="seen")
    synced.commit(changed(rows(), "c1", nom="Neuve"))
    before = synced.state.read_bytes()
    assert synced.type("plan").code == 2
    synced.commit(rows(3))
    assert synced.type("plan").code == 3
    assert synced.state.read_bytes() == before
    assert list(synced.folder.glob("state.db-*")) == []


def test_both_sides_are_told(synced: Desk) -> None:
    synced.edit("c2", name="Autre")
    synced.draw("Our office")
    synced.commit(changed(rows(), "c1", commune="Lyon"))
    said = synced.type("plan")
    assert 'nom  "Cité 2" → "Autre"' in said.out
    assert "To keep the new value: enter it in cites.csv, row 3, column nom." in said.out
    assert "Our office  added on the map, not in the file: left untouched" in said.out
    assert 'commune  "Ville 1" → "Lyon"' in said.out


def test_the_new_place_of_a_moved_point_is_ready_to_paste(synced: Desk) -> None:
    features = synced.features
    features[1]["geometry"] = {"type": "Point", "coordinates": [4.86806, 45.73472]}
    synced.save(features)
    key = features[1]["properties"]["id"]
    row = 1 + int(key.removeprefix("c"))
    said = synced.type("plan")
    assert "To keep the new position: enter latitude 45.73472 and longitude 4.86806 in" in said.out
    assert f"in cites.csv, row {row}." in said.out


def test_a_cut_is_said_aloud_and_full_shows_all(desk: Desk) -> None:
    desk.commit(rows(30))
    cut, whole = desk.type("plan").out, desk.type("plan", "--full").out
    assert "… and 10 more: add --full to see all" in cut
    assert "Cité 30" not in cut
    assert "Cité 30" in whole
    assert "more:" not in whole


def test_the_command_to_go_on_has_the_options_of_the_plan(synced: Desk) -> None:
    """Without them the sync would make another plan, whose code is another."""
    synced.edit("c2", name="Autre")
    synced.commit(without(rows(), "c7", "c8", "c9"))
    shown = synced.waits("plan", "--env-file", ".env", "--drift", "keep")
    assert "umap-bot sync --env-file .env --drift keep --approve " in shown.out
    synced.go_on(shown)
    assert synced.feature("c2")["properties"]["name"] == "Autre"
    assert len(synced.features) == 7


def test_a_plan_is_said_as_a_process_says_it(synced: Desk) -> None:
    synced.commit(changed(rows(), "c1", nom="Neuve"))
    said = synced.spawn("plan")
    assert said.code == 2
    assert said.out == synced.type("plan").out
    assert said.err == "exit code 2: changes to apply\n"
