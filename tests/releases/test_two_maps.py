"""The two-map way: the bot keeps a map without owner, and an owned map shows its layer to visitors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accounts import log_in, new_user
from tests.commands.desk import Desk, changed
from tests.releases.places import Place
from tests.releases.test_path import HAND_MADE
from tests.umap.made import collection
from umap_bot.sandbox.maps import MadeMap

PASSWORD = "wet-hens-lay"
RED, ORCHID = "rgb(255, 0, 0)", "rgb(218, 112, 214)"
TILE = re.compile("^data:image/svg")


@pytest.fixture
def public(place: Place, desk: Desk, request: pytest.FixtureRequest) -> Iterator[MadeMap]:
    """An account's public map, with a layer of remote data: the address of the desk's layer."""
    owner = re.sub(r"\W", "-", str(request.node.name))
    new_user(place.sandbox, owner, PASSWORD)
    session = log_in(place.site, owner, PASSWORD, place.verify)
    url = f"{place.site}/en/datalayer/{desk.made.id}/{desk.layer_id}/"
    style = {"color": "Orchid", "iconClass": "Drop", "showLabel": True}
    settings = {"remoteData": {"url": url, "format": "geojson"}, **style}
    with place.new_map("Carte publique", session) as made:
        made.add_layer("Cités", by_the_editor(settings), settings)
        version = desk.made.read(desk.layer_id)[1]
        assert desk.made.save(desk.layer_id, by_the_editor({"name": "Cités"}), version).ok
        yield made


def by_the_editor(settings: dict[str, Any]) -> dict[str, Any]:
    """An empty layer as uMap's page saves it up to 3.6: with a copy of the settings, which 2.9's page needs
    (protocol 4, 4)."""
    return collection(_umap_options={"name": "Cités", "displayOnLoad": True, **settings})


@contextmanager
def visited(browser: Browser, url: str) -> Iterator[Page]:
    """The page as somebody sees it who comes for the first time; it has no complaint."""
    complaints = list[str]()
    with browser.new_context(ignore_https_errors=True) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(url)
        yield page
    assert complaints == []


def colours(page: Page) -> list[str]:
    """The colour of each marker that is drawn, in order."""
    parts = ".umap-drop-icon :is(.icon-container, .icon_container), .umap-circle-icon"
    read = "all => all.map(one => getComputedStyle(one).backgroundColor)"
    return sorted(page.eval_on_selector_all(parts, read))


def labels(page: Page) -> set[str]:
    return set(page.locator(".leaflet-tooltip").all_text_contents())


def styled(desk: Desk, key: str) -> None:
    """A person gives a feature of the data map a colour and an icon of its own."""
    features = desk.features
    for feature in features:
        if feature["properties"]["id"] == key:
            feature["properties"]["_umap_options"] = {"color": "Red", "iconClass": "Circle"}
    desk.save(features)


def test_a_visitor_sees_what_the_bot_wrote(
    browser: Browser, desk: Desk, public: MadeMap, tmp_path: Path
) -> None:
    """protocol 12, 1: a layer with `url` and `format` shows them: all features, each in its own style, and
    the others in that of the layer; after a push, a reload shows the change."""
    desk.commit(HAND_MADE)
    desk.done("sync")
    styled(desk, "bron")
    desk.commit(changed(HAND_MADE, "vienne", nom="Vienne (Isère)"), "a name")
    with visited(browser, public.url) as page:
        expect(page.locator(".leaflet-marker-icon")).to_have_count(len(HAND_MADE))
        expect(page.locator(".umap-circle-icon")).to_have_count(1)
        assert colours(page) == sorted([RED, *[ORCHID] * (len(HAND_MADE) - 1)])
        assert labels(page) == {cells["nom"] for cells in HAND_MADE.values()}
        desk.done("sync")
        page.reload()
        expect(page.locator(".leaflet-tooltip", has_text="Vienne (Isère)").first).to_be_visible()
        expect(page.locator(".leaflet-marker-icon")).to_have_count(len(HAND_MADE))
        assert colours(page) == sorted([RED, *[ORCHID] * (len(HAND_MADE) - 1)])
        page.screenshot(path=tmp_path / "seen.png")


def test_without_a_format_nothing_is_shown(browser: Browser, desk: Desk, public: MadeMap) -> None:
    """protocol 12, 1: `url` without `format` is no remote data."""
    desk.done("sync")
    (entry,) = public.layers()
    settings = public.settings(entry["id"])
    halved = {**settings, "remoteData": {"url": settings["remoteData"]["url"]}}
    version = public.read(entry["id"])[1]
    assert public.save(entry["id"], by_the_editor(halved), version, halved).ok
    with visited(browser, public.url) as page:
        expect(page.locator("img.leaflet-tile-loaded").first).to_have_attribute("src", TILE)
        page.wait_for_load_state("networkidle")
        expect(page.locator(".leaflet-marker-icon")).to_have_count(0)


def test_a_layer_that_the_bot_made_is_shown(browser: Browser, desk: Desk) -> None:
    """protocol 4, 4: the layer has the copy of the settings without which 2.9 shows nothing."""
    desk.made.delete_layer(desk.layer_id)
    desk.commit(HAND_MADE)
    desk.done("sync", "--create-layer")
    with visited(browser, desk.made.url) as page:
        expect(page.locator(".leaflet-marker-icon")).to_have_count(len(HAND_MADE))
