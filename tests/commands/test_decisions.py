"""What a person decides about single features: it is asked once, and holds until a value changes."""

from __future__ import annotations

import pytest

from tests.commands.desk import Desk, Said, changed, rows, stands, without

TEN = {f"c{number}": {"commune": f"Bourg {number}"} for number in range(2, 12)}


def renamed(table: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """The file with ten other rows changed, by a newsroom in a hurry."""
    for key, cells in TEN.items():
        table = changed(table, key, **cells)
    return table


@pytest.fixture
def taken_down(desk: Desk) -> Desk:
    """Of 21 points one was taken down on purpose; then the file changed ten others."""
    desk.commit(rows(21))
    desk.done("sync")
    desk.erase("c1")
    desk.commit(renamed(rows(21)))
    return desk


@pytest.fixture
def edited(synced: Desk) -> Desk:
    """Somebody wrote another name for c1 on the map."""
    synced.edit("c1", name="Bron")
    return synced


def idle(said: Said) -> None:
    assert "Nothing to do" in said.out
    assert said.posts == []


def nothing_decided(desk: Desk) -> bool:
    return "decided" not in desk.done("decisions").out.casefold()


def test_one_point_taken_down_stops_nothing_else(taken_down: Desk) -> None:
    said = taken_down.type("sync")
    assert said.code == 3
    assert "10 of 20 features changed" in said.out
    assert stands(taken_down) == without(renamed(rows(21)), "c1")
    again = taken_down.type("sync")
    assert (again.code, again.posts) == (3, [])


def test_the_log_has_the_question_once(taken_down: Desk) -> None:
    """However many runs find it again, with a new commit or without; none says again what was done."""
    taken_down.type("sync")
    for _ in range(2):
        taken_down.commit(renamed(rows(21)), "nothing new")
        said = taken_down.type("sync")
        assert said.code == 3
        assert "Done" not in said.out
        taken_down.type("sync")
    log = taken_down.done("log").out
    assert log.count("\n   ") == 1
    assert "10 changed" in log


def test_kept_away_it_is_asked_no_more_whatever_its_row_says(taken_down: Desk) -> None:
    taken_down.type("sync")
    taken_down.done("keep", "c1")
    assert taken_down.done("sync").posts == []
    log = taken_down.done("log", "--outcome", "done").out
    assert "1 needed approval · settled by run " in log, "though that run is not shown"
    assert "approval was needed; settled by run " in taken_down.done("history", "c1").out
    assert "waits for" not in log + taken_down.done("history", "c1").out
    idle(taken_down.done("sync"))
    taken_down.commit(changed(renamed(rows(21)), "c1", commune="Bourg 1", lat="45.9"))
    assert taken_down.done("sync").posts == []
    assert "c1" not in stands(taken_down)


def test_kept_away_it_stays_so_where_policy_brings_back(taken_down: Desk) -> None:
    taken_down.type("sync")
    taken_down.done("keep", "c1")
    taken_down.settings(SYNC_DELETED="recreate")
    taken_down.done("sync")
    assert "c1" not in stands(taken_down)


def test_undone_it_is_asked_again(taken_down: Desk) -> None:
    taken_down.type("sync")
    taken_down.done("keep", "c1")
    taken_down.done("sync")
    taken_down.done("decisions", "--undo", "1")
    assert nothing_decided(taken_down)
    taken_down.held("sync")


def test_kept_away_it_stays_so_when_its_row_was_gone_for_a_day(taken_down: Desk) -> None:
    taken_down.type("sync")
    taken_down.done("keep", "c1")
    taken_down.commit(without(renamed(rows(21)), "c1"))
    taken_down.done("sync")
    taken_down.commit(changed(renamed(rows(21)), "c1", commune="Bourg 1"))
    assert taken_down.done("sync").posts == []
    assert "c1" not in stands(taken_down)
    assert "stays off the map" in taken_down.done("decisions").out


def test_put_back_by_a_person_it_is_decided_no_more(taken_down: Desk) -> None:
    """And when it goes again, that is news."""
    before = taken_down.made.read(taken_down.layer_id)[0]
    taken_down.type("sync")
    taken_down.done("keep", "c1")
    features = taken_down.features
    taken_down.commit(rows(21))
    taken_down.type("sync")
    assert before != taken_down.body
    row = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [4.001, 45.001]}}
    properties = {"id": "c1", "name": "Cité 1", "commune": "Ville 1"}
    taken_down.save([*features, {**row, "properties": properties, "id": "Again"}])
    taken_down.done("sync")
    assert nothing_decided(taken_down)
    taken_down.erase("c1")
    taken_down.held("sync")


@pytest.mark.parametrize(
    "word", [("keep", "c1"), ("keep", "Cité 1"), ("keep", "Bron"), ("keep", "c1", "--field", "name")]
)
def test_a_name_that_is_kept(edited: Desk, word: tuple[str, ...]) -> None:
    edited.done(*word)
    said = edited.done("sync")
    assert said.posts == []
    idle(edited.done("sync"))
    assert stands(edited)["c1"]["nom"] == "Bron"
    assert 'nom stays "Bron"' in edited.done("decisions").out


def test_where_something_is_kept_map_and_file_are_not_called_equal(edited: Desk) -> None:
    edited.done("keep", "c1")
    assert "except for what is kept as it is on the map" in edited.done("sync").out
    assert "neither the file nor the map has changed" in edited.done("sync").out


def test_a_word_on_one_field_is_none_on_another(edited: Desk) -> None:
    edited.edit("c1", commune="Bourg")
    edited.done("keep", "c1", "--field", "name")
    edited.done("sync")
    assert stands(edited)["c1"] == {**rows()["c1"], "nom": "Bron"}


@pytest.mark.parametrize(
    ("option", "kept"),
    [(("--drift", "keep"), {"nom": "Bron"}), (("--deleted", "keep"), None)],
)
def test_an_option_of_one_sync_decides_what_it_found(
    synced: Desk, option: tuple[str, str], kept: dict[str, str] | None
) -> None:
    if kept:
        synced.edit("c1", name="Bron")
    else:
        synced.settings(SYNC_DELETED="recreate")
        synced.erase("c1")
    wanted = {**rows(), "c1": {**rows()["c1"], **kept}} if kept else without(rows(), "c1")
    assert synced.done("sync", *option).posts == []
    assert stands(synced) == wanted
    for _ in range(2):
        assert synced.done("sync").posts == []
    assert stands(synced) == wanted
    synced.commit(changed(rows(), "c2", commune="Bourg 2"))
    said = synced.done("sync")
    assert "!" not in said.out
    assert stands(synced) == changed(wanted, "c2", commune="Bourg 2")


def test_an_option_of_one_sync_decides_nothing_that_a_later_one_finds(edited: Desk) -> None:
    edited.done("sync", "--drift", "keep")
    edited.edit("c2", name="Lyon")
    edited.done("sync")
    assert stands(edited) == changed(rows(), "c1", nom="Bron")


def test_what_people_added_stays_by_an_option_under_remove(synced: Desk) -> None:
    synced.settings(SYNC_FOREIGN="remove")
    synced.draw("Kiosque")
    assert synced.done("sync", "--foreign", "keep").posts == []
    synced.commit(changed(rows(), "c2", commune="Bourg 2"))
    synced.done("sync")
    assert "Kiosque" in synced.body.decode()
    synced.draw("Fontaine")
    synced.done("sync")
    assert "Fontaine" not in synced.body.decode()


def test_two_drawn_points_without_ids_are_two_questions(synced: Desk) -> None:
    """A word on one is none on the other."""
    synced.settings(SYNC_FOREIGN="hold")
    own = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [4.9, 46.2]}}
    names = ["Kiosque", "Fontaine"]
    synced.save([*synced.features, *({**own, "properties": {"name": name}} for name in names)])
    synced.held("sync")
    for name in names:
        synced.done("keep", name)
    idle(synced.done("sync"))
    assert all(name in synced.body.decode() for name in names)


@pytest.mark.parametrize("word", [("keep", "c1"), ("sync", "--drift", "keep")])
def test_a_cell_that_the_file_changes_is_another_question(edited: Desk, word: tuple[str, ...]) -> None:
    """And what goes then of a person's is told as theirs, not as the file's news."""
    edited.done(*word)
    edited.done("sync")
    edited.commit(changed(rows(), "c1", nom="Bron-Parilly"))
    said = edited.done("sync")
    assert stands(edited) == changed(rows(), "c1", nom="Bron-Parilly")
    assert "! Cité 1" in said.out or "! Bron" in said.out
    assert nothing_decided(edited)


def test_a_cell_that_people_change_again_is_another_question(edited: Desk) -> None:
    edited.settings(SYNC_DRIFT="hold")
    edited.held("sync")
    edited.done("keep", "c1")
    idle(edited.done("sync"))
    edited.edit("c1", name="Bron 2")
    edited.held("sync")
    assert nothing_decided(edited)


def test_what_both_sides_agree_on_is_decided_no_more(edited: Desk) -> None:
    edited.done("keep", "c1")
    edited.commit(changed(rows(), "c1", nom="Bron"))
    idle(edited.done("sync"))
    assert nothing_decided(edited)


def test_what_waits_is_listed_with_what_was_decided(taken_down: Desk) -> None:
    taken_down.type("sync")
    listed = taken_down.done("decisions").out
    assert listed.startswith("Approval needed since ")
    assert "1 feature of the file was removed on the map" in listed
    taken_down.done("keep", "c1", "--by", "Ada")
    listed = taken_down.done("decisions").out
    assert "stays off the map" in listed
    assert "Ada" in listed


def test_a_word_on_nothing_is_refused(edited: Desk, subtests: pytest.Subtests) -> None:
    for words, why in (
        (("keep", "c2"), 'A sync would not change "c2".'),
        (("keep", "c99"), 'A sync would not change "c99".'),
        (("keep", "c1", "--field", "commune"), 'A sync would not change that field of "c1".'),
        (("decisions", "--undo", "7"), "There is no decision 7 in force."),
    ):
        with subtests.test(words=words):
            said = edited.type(*words)
            assert said.code == 64
            assert why in said.err
            assert nothing_decided(edited)


# Beside a rollback, an adoption, a lost state


def test_a_rollback_brings_back_nothing_that_waits(taken_down: Desk) -> None:
    """What it undid waits beside it, and one decision is none on the other."""
    taken_down.type("sync")
    taken_down.done("rollback", "2")
    assert stands(taken_down) == without(rows(21), "c1")
    taken_down.held("sync")
    assert stands(taken_down) == without(rows(21), "c1")
    taken_down.done("keep", "c1")
    taken_down.held("sync")
    taken_down.done("keep", *TEN)
    idle(taken_down.done("sync"))
    assert stands(taken_down) == without(rows(21), "c1")


def test_a_rollback_leaves_what_a_person_kept(edited: Desk) -> None:
    edited.done("keep", "c1")
    edited.commit(changed(rows(), "c1", commune="Bourg 1"))
    edited.done("sync")
    edited.done("rollback", "2")
    assert stands(edited)["c1"] == {**rows()["c1"], "nom": "Bron"}
    edited.held("sync")
    assert 'nom stays "Bron"' in edited.done("decisions").out


def test_brought_back_and_rolled_back_it_may_be_kept_away(taken_down: Desk) -> None:
    taken_down.type("sync")
    taken_down.done("sync", "--approve", taken_down.held("sync"))
    assert "c1" in stands(taken_down)
    taken_down.done("rollback", "3")
    taken_down.held("sync")
    taken_down.done("keep", "c1")
    idle(taken_down.done("sync"))
    taken_down.commit(changed(renamed(rows(21)), "c1", commune="Bourg 1"))
    taken_down.done("sync")
    assert "c1" not in stands(taken_down)


def test_an_adoption_answers_what_waits(synced: Desk) -> None:
    """A row that looks like a drawn point waits, or was kept off the map: matched, nothing is left to ask."""
    synced.draw("Cité 11", 4.011, 45.011)
    synced.commit(rows(11))
    synced.held("sync")
    synced.done("keep", "c11")
    idle(synced.done("sync"))
    synced.done("adopt", "--approve", synced.held("adopt"))
    synced.done("sync")
    assert stands(synced) == rows(11)
    assert nothing_decided(synced)
    idle(synced.done("sync"))


def test_with_a_lost_state_it_is_asked_again_and_not_put_back(taken_down: Desk) -> None:
    taken_down.type("sync")
    taken_down.done("keep", "c1")
    taken_down.done("sync")
    taken_down.state.unlink()
    for _ in range(2):
        said = taken_down.type("sync")
        assert (said.code, said.posts) == (3, [])
    assert nothing_decided(taken_down)
    assert "c1" not in stands(taken_down)


@pytest.mark.parametrize("waited", [False, True])
def test_a_state_of_before_the_decision_asks_again(taken_down: Desk, waited: bool) -> None:
    if waited:
        taken_down.type("sync")
    copy = taken_down.state.read_bytes()
    taken_down.type("sync")
    taken_down.done("keep", "c1")
    taken_down.done("sync")
    taken_down.state.write_bytes(copy)
    assert taken_down.type("sync").code == 3
    assert stands(taken_down) == without(renamed(rows(21)), "c1")
    taken_down.done("keep", "c1")
    idle(taken_down.done("sync"))


def test_a_state_of_before_an_approval_finds_it_done(taken_down: Desk) -> None:
    taken_down.type("sync")
    copy = taken_down.state.read_bytes()
    taken_down.done("sync", "--approve", taken_down.held("sync"))
    taken_down.state.write_bytes(copy)
    idle(taken_down.done("sync"))
    assert stands(taken_down) == renamed(rows(21))
