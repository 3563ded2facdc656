"""Names that try to be code, to turn the words around them, or to fill the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Tab
from tests.browser.made import HOSTILE
from umap_bot.report.formats.terminal import one_line

PAGES = ["run-7.html", "index.html", "en/run-7.html", "en/index.html"]

ELEMENTS = """() => [...document.querySelectorAll('body *')]
  .filter((each) => !each.closest('.leaflet-container') && !each.closest('header'))
  .map((each) => each.localName)"""

ATTRIBUTES = """() => [...new Set([...document.querySelectorAll('*')].flatMap((each) =>
  [...each.attributes].map((attribute) => attribute.name)))]"""

LINKS = "() => [...document.querySelectorAll('[href], [src]')].map((each) => each.href || each.src)"

OURS = {
    "a", "article", "b", "bdi", "button", "code", "del", "details", "div", "fieldset", "footer",
    "form", "h1", "h2", "h3", "h4", "i", "input", "ins", "label", "legend", "li", "main", "nav",
    "noscript", "p", "script", "section", "small", "span", "strong", "summary", "table", "tbody",
    "td", "th", "thead", "time", "tr", "u", "ul"
}  # fmt: skip


@pytest.fixture(params=PAGES)
def page(tab: Callable[..., Tab], sites: Path, request: pytest.FixtureRequest) -> Page:
    return tab().open(sites / "hostile", request.param)


def test_no_script_of_theirs_runs_and_no_attribute_breaks_out(page: Page) -> None:
    assert page.evaluate("window.hacked") is None
    assert set(page.evaluate(ELEMENTS)) <= OURS
    attributes: list[str] = page.evaluate(ATTRIBUTES)
    assert not [name for name in attributes if name.startswith("on") or "hacked" in name]
    links: list[str] = page.evaluate(LINKS)
    assert not [link for link in links if not link.startswith(("file:", "https:", "data:image/"))]


def test_names_show_as_what_they_are_and_turn_nothing_around(page: Page) -> None:
    text: str = page.evaluate("document.documentElement.textContent")
    assert not [letter for letter in text if one_line(letter) != letter and letter not in "\n"]
    names: list[str] = page.evaluate(
        "[...document.querySelectorAll('.file tr[data-k] th')].map((th) => "
        "(th.querySelector('details > div bdi') || th.querySelector('bdi')).textContent)"
    )
    assert sorted(names) == sorted(one_line(name) for name in HOSTILE)
    isolated: list[str] = page.evaluate(
        "[...document.querySelectorAll('bdi')].map((each) => getComputedStyle(each).unicodeBidi)"
    )
    assert set(isolated) == {"isolate"}


def test_popups_show_them_as_text_too(tab: Callable[..., Tab], sites: Path) -> None:
    page = tab().open(sites / "hostile", "run-7.html")
    shown = []
    for number in range(len(HOSTILE)):
        page.locator(".file .go").nth(number).click()
        shown.append(page.locator(".leaflet-popup strong").inner_text()[:100])
        assert page.locator(".leaflet-popup").evaluate(
            "(popup) => popup.querySelectorAll('script, img, svg:not(.leaflet-zoom-animated)').length"
        ) == 0  # fmt: skip
    assert sorted(shown) == sorted(one_line(name)[:100] for name in HOSTILE)
    assert page.evaluate("window.hacked") is None


def test_ten_thousand_letters_wrap_and_open_when_asked(tab: Callable[..., Tab], sites: Path) -> None:
    page = tab(width=390).open(sites / "hostile", "run-7.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    name = page.locator(".file th details")
    whole = name.locator("> div")
    expect(whole).to_be_hidden()
    name.locator("summary").click()
    expect(whole).to_be_visible()
    assert whole.inner_text() == "x" * 10_000


def test_paper_has_the_whole_of_them(tab: Callable[..., Tab], sites: Path) -> None:
    page = tab().open(sites / "hostile", "run-7.html")
    page.emulate_media(media="print")
    expect(page.locator(".file th details > div")).to_be_visible()


def test_a_policy_forbids_what_is_not_ours(tab: Callable[..., Tab], sites: Path) -> None:
    """Even a script that got into the page would not run, and could load nothing."""
    opened = tab()
    page = opened.open(sites / "hostile", "run-7.html")
    violated: list[Any] = page.evaluate("""async () => {
      const found = []
      addEventListener('securitypolicyviolation', (event) => found.push(event.effectiveDirective))
      const script = document.createElement('script')
      script.textContent = 'window.hacked = 1'
      document.body.append(script)
      const image = new Image()
      await new Promise((done) => { image.onerror = done; image.src = 'https://example.org/x.png' })
      await fetch('https://example.org/').catch(() => 0)
      while (found.length < 3) await new Promise(requestAnimationFrame)
      return found
    }""")
    assert sorted(violated) == ["connect-src", "img-src", "script-src-elem"]
    assert page.evaluate("window.hacked") is None
    opened.complaints.clear()  # the three of them
    opened.asked = [url for url in opened.asked if "example.org" not in url]
