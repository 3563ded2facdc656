"""docs/way-back.md in each language, in its order: a layer and a map deleted and made anew, a state moved."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any, Final

import pytest

from tests.commands.desk import LAYER, Desk, Said
from tests.commands.test_backup import STYLE, styled, was  # noqa: F401  fixtures
from tests.docs.console import steps, unlike
from tests.docs.examples import LOCALES, translations
from umap_bot.report.language import Code
from umap_bot.sandbox.maps import MadeMap, new_map
from umap_bot.sandbox.server import Sandbox

PAGES: Final = translations("way-back")
HOME: Final = "/home/camille"


class Reader:
    """Somebody who does what the page says, in the order of its console blocks."""

    def __init__(self, desk: Desk, page: Path) -> None:
        self._desk = desk
        self._page = page
        self._code = ""

    def follow(self, of: str = "") -> list[Said]:
        """Type the blocks that are marked so, and see that each says what the page shows."""
        found = steps(self._page, of)
        assert found
        return [self._typed(step.words, step.shown) for step in found]

    def _typed(self, words: tuple[str, ...], shown: tuple[str, ...]) -> Said:
        said = self._desk.type(*self._with_own_code(words))
        told = (said.out + said.err).replace(str(self._desk.folder), HOME)
        assert (shlex.join(words), unlike(shown, told)) == (shlex.join(words), None)
        self._code = "".join(said.out.partition("--approve ")[2].split(maxsplit=1)[:1]) or self._code
        return said

    def _with_own_code(self, words: tuple[str, ...]) -> tuple[str, ...]:
        return (*words[:-1], self._code) if "--approve" in words else words


def imported(made: MadeMap, file: Path) -> str:
    """Do over HTTP what an import in uMap's editor does; return the id of the layer that it makes.

    The real one is carried out in tests/browser/test_import.py.
    """
    (layer,) = json.loads(file.read_bytes())["layers"]
    settings = layer.pop("_umap_options")
    assert layer.pop("properties") == settings
    return made.add_layer(settings["name"], layer, settings)


def content(features: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(each, sort_keys=True) for each in features)


@pytest.fixture
def synced(desk: Desk) -> Desk:
    """The desk after a first sync, with the map of the page."""
    desk.made.rename("Places")
    desk.settings(UMAP_MAP_URL=desk.made.url)
    desk.done("sync")
    return desk


@pytest.mark.parametrize("code", PAGES)
def test_what_was_deleted_comes_back(
    code: Code,
    styled: Desk,  # noqa: F811
    umap: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Styles and people's own features too, and nothing twice."""
    monkeypatch.setenv("LC_ALL", LOCALES[code])
    desk, reader = styled, Reader(styled, PAGES[code])
    reader.follow()
    before = content(desk.features)

    desk.made.delete_layer(desk.layer_id)
    refused, exported = reader.follow("layer")
    assert (refused.posts, exported.requests) == ([], ())
    desk.layer_id = imported(desk.made, desk.folder / "layer.umap")
    reader.follow("imported")
    _is_back(desk, before)

    desk.made.delete()
    reader.follow("map")
    with new_map(umap.url, "Places again") as made:
        desk.layer_id, desk.made = imported(made, desk.folder / "map.umap"), made
        desk.settings(UMAP_MAP_URL=made.url, UMAP_EDIT_LINK=made.edit_link)
        reader.follow("anew")
        _is_back(desk, before)

        reader.follow("state")
        desk.settings(STATE_URL=f"sqlite:///{desk.folder / 'new.db'}")
        reader.follow("restore")
        _is_back(desk, before)


def _is_back(desk: Desk, before: list[str]) -> None:
    assert content(desk.features) == before
    assert STYLE.items() <= desk.made.settings(desk.layer_id).items()


def test_nothing_is_offered_that_is_not_there(desk: Desk) -> None:
    desk.made.delete_layer(desk.layer_id)
    for command in ("check", "plan", "sync"):
        said = desk.type(command)
        assert (said.code, "umap-bot export --backup" in said.out + said.err) == (13, False)


def test_check_plan_and_sync_offer_the_same(styled: Desk) -> None:  # noqa: F811
    """Of a layer that is gone, by name or id, and of a map that is; the others of the map are named."""
    styled.made.add_layer("Autre", {"type": "FeatureCollection", "features": []})
    styled.made.delete_layer(styled.layer_id)
    offer = "umap-bot export --backup 2 --output layer.umap"
    for command in ("check", "plan", "sync"):
        said = styled.type(command)
        told = said.out + said.err
        assert (said.code, "Layers: “Autre” (" in told, offer in told) == (13, True, True)
    styled.made.delete()
    for command in ("check", "plan", "sync"):
        said = styled.type(command)
        told = said.out + said.err
        assert (said.code, "was deleted or made private" in told, offer in told) == (13, True, True)


def test_a_layer_that_was_made_anew_by_hand_is_a_first_contact(styled: Desk) -> None:  # noqa: F811
    """Whatever stands on it stays, and nothing is twice."""
    keyed = [each for each in styled.features if each["properties"].get("id") in ("c1", "c2")]
    drawn = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [1, 2]},
        "properties": {"name": "X"},
    }
    styled.made.delete_layer(styled.layer_id)
    styled.layer_id = styled.made.add_layer(LAYER, {"type": "FeatureCollection", "features": [*keyed, drawn]})
    said = styled.type("sync")
    assert (said.code, said.posts) == (3, [])
    assert "“Cités” has a different id than last time: it was deleted and created again." in said.out
    styled.done("sync", "--approve", said.out.partition("--approve ")[2].split()[0])
    names = sorted(str(each["properties"].get("name")) for each in styled.features)
    assert names == sorted([*(f"Cité {number}" for number in range(1, 11)), "X"])
    assert "another id" not in styled.done("check").out
