"""The sandbox's uMap in a browser: all is drawn, and nothing is asked of the internet."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Tab
from umap_bot.sandbox.maps import MadeMap
from umap_bot.sandbox.server import Sandbox

POINTS = Path(__file__).parents[2] / "fixtures" / "cites-educatives" / "hand-made.geojson"


def test_a_map_is_drawn_and_asks_nothing_elsewhere(
    browser: Browser, umap: Sandbox, made_map: MadeMap
) -> None:
    collection = json.loads(POINTS.read_text("utf-8"))
    made_map.add_layer("Places", collection)
    with browser.new_context() as context:
        tab, errors = Tab(context.new_page()), list[str]()
        tab.page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        tab.page.on("pageerror", lambda error: errors.append(str(error)))
        tab.page.goto(made_map.url)
        expect(tab.page.locator(".leaflet-marker-icon")).to_have_count(len(collection["features"]))
        tile = tab.page.locator("img.leaflet-tile-loaded").first
        expect(tile).to_be_visible()
        expect(tile).to_have_attribute("src", re.compile("^data:image/svg"))
        tab.page.wait_for_load_state("networkidle")
    assert [url for url in tab.asked if not url.startswith((umap.url, "data:", "blob:"))] == []
    assert errors == []
