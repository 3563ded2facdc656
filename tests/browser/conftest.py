"""Debian's Chromium, and pages in it that note what they ask for and what they complain of."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.browser import made
from umap_bot.text import verbatim

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

KEEP_THE_MAP = """
let leaflet
Object.defineProperty(window, 'L', {
  get: () => leaflet,
  set: (found) => {
    leaflet = found
    leaflet.Map.addInitHook(function () { window.theMap = this })
  },
})
"""
"""Keeps hold of the page's Leaflet map, which the page itself shows to nobody."""


def _chromium() -> str:
    named = os.environ.get("CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.exit("No Chromium: install it (Debian: apt install chromium), or name it: CHROMIUM=…", 1)
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's own sandbox refuses root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=arguments)
        yield browser
        browser.close()


class Tab:
    """A page, with the addresses that it asked for and what its console said."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.add_init_script(KEEP_THE_MAP)

    def open(self, file: Path, page: str = "index.html") -> Page:
        self.page.goto((file / page).as_uri())
        return self.page

    @property
    def elsewhere(self) -> list[str]:
        """What it asked of somebody else."""
        return [url for url in self.asked if not url.startswith(("file:", "data:"))]


@pytest.fixture
def tab(browser: Browser) -> Iterator[Callable[..., Tab]]:
    """Open tabs, as wide, dark and so on as asked; at the end none has complained or asked elsewhere."""
    contexts: list[BrowserContext] = []
    tabs: list[Tab] = []

    def new(width: int = 1280, height: int = 900, **more: Any) -> Tab:
        size: ViewportSize = {"width": width, "height": height}
        contexts.append(browser.new_context(viewport=size, reduced_motion="reduce", **more))
        tabs.append(Tab(contexts[-1].new_page()))
        return tabs[-1]

    yield new
    complaints = [complaint for each in tabs for complaint in each.complaints]
    elsewhere = [url for each in tabs for url in each.elsewhere if not url.startswith(TILES)]
    for context in contexts:
        context.close()
    assert not complaints
    assert not elsewhere


TILES = "https://tile.openstreetmap.org/"


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sites that tests look at, in French, with English beside it."""
    folder = tmp_path_factory.mktemp("sites")
    due = made.NOW + timedelta(hours=12)
    layers = [
        made.state(name="hourly", shown=verbatim("Calque pressé"), last=None, due=due),
        *(
            made.state(name=f"layer {number}", shown=verbatim(f"Calque {number}"), last=None)
            for number in range(19)
        ),
    ]
    troubled = made.state(shown=verbatim("Calque troublé"), status="trouble")
    made.write(folder / "story", made.site(*made.story(), older=12), feed=made.FEED)
    made.write(folder / "hostile", made.site(made.hostile()))
    made.write(folder / "many", made.site(made.many(10_000)))
    made.write(folder / "layers", made.site(*made.story(), layers=(troubled, *layers)))
    return folder
