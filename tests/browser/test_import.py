"""The way back as a person goes it: the file of a backup is imported in uMap's own editor, then synced."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.commands.conftest import desk, folder, synced, ten_cites, traffic  # noqa: F401  fixtures
from tests.commands.desk import LAYER, Desk
from tests.commands.test_backup import STYLE, styled, was  # noqa: F401  fixtures
from umap_bot.sandbox.maps import MadeMap, new_map
from umap_bot.sandbox.server import Sandbox


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


def import_file(context: BrowserContext, link: str, file: Path) -> None:
    """Open the map for editing, import the file, save."""
    page = context.new_page()
    page.goto(link)
    page.wait_for_function("() => U.MAP.dataloaded")
    page.click(".edit-enable button")
    page.click("[data-ref=import]")
    page.locator("[name=layer-id] option").first.wait_for(state="attached")  # the form is filled in last
    page.set_input_files(".umap-import input[type=file]", file)
    page.click(".umap-import input[name=submit]")
    page.wait_for_function("() => U.MAP.isDirty")
    page.click("button.edit-save")
    page.wait_for_function("() => !U.MAP.isDirty")
    page.close()


def content(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Features as people know them: uMap's editor sorts them, and keeps no members of its own ignorance."""
    known = ("type", "geometry", "properties", "id")
    told = [{name: each[name] for name in known if name in each} for each in features]
    return sorted(told, key=lambda each: str(each["properties"].get("name")))


def only_layer(made: MadeMap) -> str:
    (layer_id,) = [entry["id"] for entry in made.layers() if made.settings(entry["id"])["name"] == LAYER]
    return str(layer_id)


def come_back(desk: Desk, before: list[dict[str, Any]]) -> None:  # noqa: F811
    """A sync later, for which an OK may be asked, all is as it was, and stays so."""
    desk.layer_id = only_layer(desk.made)
    said = desk.type("sync")
    if said.code == 3:
        said = desk.type("sync", "--approve", said.out.partition("--approve ")[2].split()[0])
    assert said.code == 0, said
    assert content(desk.features) == before
    settings = desk.made.settings(desk.layer_id)
    assert {name: settings[name] for name in STYLE} == STYLE
    assert desk.done("sync").posts == []


def test_a_layer_that_was_deleted(styled: Desk, context: BrowserContext) -> None:  # noqa: F811
    before = content(styled.features)
    styled.made.delete_layer(styled.layer_id)
    assert styled.type("sync").code == 13
    styled.done("export", "--backup", "latest", "--output", "layer.umap")
    import_file(context, styled.made.edit_link, styled.folder / "layer.umap")
    come_back(styled, before)


def test_a_map_that_was_deleted(styled: Desk, context: BrowserContext, umap: Sandbox) -> None:  # noqa: F811
    before = content(styled.features)
    styled.made.delete()
    assert styled.type("sync").code == 13
    styled.done("export", "--backup", "latest", "--output", "layer.umap")
    with new_map(umap.url, "Another") as made:
        import_file(context, made.edit_link, styled.folder / "layer.umap")
        styled.made = made
        styled.settings(UMAP_MAP_URL=made.url, UMAP_EDIT_LINK=made.edit_link)
        come_back(styled, before)
