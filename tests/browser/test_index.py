"""The first page: how it stands, which turns by itself, and the runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import made
from tests.browser.conftest import Tab

Tabs = Callable[..., Tab]


def test_the_state_turns_red_when_a_due_check_does_not_come(tab: Tabs, sites: Path) -> None:
    opened = tab()
    opened.page.clock.install(time=made.NOW)
    page = opened.open(sites / "story", "en/index.html")
    state = page.locator(".state")
    expect(state.locator("strong")).to_have_text("Up to date.")
    expect(state).to_contain_text("12 minutes ago")
    page.clock.fast_forward("23:55:00")
    expect(state).to_have_class("state ok")
    page.clock.fast_forward("00:04:00")
    expect(state).to_have_class("state ok silent")
    expect(state.locator("strong")).to_have_text("SILENT: a check is overdue.")
    expect(state).to_contain_text("1 day ago")
    red = state.locator("strong").evaluate("(each) => getComputedStyle(each).color")
    assert red == "rgb(163, 36, 31)"


def test_of_many_layers_one_that_falls_silent_comes_out_of_the_fold(tab: Tabs, sites: Path) -> None:
    opened = tab()
    opened.page.clock.install(time=made.NOW)
    page = opened.open(sites / "layers", "en/index.html")
    overall = page.locator(".overall")
    expect(overall).to_contain_text("1 layer needs")
    expect(page.locator(".attention .state")).to_have_count(1)
    expect(page.locator(".calm .state").first).to_be_hidden()
    page.clock.fast_forward("13:00:00")
    expect(page.locator(".attention .state:visible")).to_have_count(2)
    expect(page.locator(".silent:visible")).to_have_count(1)
    expect(overall).to_contain_text("2 layers need")


def test_one_bot_that_stopped_is_one_red_box(tab: Tabs, sites: Path) -> None:
    opened = tab()
    opened.page.clock.install(time=made.NOW)
    page = opened.open(sites / "layers", "en/index.html")
    page.clock.fast_forward("13:00:00")  # one layer is due sooner than all others
    page.clock.fast_forward("13:00:00")
    expect(page.locator(".silent:visible")).to_have_count(1)
    box = page.locator(".stopped")
    expect(box).to_contain_text("umap-bot seems to have stopped. The checks of 21 layers are overdue.")
    expect(box).to_contain_text("Calque 3")
    expect(page.locator(".overall")).to_be_empty()
    expect(page.locator("details.well summary")).to_have_text("19 layers were up to date when last checked")
    expect(page.locator(".state.ok strong").first).to_have_text("Up to date when last checked.")
    expect(page.locator(".state.trouble strong")).to_have_text("PROBLEM: the last run did not succeed.")


def test_times_are_the_readers_own_with_their_zone(tab: Tabs, sites: Path) -> None:
    opened = tab(timezone_id="America/Cayenne")
    opened.page.clock.install(time=made.NOW)
    for place, zone in (("", "UTC−3"), ("en/", "GMT-3")):
        page = opened.open(sites / "story", f"{place}index.html")
        times = page.locator(".state .times time")
        expect(times.first).to_contain_text("2026 04:00")
        expect(times.first).to_contain_text(zone)
        expect(page.locator("#runs time").first).to_contain_text(
            "24 nov. 2026 04:00" if not place else "24 Nov 2026 04:00"
        )
        expect(page.locator("footer .zone")).to_contain_text("America/Cayenne")
    expect(opened.open(sites / "story", "run-42.html").locator("h1 time")).to_contain_text("2026 04:00")


def test_without_scripts_the_times_stand_there(tab: Tabs, sites: Path) -> None:
    page = tab(java_script_enabled=False).open(sites / "story")
    text = page.locator(".state").inner_text()
    assert "24 nov. 2026 07:00" in text
    assert "25 nov. 2026 07:00" in text
    expect(page.locator("footer .zone")).to_have_text("Les heures sont celles du fuseau UTC.")
    assert page.locator("#runs tbody tr").count() == len(made.story())


@pytest.mark.parametrize(
    ("words", "outcome", "found"),
    [
        ("", "held", ["39"]),
        ("villeurbanne", "", ["42", "41"]),
        ("VILLEURBANNE 23", "done", ["41"]),
        ("9c1e77d", "", ["37"]),
    ],
)
def test_runs_are_found_by_words_and_outcome(
    tab: Tabs, sites: Path, words: str, outcome: str, found: list[str]
) -> None:
    page = tab().open(sites / "story", "en/index.html")
    page.locator("form[data-of=runs] input").fill(words)
    page.locator("form[data-of=runs] select").select_option(outcome)
    expect(page.locator("#runs tbody tr:visible")).to_have_count(len(found))
    assert page.locator("#runs tbody tr:visible th").all_inner_texts() == found
    expect(page.locator("form[data-of=runs] .found")).to_contain_text(f"{len(found)} of 6")


def test_runs_of_one_layer_can_be_picked(tab: Tabs, sites: Path) -> None:
    page = tab().open(sites / "layers")
    page.locator("select[data-by=layer]").select_option(label="Calque 3")
    expect(page.locator("#runs tbody tr:visible")).to_have_count(0)
    page.locator("select[data-by=layer]").select_option(label="Calque troublé")
    expect(page.locator("#runs tbody tr:visible")).to_have_count(6)


def test_every_page_is_reached_and_has_its_other_language_beside_it(tab: Tabs, sites: Path) -> None:
    page = tab().open(sites / "story")
    for number in (42, 41, 40, 39, 38, 37):
        page.locator("#runs tbody").get_by_role("link", name=str(number), exact=True).click()
        expect(page.locator("h1")).to_contain_text(f"Passage {number}")
        assert page.locator("html").get_attribute("lang") == "fr"
        page.get_by_role("link", name="English").click()
        expect(page.locator("h1")).to_contain_text(f"Run {number}")
        assert page.locator("html").get_attribute("lang") == "en"
        page.get_by_role("link", name="Français").click()
        expect(page.locator("h1")).to_contain_text(f"Passage {number}")
        page.locator(".steps a").first.click()
        expect(page).to_have_url((sites / "story" / "index.html").as_uri())


def test_the_age_is_told_anew_while_the_page_stays_open(tab: Tabs, sites: Path) -> None:
    opened = tab()
    opened.page.clock.install(time=made.NOW + timedelta(minutes=3))
    page = opened.open(sites / "story", "en/index.html")
    expect(page.locator("[data-ago]")).to_have_text("(15 minutes ago)")
    page.clock.fast_forward("02:00:00")
    expect(page.locator("[data-ago]")).to_have_text("(2 hours ago)")
