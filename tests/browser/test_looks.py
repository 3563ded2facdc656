"""Wide and narrow, light and dark, in both languages: nothing overflows, and axe-core finds no grave fault.

With SCREENSHOTS=folder the pages are kept as pictures.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import made
from tests.browser.conftest import Tab

PAGES = ["story/index", "story/run-42", "story/run-39", "story/run-40", "hostile/run-7", "layers/index"]
OPTIONS = {"resultTypes": ["violations"], "preload": False}
"""It would fetch the styles a second time, which the pages forbid."""

CUT = """() => [...document.querySelectorAll('body *')]
  .filter((each) => !each.closest('.leaflet-container, .vh, .skip, thead'))
  .filter((each) => {
    const { right, width, height } = each.getBoundingClientRect()
    const hides = getComputedStyle(each).overflowX !== 'visible' && each.clientWidth > 0
    return (width && height && right > innerWidth + 1) || (hides && each.scrollWidth > each.clientWidth + 1)
  })
  .map((each) => each.outerHTML.slice(0, 200))"""
"""What reaches beyond the page, or beyond a box that hides what does."""

Scheme = Literal["light", "dark"]

GRAVE = {"serious", "critical"}


WIDTHS = [320, 390, 1280]
SCHEMES: list[Scheme] = ["light", "dark"]


@pytest.mark.parametrize("place", ["", "en/"], ids=["fr", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_no_fault(tab: Callable[..., Tab], sites: Path, name: str, place: str) -> None:
    opened = tab()
    opened.page.clock.set_fixed_time(made.NOW)
    folder, file = name.split("/")
    page = opened.open(sites / folder, f"{place}{file}.html")
    for width, scheme in looks(page):
        _keep(page, f"{folder}-{file}-{place.rstrip('/') or 'fr'}-{width}-{scheme}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, scheme
        assert page.evaluate(CUT) == [], (width, scheme)
        assert faults(page) == [], (width, scheme)


def test_no_fault_with_a_popup(tab: Callable[..., Tab], sites: Path) -> None:
    page = tab().open(sites / "story", "run-42.html")
    page.locator(".go").nth(4).click()
    page.locator(".leaflet-popup .back").wait_for()
    for width, scheme in looks(page):
        _keep(page, f"popup-{width}-{scheme}.png", full=False)
        assert faults(page) == [], (width, scheme)


def looks(page: Page) -> Iterator[tuple[int, Scheme]]:
    """Show the page in each width and scheme, one after the other."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            yield width, scheme


@pytest.mark.parametrize("name", ["story/index", "story/run-42", "story/run-39", "layers/index"])
def test_paper_of_a4_takes_the_whole_width_in_ink(tab: Callable[..., Tab], sites: Path, name: str) -> None:
    opened = tab(width=A4, color_scheme="dark")
    opened.page.clock.set_fixed_time(made.NOW)
    folder, file = name.split("/")
    page = opened.open(sites / folder, f"{file}.html")
    page.emulate_media(media="print", color_scheme="dark")
    _keep(page, f"paper-{folder}-{file}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= A4
    assert page.evaluate(CUT) == []
    assert page.evaluate("getComputedStyle(document.querySelector('h2')).color") == "rgb(0, 0, 0)"


A4 = 703
"""CSS pixels between the margins of the printed page: 186 mm."""


def faults(page: Page) -> list[tuple[str, str]]:
    """Return what axe-core finds serious or critical: the rule, and the first element."""
    violations: list[dict[str, Any]] = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        (violation["id"], violation["nodes"][0]["html"])
        for violation in violations
        if violation["impact"] in GRAVE
    ]


def _keep(page: Page, name: str, *, full: bool = True) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / name, full_page=full)
