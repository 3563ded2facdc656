"""The state is lost, or an old copy comes back: nothing goes by guess, and what nobody edited is no edit."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.desk import FILE, Desk, Rows, changed, rows, stands, text, without

UNKNOWN = "What was lost: edits and removals kept as made on the map"


def lose(desk: Desk) -> None:
    desk.state.unlink()


def test_a_row_that_went_while_the_state_was_lost_goes_from_the_map(synced: Desk) -> None:
    published = synced.git("rev-parse", "--short=7", "HEAD")
    lose(synced)
    now = without(changed(rows(), "c3", commune="Lyon"), "c7")
    synced.commit(now)
    told = f"version {published} of "
    plan = synced.type("plan")
    assert plan.code == 2
    assert told in plan.out
    assert "(0 of 40 values differ)" in plan.out
    assert not synced.state.exists()
    said = synced.done("sync")
    assert told in said.out
    assert said.out.count(UNKNOWN) == 1
    assert "Edited on the map" not in said.out
    assert stands(synced) == now


def test_the_run_after_it_knows_all_again(synced: Desk) -> None:
    lose(synced)
    synced.commit(changed(rows(), "c3", commune="Lyon"))
    synced.done("sync")
    again = synced.done("sync")
    assert UNKNOWN not in again.out
    assert again.online == ("ls-remote",)
    synced.commit(changed(rows(), "c3", commune="Bron"))
    later = synced.done("sync")
    assert UNKNOWN not in later.out
    assert later.online == ("ls-remote", "fetch")


def test_a_runner_without_state_and_cache_settles_each_time(synced: Desk) -> None:
    now = rows()
    for number in range(3):
        lose(synced)
        shutil.rmtree(synced.folder / "xdg_cache_home")
        now = without(changed(now, "c3", commune=f"Lyon {number}"), f"c{number + 7}")
        synced.commit(now)
        said = synced.done("sync")
        assert said.out.count(UNKNOWN) == 1
        assert stands(synced) == now
    lose(synced)
    assert synced.done("sync").posts == []


def test_what_people_edited_is_told_as_theirs_and_the_gone_row_stays_if_they_edited_it(synced: Desk) -> None:
    synced.edit("c2", name="Autre")
    synced.edit("c7", commune="Nulle part")
    lose(synced)
    synced.commit(without(rows(), "c7", "c8"))
    said = synced.done("sync")
    assert 'nom  "Cité 2" → "Autre"' in said.out
    assert 'commune  "Ville 7" → "Nulle part"' in said.out
    assert "Its row is no longer in the file. The feature stays" in said.out
    assert synced.feature("c7")["properties"]["commune"] == "Nulle part"
    assert [key for key in stands(synced) if key == "c8"] == []
    assert synced.feature("c2")["properties"]["name"] == "Cité 2"


def test_what_was_left_so_stays_even_where_policy_removes_what_is_added(synced: Desk) -> None:
    synced.settings(SYNC_FOREIGN="remove")
    synced.edit("c7", commune="Nulle part")
    lose(synced)
    synced.commit(without(rows(), "c7"))
    synced.done("sync")
    synced.commit(without(changed(rows(), "c1", commune="Lyon"), "c7"))
    synced.done("sync")
    assert synced.feature("c7")["properties"]["commune"] == "Nulle part"


def test_edits_everywhere_remove_nothing_by_guess(synced: Desk) -> None:
    features = synced.features
    for feature in features:
        feature["properties"]["commune"] = "Ailleurs"
    synced.save(features)
    lose(synced)
    synced.commit(without(rows(), "c7"))
    said = synced.type("sync")
    assert said.code == 3
    assert "This is the first sync of this layer, which already contains 10 features." in said.out
    assert "umap-bot sync --base COMMIT" in said.out
    assert "Would be removed" not in said.out
    code = said.out.partition("--approve ")[2].split()[0]
    synced.done("sync", "--approve", code)
    assert synced.feature("c7")["properties"]["commune"] == "Ailleurs"


def squashed(desk: Desk) -> None:
    """All of the history becomes one commit, without a row of before."""
    (desk.repository / FILE).write_text(text(without(rows(), "c7")), "utf-8")
    desk.git("checkout", "--quiet", "--orphan", "anew")
    desk.git("commit", "--quiet", "--all", "--message", "all in one")
    desk.git("branch", "--force", "main", "anew")
    desk.git("checkout", "--quiet", "main")


def shallow(desk: Desk) -> None:
    """The bot reads a clone of one commit, as CI makes it."""
    desk.commit(without(rows(), "c7"))
    folder = desk.folder / "shallow"
    desk.git("clone", "--quiet", "--depth=1", desk.repository.as_uri(), str(folder))
    desk.settings(DATASET_REPO=str(folder))


def anew(desk: Desk) -> None:
    """The rows are copied into another repository."""
    desk.git("rm", "--quiet", FILE)
    desk.git("commit", "--quiet", "--message", "away")
    desk.settings(DATASET_PATH="others.csv")
    desk.commit(without(rows(), "c7"), file="others.csv")


@pytest.mark.parametrize("weather", [squashed, shallow, anew])
def test_what_we_made_and_no_version_has_is_asked_about(
    synced: Desk, weather: Callable[[Desk], None]
) -> None:
    lose(synced)
    weather(synced)
    said = synced.type("sync")
    assert said.code == 3
    assert "1 feature that umap-bot added to the map has no row in the file" in said.out
    assert "Cité 7" in said.out
    assert "umap-bot sync --base COMMIT" in said.out
    assert "not in the file: left" not in said.out
    assert ("is a shallow clone, so older versions of cites.csv are missing" in said.out) == (
        weather is shallow
    )
    synced.go_on(said)
    assert "c7" in stands(synced)
    assert synced.done("sync").online == ("ls-remote",)


def test_what_was_asked_about_may_go_by_hand(synced: Desk) -> None:
    lose(synced)
    squashed(synced)
    assert synced.type("plan").code == 3
    synced.erase("c7")
    assert synced.done("sync").posts == []


def renamed(desk: Desk) -> str:
    desk.git("mv", FILE, "places.csv")
    return "places.csv"


def another_kind(desk: Desk) -> str:
    desk.git("rm", "--quiet", FILE)
    return "data/cites.geojson"


@pytest.mark.parametrize("move", [renamed, another_kind])
def test_a_row_goes_though_the_file_has_another_name_or_kind_since(
    synced: Desk, move: Callable[[Desk], str]
) -> None:
    published = synced.git("rev-parse", "--short=7", "HEAD")
    lose(synced)
    name = move(synced)
    left = without(rows(), "c7")
    (synced.repository / name).parent.mkdir(exist_ok=True)
    synced.commit(geojson(left) if name.endswith("json") else left, file=name)
    synced.settings(DATASET_PATH=name)
    said = synced.done("sync")
    assert f"version {published} of " in said.out
    assert set(stands(synced)) == set(left)


def geojson(table: Rows) -> str:
    """The same rows with the same ids as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "properties": {"id": key, "nom": cells["nom"], "commune": cells["commune"]},
            "geometry": {"type": "Point", "coordinates": [float(cells["lon"]), float(cells["lat"])]},
        }
        for key, cells in table.items()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


@pytest.mark.parametrize("length", [7, 40])
def test_a_named_version_is_exact_with_edits_everywhere(synced: Desk, length: int) -> None:
    published = synced.git("rev-parse", "HEAD")[:length]
    features = synced.features
    for feature in features:
        feature["properties"]["commune"] = "Ailleurs"
    synced.save(features)
    lose(synced)
    now = without(changed(rows(), "c3", nom="Neuve"), "c7")
    synced.commit(now)
    code = synced.held("sync", "--base", published)  # so many values are put back
    said = synced.done("sync", "--approve", code)
    assert f"The file's version {published[:7]} of " in said.out
    assert 'commune  "Ville 7" → "Ailleurs"' in said.out
    assert stands(synced) == now


def test_a_named_version_goes_on_in_the_command_to_go_on(synced: Desk) -> None:
    lose(synced)
    synced.commit(rows(3))
    plan = synced.type("plan", "--base", synced.git("rev-parse", "--short=7", "HEAD~1"))
    assert plan.code == 3
    assert "umap-bot sync --base " in plan.out
    synced.go_on(plan)
    assert set(stands(synced)) == {"c1", "c2", "c3"}


def test_a_held_run_remembers_which_version_was_named(synced: Desk) -> None:
    lose(synced)
    synced.commit(rows(3))
    code = synced.held("sync", "--base", synced.git("rev-parse", "--short=7", "HEAD~1"))
    synced.done("approve", code)
    assert "as set by --base" in synced.done("sync").out
    assert set(stands(synced)) == {"c1", "c2", "c3"}


def test_a_version_that_does_not_touch_the_file_is_fine(synced: Desk) -> None:
    synced.commit("else", file="README")
    beside = synced.git("rev-parse", "HEAD")
    lose(synced)
    synced.commit(without(rows(), "c7"))
    synced.done("sync", "--base", beside)
    assert "c7" not in stands(synced)


def test_a_version_of_another_branch_is_warned_of(synced: Desk) -> None:
    synced.git("checkout", "--quiet", "--orphan", "other")
    other = synced.commit(rows(), "another line")
    synced.git("checkout", "--quiet", "main")
    lose(synced)
    synced.commit(without(rows(), "c7"))
    said = synced.done("sync", "--base", other)
    assert "The newest version does not descend from it; check that it is the right one." in said.out
    assert "c7" not in stands(synced)


def test_a_version_that_is_none_is_named(synced: Desk, subtests: pytest.Subtests) -> None:
    before = synced.body, synced.state.read_bytes()
    for name, code, words in (
        ("abcdef1", 12, "has no commit abcdef1, or several that begin with it"),
        ("main", 64, '"main" is not a valid commit'),
        ("--help-me", 64, "is not a valid commit"),
        ("0" * 40, 12, "does not have commit 0000000"),
    ):
        with subtests.test(name=name):
            said = synced.type("plan", "--base", name)
            assert (said.code, words in said.err) == (code, True), said
            assert (synced.body, synced.state.read_bytes()) == before


def test_a_version_that_can_not_be_read_says_its_row(synced: Desk) -> None:
    wrong = synced.commit("id,nom,commune,lat,lon\nc1,a,b,1,2\nc1,a,b,1,2\n")
    synced.commit(rows())
    said = synced.type("sync", "--base", wrong[:7])
    assert said.code == 11
    assert f"About version {wrong[:7]}, which --base names:" in said.err
    assert "c1" in said.err


def test_versions_that_today_s_settings_can_not_read_are_left_out(desk: Desk) -> None:
    desk.commit("nothing to read\n")
    desk.commit(rows())
    desk.done("sync")
    lose(desk)
    desk.commit(without(rows(), "c7"))
    desk.done("sync")
    assert "c7" not in stands(desk)


def test_a_map_drawn_by_hand_is_a_first_contact_and_asks_git_for_no_history(desk: Desk) -> None:
    desk.draw("Our office")
    said = desk.type("plan")
    assert "This is the first sync of this layer, which already contains 1 feature." in said.out
    assert "--base" not in said.out
    assert said.online == ("ls-remote", "fetch")


def test_check_says_that_the_map_was_synced_and_the_state_is_new(synced: Desk) -> None:
    lose(synced)
    said = synced.type("check")
    assert "new: this layer has no runs yet, but the map has features with ids" in said.out


# A state that is an old copy


@pytest.fixture
def copied(synced: Desk) -> Desk:
    shutil.copy(synced.state, synced.folder / "copy.db")
    return synced


def bring_back(desk: Desk) -> None:
    shutil.copy(Path("copy.db"), desk.state)


def test_what_later_runs_published_is_nobodys_edit(copied: Desk) -> None:
    copied.commit(changed(rows(), "c3", commune="Lyon"))
    copied.done("sync")
    bring_back(copied)
    copied.commit(changed(rows(), "c3", commune="Bron"))
    said = copied.done("sync")
    assert "Edited on the map" not in said.out
    assert (
        "The state is older than the map, as if it were a restored copy. 1 value on the map is from a later"
        in said.out
    )
    assert stands(copied) == changed(rows(), "c3", commune="Bron")


def test_what_later_runs_added_goes_with_its_row(copied: Desk) -> None:
    copied.commit(rows(11))
    copied.done("sync")
    bring_back(copied)
    copied.commit(rows(10), "back")
    copied.done("sync")
    assert stands(copied) == rows(10)


def test_what_people_edited_beside_it_is_theirs(copied: Desk) -> None:
    copied.settings(SYNC_DRIFT="keep")
    copied.commit(changed(rows(11), "c3", commune="Lyon"))
    copied.done("sync")
    copied.edit("c3", name="Autre")
    copied.edit("c11", name="Onze")
    bring_back(copied)
    copied.commit(changed(rows(), "c3", commune="Bron"))
    said = copied.done("sync")
    assert 'nom  "Cité 3" → "Autre"' in said.out
    assert copied.feature("c3")["properties"]["commune"] == "Bron"
    assert copied.feature("c3")["properties"]["name"] == "Autre"
    assert copied.feature("c11")["properties"]["name"] == "Onze"


def test_an_edit_on_a_known_state_is_an_edit_whatever_the_file_said_once(copied: Desk) -> None:
    copied.edit("c3", name="Autre")
    copied.commit(changed(rows(), "c4", commune="Lyon"))
    said = copied.done("sync")
    assert 'nom  "Cité 3" → "Autre"' in said.out
    assert "older than the map" not in said.out
