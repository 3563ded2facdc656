"""Wide and narrow, light and dark, in both languages: nothing overflows, and axe-core finds no grave fault.

With SCREENSHOTS=folder the pages are kept as pictures.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import made
from tests.browser.conftest import Tab

PAGES = ["story/index", "story/run-42", "story/run-39", "story/run-40", "hostile/run-7", "layers/index"]
OPTIONS = {"resultTypes": ["violations"], "preload": False}
"""It would fetch the styles a second time, which the pages forbid."""

GRAVE = {"serious", "critical"}


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[390, 1280])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(params=["fr", "en"])
def place(request: pytest.FixtureRequest) -> str:
    return "en/" if request.param == "en" else ""


@pytest.mark.parametrize("name", PAGES)
def test_no_fault(
    tab: Callable[..., Tab], sites: Path, name: str, place: str, scheme: str, width: int
) -> None:
    opened = tab(width=width, color_scheme=scheme)
    opened.page.clock.set_fixed_time(made.NOW)
    folder, file = name.split("/")
    page = opened.open(sites / folder, f"{place}{file}.html")
    _keep(page, f"{folder}-{file}-{place.rstrip('/') or 'fr'}-{width}-{scheme}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults(page) == []


def test_no_fault_with_a_popup(tab: Callable[..., Tab], sites: Path, scheme: str, width: int) -> None:
    page = tab(width=width, color_scheme=scheme).open(sites / "story", "run-42.html")
    page.locator(".go").nth(4).click()
    page.locator(".leaflet-popup .back").wait_for()
    _keep(page, f"popup-{width}-{scheme}.png", full=False)
    assert faults(page) == []


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
