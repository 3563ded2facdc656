"""The page of a run, as a reader meets it: from a file, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import made
from tests.browser.conftest import TILES, Tab
from umap_bot.model.change import Create, Delete, Update, point_of
from umap_bot.report.story.words import geometry_of

RUN = "run-42.html"
Tabs = Callable[..., Tab]

FIGURES = """() => {
  const found = []
  theMap.eachLayer((layer) => {
    const {kind, hollow} = layer.options
    if (kind) found.push({kind, hollow: !!hollow, at: [layer.getLatLng().lng, layer.getLatLng().lat]})
  })
  return JSON.stringify(found)
}"""
"""As text: the browser's driver takes minutes for ten thousand objects."""

SHAPES = """() => {
  const found = {areas: 0, lines: 0, ways: 0}
  theMap.eachLayer((layer) => {
    if (layer instanceof L.Polygon) found.areas++
    else if (layer instanceof L.Polyline) found[layer.options.interactive ? 'lines' : 'ways']++
  })
  return found
}"""


def figures(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(page.evaluate(FIGURES))
    return found


def solid(page: Page) -> dict[tuple[float, float], str]:
    """Return where the map shows points as they are now (or were, of what is gone), and of which kind."""
    return {tuple(each["at"]): each["kind"] for each in figures(page) if not each["hollow"]}


def expected() -> dict[str, tuple[str, tuple[float, float]]]:
    """Return the kind and the place of each feature that is a point, by its name."""
    changes, drift, unmanaged = made.every_kind()
    found: dict[str, tuple[str, tuple[float, float]]] = {}
    for change in changes[:-1]:
        at = place_of(change)
        if at:
            moved = isinstance(change, Update) and change.move
            kind = {Create: "added", Delete: "removed", Update: "changed"}[type(change)]
            found[change.name] = ("moved" if moved else kind, at)
    last = changes[-1]
    found[last.name] = ("removed", place_of(last) or (0, 0))
    moved_by_hand = point_of(geometry_of(drift[1].live))
    found |= {
        drift[0].name: ("people", made.at(drift[0].key)),
        unmanaged[0].name: ("people", (4.8357, 45.764)),
    }
    return found | {drift[1].name: ("people", moved_by_hand or (0, 0))}


def place_of(change: Create | Update | Delete) -> tuple[float, float] | None:
    geometry = change.inverse().geometry if isinstance(change, Delete) else getattr(change, "geometry", None)
    if isinstance(change, Update):
        return point_of(change.move.after) if change.move else change.at
    return point_of(geometry) if geometry and geometry["type"] == "Point" else None


def rounded(place: tuple[float, float]) -> tuple[float, float]:
    return round(place[0], 6), round(place[1], 6)


@pytest.fixture
def page(tab: Tabs, sites: Path) -> Page:
    return tab().open(sites / "story", f"en/{RUN}")


def test_map_and_table_tell_the_same(page: Page) -> None:
    """Every point has its row and its marker of the same kind; the line and the area are drawn too."""
    kinds = {name: kind for name, (kind, _) in expected().items()}
    rows: dict[str, str] = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('tr[data-k]')]"
        ".map((row) => [row.querySelector('th bdi').textContent, row.dataset.k]))"
    )
    assert rows == kinds | {"Périmètre de la Confluence": "added", "Ligne T3": "added"}
    assert solid(page) == {rounded(at): kind for kind, at in expected().values()}
    assert page.evaluate(SHAPES) == {"areas": 1, "lines": 1, "ways": 2}
    assert sum(each["hollow"] for each in figures(page)) == 2, "where the two moved ones were"


def test_the_legend_counts_what_is_there(page: Page) -> None:
    told = page.locator(".kinds label").all()
    counts = {
        label.locator("input").input_value(): int(label.locator(".count").inner_text()) for label in told
    }
    assert counts == {"added": 3, "changed": 2, "moved": 1, "removed": 2, "people": 3}
    assert page.locator("tr[data-k]").count() == sum(counts.values())


@pytest.mark.parametrize("name", expected())
def test_a_click_on_a_marker_chooses_its_row(page: Page, name: str) -> None:
    longitude, latitude = rounded(expected()[name][1])
    page.evaluate(f"theMap.setView([{latitude}, {longitude}], 16, {{animate: false}})")
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("tr.chosen th > bdi").first).to_have_text(name)
    expect(page.locator(".leaflet-popup strong")).to_have_text(name)


@pytest.mark.parametrize("name", [*expected(), "Ligne T3", "Périmètre de la Confluence"])
def test_a_row_leads_to_its_marker_and_back_by_keys_alone(page: Page, name: str) -> None:
    button = page.locator("tr[data-k]").filter(has=page.get_by_text(name, exact=True)).locator(".go")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup strong")).to_have_text(name)
    expect(page.locator(".leaflet-popup .back")).to_be_focused()
    if name in expected():
        ringed: list[float] = page.evaluate(RINGED)
        assert ringed == [pytest.approx(part) for part in expected()[name][1]]
    page.keyboard.press("Enter")
    expect(button).to_be_focused()


RINGED = """() => {
  let found = null
  theMap.eachLayer((layer) => { if (layer.options.radius === 15) found = layer.getLatLng() })
  return [found.lng, found.lat]
}"""


def test_a_row_under_the_mouse_is_ringed_on_the_map_and_the_other_way_round(page: Page) -> None:
    page.locator("tr[data-k]").filter(has_text="Grenoble").hover()
    assert page.evaluate(RINGED) == [pytest.approx(part) for part in made.at("grenoble")]
    longitude, latitude = made.at("bron")
    page.evaluate(f"theMap.setView([{latitude}, {longitude}], 16, {{animate: false}})")
    page.locator("#map").hover()
    expect(page.locator("tr.marked th > bdi")).to_have_text("Bron")


def test_enter_on_the_map_opens_the_change_nearest_to_its_middle(page: Page) -> None:
    longitude, latitude = made.at("grenoble")
    page.evaluate(f"theMap.setView([{latitude + 0.01}, {longitude}], 12, {{animate: false}})")
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    expect(page.locator("tr.chosen th > bdi")).to_have_text("Grenoble")


def test_next_and_previous_go_through_the_changes_in_the_order_of_the_table(page: Page) -> None:
    names = page.locator("tr[data-k] th > bdi").all_inner_texts()
    for name in names[:3]:
        page.locator("[data-do=next]").click()
        expect(page.locator(".leaflet-popup strong")).to_have_text(name)
    page.locator("[data-do=previous]").click()
    expect(page.locator(".leaflet-popup strong")).to_have_text(names[1])


def test_the_map_can_be_skipped(page: Page) -> None:
    skip = page.locator(".chart .skip")
    skip.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('lines').contains(document.activeElement)")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("GRENOBLE", ["Grenoble"]),
        ("venissieux", ["Vénissieux / Saint-Fons"]),
        ("ligne-t3", ["Ligne T3"]),
        ("terraillon", ["Bron"]),
        ("roanne collège", []),
        ("ancien college", ["Ancien collège de Rive-de-Gier"]),
    ],
)
def test_search_finds_names_ids_and_values_whatever_accents_and_case(
    page: Page, words: str, found: list[str]
) -> None:
    page.get_by_role("searchbox").fill(words)
    expect(page.locator("tr[data-k]:visible")).to_have_count(len(found))
    assert page.locator("tr[data-k]:visible th > bdi").all_inner_texts() == found
    expect(page.locator(".found")).to_contain_text(f"{len(found)} of 11")
    expect(page.locator(".none")).to_be_visible(visible=not found)
    points = [name for name in found if name in expected()]
    assert len(solid(page)) == len(points)


def test_kinds_can_be_left_out_of_map_and_table(page: Page) -> None:
    page.locator(".kinds input[value=removed]").uncheck()
    expect(page.locator("tr[data-k=removed]:visible")).to_have_count(0)
    assert "removed" not in solid(page).values()
    expect(page.locator("#removed-title")).to_be_hidden()
    page.locator(".kinds input[value=removed]").check()
    expect(page.locator("tr[data-k=removed]:visible")).to_have_count(2)
    assert list(solid(page).values()).count("removed") == 2


def test_what_was_searched_in_vain_is_shown_again_by_a_button(page: Page) -> None:
    page.get_by_role("searchbox").fill("nowhere")
    page.locator(".none button").click()
    expect(page.locator("tr[data-k]:visible")).to_have_count(11)


def test_background_tiles_come_only_when_asked_for(tab: Tabs, sites: Path) -> None:
    opened = tab()
    opened.page.route(
        f"{TILES}**", lambda route: route.fulfill(status=200, content_type="image/png", body=PIXEL)
    )
    page = opened.open(sites / "story", RUN)
    page.locator("[data-do=next]").click()
    page.locator("[data-do=whole]").click()
    assert not opened.elsewhere
    with page.expect_request(f"{TILES}**"):
        page.locator("[data-do=tiles]").click()
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("© OpenStreetMap")
    expect(page.locator("img.leaflet-tile-loaded").first).to_be_attached()


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63606060f80f00010401"
    "005fe5c34b0000000049454e44ae426082"
)


def test_without_scripts_everything_is_there_and_nothing_idle(tab: Tabs, sites: Path) -> None:
    page = tab(java_script_enabled=False).open(sites / "story", RUN)
    text = page.locator("main").inner_text()
    for name in expected():
        assert name in text
    assert "Terraillon-Chénier" in text
    assert "Vénissieux - St Fons" in text
    for control in page.locator(".chart, .finder, .go").all():
        assert not control.is_visible()


def test_paper_shows_all_rows_and_no_controls(tab: Tabs, sites: Path) -> None:
    page = tab().open(sites / "story", RUN)
    page.emulate_media(media="print")
    assert page.locator("tr[data-k]:visible").count() == 11
    for control in page.locator("#map, .tools, .kinds, .finder, .go, nav").all():
        assert not control.is_visible()


def test_a_link_leads_to_the_place_on_the_real_map(page: Page) -> None:
    row = page.locator("tr[data-k]").filter(has=page.get_by_text("Bron", exact=True))
    longitude, latitude = made.at("bron")
    assert row.locator("a").get_attribute("href") == f"{made.MAP}#17/{latitude:.6f}/{longitude:.6f}"


def test_ten_thousand_changes_are_in_the_page_and_search_narrows_them(tab: Tabs, sites: Path) -> None:
    page = tab().open(sites / "many", "en/run-50.html")
    assert page.locator("tr[data-k]").count() == 10_000
    assert len(solid(page)) == 10_000
    assert page.evaluate("document.querySelectorAll('*').length") < 150_000
    drawn = page.evaluate(
        "[...document.querySelectorAll('tr[data-k] th')]"
        ".filter((cell) => cell.checkVisibility({contentVisibilityAuto: true})).length"
    )
    assert drawn < 200, "rows far away are not laid out"
    page.get_by_role("searchbox").fill("arret numero 9999")
    page.locator(".found:not(:empty)").wait_for()  # `expect` would describe all the page first
    assert "1 of 10000" in page.locator(".found").inner_text()
    assert page.locator("tr[data-k]:visible th > bdi").all_inner_texts() == ["Arrêt numéro 9999"]
    assert len(solid(page)) == 1
