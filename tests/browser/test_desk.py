"""The desk in a real Chromium, on a real uMap, as a person goes who has a browser and a spreadsheet."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.commands.conftest import desk, folder, ten_cites, traffic  # noqa: F401  fixtures
from tests.commands.desk import Desk, changed, rows, stands, text, without
from umap_bot.cli.commands.desk import desk_served
from umap_bot.manifest import load_all

Open = Callable[..., Page]


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:  # noqa: F811
    """A desk that listens; nothing was synced yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with desk_served(load_all(desk.env, None), f"127.0.0.1:{port}"):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def open_link(browser: Browser, desk: Desk, address: str) -> Iterator[Open]:  # noqa: F811
    """Open an invitation of a keeper's in a browser that is as wide, dark and so on as asked."""
    contexts = []

    def opened(width: int = 1280, **more: Any) -> Page:
        link = desk.done("desk", "invite", "Anne", "--role", "keeper", "--listen", address[7:]).out.strip()
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            **more,
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(link)
        return page

    yield opened
    for context in contexts:
        context.close()


def press(page: Page, name: str) -> None:
    """Press a button, and wait until the page that renews itself is whole."""
    page.get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_load_state()
    while page.locator("meta[http-equiv=refresh]").count():
        page.reload()


def upload(page: Page, file: Path, content: str, button: str) -> None:
    file.write_text(content, "utf-8")
    page.set_input_files("input[type=file]", file)
    press(page, button)


def fits(page: Page) -> bool:
    """Whether nothing of a page lies beside the screen."""
    wide: bool = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return wide


@pytest.mark.parametrize(("width", "locale"), [(390, "en"), (1280, "fr")])
def test_from_an_empty_layer_to_an_undone_run(
    desk: Desk,  # noqa: F811
    open_link: Open,
    tmp_path: Path,
    width: int,
    locale: str,
) -> None:
    """Without JavaScript, and never a terminal after the invitation."""
    page = open_link(width, java_script_enabled=False, locale=locale)
    say = FRENCH if locale == "fr" else dict.fromkeys(FRENCH)
    word = {name: said or name for name, said in say.items()}

    def home() -> None:
        page.goto(page.url.partition("//")[0] + "//" + page.url.split("/")[2])
        page.get_by_role("link", name="Cités").click()

    press(page, word["Open the desk"])
    page.get_by_role("link", name="Cités").click()
    press(page, word["Sync now"])
    assert stands(desk) == rows()
    home()
    upload(page, tmp_path / "cites.csv", text(rows()).replace("c3,", "c2,"), word["Check this file"])
    assert "c2" in page.get_by_role("alert").inner_text()
    home()
    newer = changed(without(rows(), "c10"), "c1", nom="Cité Une")
    upload(page, tmp_path / "cites.csv", text(newer), word["Check this file"])
    press(page, word["Publish this file, and sync"])
    assert stands(desk) == newer
    desk.erase("c3")
    home()
    press(page, word["Sync now"])
    home()
    assert fits(page)
    press(page, word["Restore it from the file"])
    assert stands(desk) == newer
    page.get_by_role("link", name=word["The run in the log"]).click()
    run = page.url.rpartition("/")[2]
    press(page, word["Show what undoing would do"])
    press(page, word["Undo this run"])
    assert stands(desk) == without(newer, "c3")
    page.goto(f"{page.url.rpartition('/jobs')[0]}/runs/{run}")
    assert fits(page)


FRENCH = {
    "Open the desk": "Ouvrir le bureau",
    "Sync now": "Mettre à jour maintenant",
    "Check this file": "Vérifier ce fichier",
    "Publish this file, and sync": "Publier ce fichier, et mettre à jour",
    "Restore it from the file": "Le remettre d'après le fichier",
    "The run in the log": "Le passage au journal",
    "Show what undoing would do": "Voir ce que ferait l'annulation",
    "Undo this run": "Annuler ce passage",
}


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_every_page_is_accessible(desk: Desk, open_link: Open, width: int, scheme: str) -> None:  # noqa: F811
    desk.done("sync")
    desk.erase("c3")
    desk.waits("sync")
    page = open_link(width, color_scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    look(page, "door")
    for _ in ("to the content", "the title", "the other language", "the button"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Layers").wait_for()
    look(page, "layers")
    home = page.url
    with page.expect_navigation():
        page.get_by_role("link", name="Cités").click()
    look(page, "layer")
    press(page, "Show what a sync would do")
    look(page, "plan")
    for path in ("runs/1", "log?q=Cit%C3%A9", "people", "settings", "nowhere"):
        page.goto(home + path)
        look(page, path.partition("?")[0].replace("/", "-"))
    assert [each for each in complaints if "404" not in each] == []


def look(page: Page, name: str) -> None:
    """See that axe has nothing to say of a page, and that it fits."""
    page.locator("main").wait_for()
    assert fits(page), name
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
