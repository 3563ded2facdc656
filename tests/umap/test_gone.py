"""A layer that the page no longer lists is gone, whatever its address answers; and so is a map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.commands.conftest import desk, folder, synced, ten_cites, traffic  # noqa: F401  fixtures
from tests.commands.desk import Desk
from tests.umap.loopback import Loopback, answer
from tests.umap.made import AGENT, LYON, VIENNE, Pauses, collection, names
from umap_bot.errors import RefusedError, UnreachableError
from umap_bot.model.layer import Collection, Live
from umap_bot.sandbox.maps import MadeMap
from umap_bot.sandbox.server import Sandbox
from umap_bot.umap.layer.layer import UmapLayer
from umap_bot.umap.map import UmapMap, open_map
from umap_bot.umap.wire import Reply

PAGES = Path(__file__).with_name("pages")
GONE = "The layer “Cités” is no longer on the map"


@pytest.fixture
def named(opened: UmapMap, layer_id: str) -> UmapLayer:
    """The layer by its name, as most people write it."""
    return UmapLayer(opened, "Cités")


def less(live: Live) -> Collection:
    return Collection(live.standing.members, live.standing.features[:1])


def in_the_middle(opened: UmapMap, act: Callable[[], object]) -> list[str]:
    """Let somebody act after the page was read, just before a POST arrives; return the paths of the POSTs."""
    post = opened.wire.post
    sent: list[str] = []

    def late(path: str, fields: Mapping[str, str], file: bytes | None, headers: Mapping[str, str]) -> Reply:
        sent.append(path)
        act()
        return post(path, fields, file, headers)

    opened.wire.post = late  # type: ignore[method-assign]
    return sent


@pytest.mark.parametrize("remade", [False, True])
def test_deleted_before_the_push(
    named: UmapLayer, opened: UmapMap, made_map: MadeMap, layer_id: str, remade: bool
) -> None:
    """A new one of the same name is not the one that was read."""
    live = named.read()
    made_map.delete_layer(layer_id)
    other = made_map.add_layer("Cités", collection(VIENNE)) if remade else ""
    sent = in_the_middle(opened, lambda: None)
    with pytest.raises(RefusedError, match=GONE):
        named.push(less(live), live)
    assert sent == []
    if remade:
        assert named.look().layer_id == other
        assert names(named.read().standing.encode()) == ["Vienne"]


@pytest.mark.parametrize("remade", [False, True])
def test_deleted_while_we_push(
    named: UmapLayer, opened: UmapMap, made_map: MadeMap, layer_id: str, remade: bool
) -> None:
    """uMap takes the push; the read after it tells."""

    def delete() -> None:
        made_map.delete_layer(layer_id)
        if remade:
            made_map.add_layer("Cités", collection(VIENNE))

    live = named.read()
    in_the_middle(opened, delete)
    named.push(less(live), live)
    assert names(made_map.read(layer_id)[0]) == ["Lyon 8e"]  # stored all the same
    with pytest.raises(RefusedError, match=GONE):
        named.read()


def test_deleted_with_its_group(umap: Sandbox, opened: UmapMap, made_map: MadeMap) -> None:
    """From 3.7 on its layers go with it; before, there are none in it."""
    group = made_map.add_layer("Groupe", collection(), {"group": True})
    child = made_map.add_layer("Enfant", collection(LYON), parent=group)
    nested = [entry["id"] for entry in made_map.layer(group).get("layers", [])]
    made_map.delete_layer(group)
    layer = UmapLayer(opened, "Enfant")
    if nested == [child]:
        with pytest.raises(RefusedError, match=r"has no layer “Enfant”\. It has no layers"):
            layer.look()
    else:
        assert layer.look().layer_id == child
    assert nested == ([child] if tuple(map(int, umap.release.split(".")[:2])) >= (3, 7) else [])


def test_a_map_that_was_deleted_is_not_up_to_date(synced: Desk) -> None:  # noqa: F811  the fixture
    """Up to 3.4 uMap gives everybody the settings of a map that its page no longer shows."""
    assert "Nothing to do" in synced.done("sync").out
    synced.made.delete()
    for command in ("sync", "plan", "check"):
        said = synced.type(command)
        assert said.code == 13
        assert "uMap does not show the map: it was deleted or made private" in said.out + said.err
        assert said.posts == []


def test_a_map_that_was_made_private_is_looked_at_with_the_way_in(synced: Desk) -> None:  # noqa: F811
    synced.made.set_permissions(share_status=0)
    assert "Nothing to do" in synced.done("sync").out
    synced.settings(UMAP_EDIT_LINK=None)
    for command in ("sync", "plan", "check", "export"):
        said = synced.type(command)
        assert said.code == 13
        assert "deleted or made private" in said.out + said.err


@pytest.mark.parametrize("form", ["json", "html"])
def test_the_page_of_another_map_is_no_answer(form: str, pauses: Pauses) -> None:
    """A cache or a proxy may mix them up; the layer of that map may have the same name."""
    with Loopback(answer("200 OK", (PAGES / f"3.8.1.{form}").read_bytes())) as site:
        opened = open_map(f"{site.origin}/en/map/cites_7", agent=AGENT, pause=pauses)
        with pytest.raises(UnreachableError, match=r"answered with map 1, not 7"):
            _ = opened.look() if form == "json" else opened.enter()
        assert opened.latest is None


@pytest.mark.parametrize("body", [b"<html><h1>Be back soon</h1></html>", b"", b"{}", b"null"])
def test_something_else_with_200_is_no_page(body: bytes, pauses: Pauses) -> None:
    with Loopback(answer("200 OK", body)) as site:
        opened = open_map(f"{site.origin}/en/map/cites_7", agent=AGENT, pause=pauses)
        for look in (opened.look, opened.enter):
            with pytest.raises(UnreachableError, match=r"the settings of a map|no map settings"):
                look()


def test_a_layer_that_goes_in_the_middle_of_a_sync(
    desk: Desk,  # noqa: F811  the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post = UmapLayer.push

    def push(layer: UmapLayer, wanted: Collection, on: Live) -> None:
        post(layer, wanted, on)
        desk.made.delete_layer(desk.layer_id)

    monkeypatch.setattr(UmapLayer, "push", push)
    said = desk.type("sync")
    assert said.code == 13
    assert "The layer “Cités” is no longer on the map" in said.err
    assert "no longer on the map" in desk.type("log").out
    again = desk.type("sync")
    assert (again.code, again.posts) == (13, [])
    assert "The map has no layer “Cités”" in again.err
