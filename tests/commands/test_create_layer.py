"""`--create-layer`: the map gets the layer of UMAP_LAYER if it has none of that name, and only then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.commands.desk import FILE, Desk, Said, rows, text, without
from umap_bot.http.failures import LostAnswerError
from umap_bot.sandbox.maps import visit
from umap_bot.text import say
from umap_bot.umap.wire import Reply, Wire

NEW = "Nouvelles cités"
EMPTY: dict[str, Any] = {"type": "FeatureCollection", "features": []}
Post = Callable[[Wire, str, Mapping[str, str], bytes | None, Mapping[str, str]], Reply]


@pytest.fixture
def bare(desk: Desk) -> Desk:
    """The map has a layer, but none of the name in the settings."""
    desk.settings(UMAP_LAYER=NEW)
    return desk


def made(desk: Desk, name: str = NEW) -> list[str]:
    """The ids of the map's layers of a name."""
    return [entry["id"] for entry in desk.made.layers() if desk.made.settings(entry["id"])["name"] == name]


def only(desk: Desk) -> Desk:
    """The desk, about the one layer of the new name."""
    (desk.layer_id,) = made(desk)
    return desk


def refused(desk: Desk, *words: str) -> Said:
    """A sync that makes nothing on the map."""
    before = desk.made.layers()
    said = desk.type("sync", "--create-layer", *words)
    assert said.code == 13, said
    assert desk.made.layers() == before
    assert not said.posts
    return said


class Posts:
    """What happens at each POST of the bot, in turn; after that, what always does."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, *faults: Callable[[Callable[[], Reply]], Reply]
    ) -> None:
        self.sent: list[str] = []
        self._faults = list(faults)
        self._post: Post = Wire.post

        def met(wire: Wire, path: str, *more: Any) -> Reply:
            self.sent.append(path)
            fault = self._faults.pop(0) if self._faults else well
            return fault(lambda: self._post(wire, path, *more))

        monkeypatch.setattr(Wire, "post", met)


def well(send: Callable[[], Reply]) -> Reply:
    return send()


def lost_after(send: Callable[[], Reply]) -> Reply:
    send()
    raise LostAnswerError(say("cut"))


def lost_before(send: Callable[[], Reply]) -> Reply:
    raise LostAnswerError(say("cut"))


def killed(send: Callable[[], Reply]) -> Reply:
    send()
    raise KeyboardInterrupt


def test_the_layer_is_made_with_its_features_and_kept_from_then_on(bare: Desk) -> None:
    said = bare.done("sync", "--create-layer")
    assert f"The map had no layer “{NEW}”. The sync creates it." in said.out
    assert "Done: 10 added" in said.out
    assert len(said.posts) == 1
    desk = only(bare)
    assert {feature["properties"]["name"] for feature in desk.features} == {f"Cité {n}" for n in range(1, 11)}
    assert desk.made.settings(desk.layer_id) == {"name": NEW, "displayOnLoad": True}
    assert [entry["id"] for entry in desk.made.layers()][-1] == desk.layer_id
    again = desk.done("sync", "--create-layer")
    assert "Nothing to do" in again.out
    assert len(again.requests) == 1
    assert len(desk.versions) == 1


def test_without_the_option_the_layers_are_listed_and_it_is_offered(bare: Desk) -> None:
    for command in ("sync", "plan", "check"):
        said = bare.type(command)
        assert said.code == 13
        assert f"The map has no layer “{NEW}”. Layers: “Cités” ({bare.layer_id})." in said.out + said.err
        assert "umap-bot sync --create-layer" in said.out + said.err
    assert made(bare) == []


def test_a_plan_shows_it_and_makes_nothing(bare: Desk) -> None:
    said = bare.type("plan", "--create-layer")
    assert said.code == 2
    assert "A sync would add 10" in said.out
    assert f"The map had no layer “{NEW}”" in said.out
    assert "umap-bot sync --create-layer" in said.out
    assert (said.posts, made(bare)) == ([], [])


def test_a_file_that_can_not_be_read_makes_no_layer(bare: Desk) -> None:
    bare.commit("id,nom\nc1,Lyon\nc1,Bron\n")
    said = bare.type("sync", "--create-layer")
    assert (said.code, said.posts, made(bare)) == (11, [], [])


def test_a_plan_that_waits_makes_no_layer_until_it_is_approved(bare: Desk) -> None:
    bare.settings(SYNC_AREA="10,50,11,51")
    code = bare.held("sync", "--create-layer")
    assert made(bare) == []
    said = bare.type("sync", "--create-layer")
    assert f"umap-bot sync --create-layer --approve {code}" in said.out
    bare.done("sync", "--create-layer", "--approve", code)
    assert len(only(bare).features) == 10


def test_the_first_layer_of_a_map(bare: Desk) -> None:
    bare.made.delete_layer(bare.layer_id)
    bare.done("sync", "--create-layer")
    assert len(only(bare).features) == 10


def test_the_name_goes_onto_the_map_as_it_is(bare: Desk) -> None:
    name = 'Cités "d’été" & <b>là</b> </script> &lt; {x} 😀'
    bare.settings(UMAP_LAYER=f"'{name}'")
    bare.done("sync", "--create-layer")
    assert len(made(bare, name)) == 1
    assert "Nothing to do" in bare.done("sync").out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("12", "a layer can't be created from an id"),
        ("0a6f1f6e-8f31-4b0e-9c1e-2a5e8f4f7a11", "a layer can't be created from an id"),
        (
            "CITÉS",
            "so “CITÉS” is not created. If you mean that layer, set UMAP_LAYER to “Cités”",
        ),
        ("n" * 201, "more than 200 characters"),
    ],
)
def test_a_name_that_is_no_name_of_a_new_layer(desk: Desk, name: str, words: str) -> None:
    desk.settings(UMAP_LAYER=name)
    assert words in refused(desk).err


def test_a_name_that_two_layers_share_makes_no_third(bare: Desk) -> None:
    for _ in range(2):
        bare.made.add_layer(NEW, EMPTY)
    assert "The map has 2 layers named" in refused(bare).err


def test_a_group_of_that_name_is_no_place_for_a_layer_of_it(bare: Desk) -> None:
    bare.made.add_layer(NEW, EMPTY, {"group": True})
    assert "is a group of layers" in refused(bare).err


def test_who_may_edit_one_layer_alone_makes_none(bare: Desk) -> None:
    """The map's own right is what counts, not that of some layer."""
    bare.made.set_layer_permissions(bare.layer_id, 1)
    bare.settings(UMAP_EDIT_LINK=None)
    assert visit(bare.made).page()["editMode"] == "simple"
    assert "this sign-in method can't edit the map itself" in refused(bare).err


def test_who_may_edit_the_map_without_a_secret_may_make_one(bare: Desk) -> None:
    bare.made.set_permissions(edit_status=1)
    bare.settings(UMAP_EDIT_LINK=None)
    bare.done("sync", "--create-layer")
    assert len(only(bare).features) == 10


@pytest.mark.parametrize("faults", [[lost_after], [lost_before], [lost_before, lost_after]])
def test_a_lost_answer_makes_one_layer(
    bare: Desk, monkeypatch: pytest.MonkeyPatch, faults: list[Callable[[Callable[[], Reply]], Reply]]
) -> None:
    Posts(monkeypatch, *faults)
    said = bare.done("sync", "--create-layer")
    assert "Done: 10 added" in said.out
    assert len(only(bare).features) == 10
    assert len(bare.versions) == 1


def test_a_request_that_comes_late_makes_no_second_layer(bare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow server stores the lost one just when the next is sent."""
    late: list[Callable[[], Reply]] = []

    def delayed(send: Callable[[], Reply]) -> Reply:
        late.append(send)
        raise LostAnswerError(say("cut"))

    def both(send: Callable[[], Reply]) -> Reply:
        late[0]()
        return send()

    posts = Posts(monkeypatch, delayed, both)
    bare.done("sync", "--create-layer")
    assert len(posts.sent) == 2
    assert len(only(bare).features) == 10
    assert len(bare.versions) == 1


def test_two_runs_at_once_that_do_not_know_of_each_other(bare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other has a state of its own, so no lease holds it; it is through just before our request."""

    def other_first(send: Callable[[], Reply]) -> Reply:
        bare.settings(STATE_URL=f"sqlite:///{bare.folder / 'other.db'}")
        bare.done("sync", "--create-layer")
        return send()

    Posts(monkeypatch, other_first)
    said = bare.type("sync", "--create-layer")
    assert said.code == 0
    assert len(only(bare).features) == 10


def test_a_kill_after_the_request_is_settled_by_the_next_run(
    bare: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    Posts(monkeypatch, killed)
    bare.type("sync", "--create-layer")
    assert len(only(bare).features) == 10
    said = bare.done("sync")
    assert not said.posts
    bare.commit(rows(9))
    said = bare.type("sync")
    assert "1 removed" in said.out  # base knows what the killed run published
    assert len(bare.features) == 9


@pytest.mark.parametrize("state", ["state.db", "fresh.db"])
def test_a_layer_that_was_deleted_is_made_anew_with_all_its_features(bare: Desk, state: str) -> None:
    """uMap keeps the ids of deleted layers, so it gets another. Nobody removed the features one by one."""
    bare.done("sync", "--create-layer")
    (first,) = made(bare)
    bare.made.delete_layer(first)
    bare.settings(STATE_URL=f"sqlite:///{bare.folder / state}")
    said = bare.done("sync", "--create-layer")
    assert "Done: 10 added" in said.out
    assert len(only(bare).features) == 10
    assert bare.layer_id != first
    assert "Nothing to do" in bare.done("sync").out


def test_a_layer_that_we_made_is_asked_about_after_a_lost_state_like_any_other(bare: Desk) -> None:
    bare.commit(rows())
    bare.done("sync", "--create-layer")
    bare.state.unlink()
    (bare.repository / FILE).write_text(text(without(rows(), "c1", "c2", "c3", "c7")), "utf-8")
    bare.git("checkout", "--quiet", "--orphan", "anew")
    bare.git("commit", "--quiet", "--all", "--message", "all in one")
    bare.git("branch", "--force", "main", "anew")
    bare.git("checkout", "--quiet", "main")
    said = bare.type("sync")
    assert (said.code, "4 features that umap-bot added to the map have no row" in said.out) == (3, True)
    assert "Cité 7" in said.out
    bare.settings(REPORT_HIDE="nom,name")
    assert "Cité 7" not in bare.type("plan").out
