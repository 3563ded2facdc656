"""The desk over a person's folder, and people at their browsers."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.testclient import TestClient
from starlette.types import ASGIApp

from tests.commands.desk import Desk as Folder
from umap_bot.desk.desk import Desk
from umap_bot.desk.jobs import Jobs
from umap_bot.model.access import Role

ORIGIN = "http://127.0.0.1:8765"
OURS = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}
REFRESH = 'http-equiv="refresh"'


class Page(NamedTuple):
    """What a browser shows: `path` is where it came to, `forms` each form's address and fields, by button."""

    status: int
    path: str
    text: str

    @property
    def words(self) -> str:
        shown = re.sub(r"(?s)<(script|head|noscript)\b.*?</\1>|<[^>]+>", " ", self.text)
        return " ".join(html.unescape(shown).split())

    @property
    def forms(self) -> dict[str, tuple[str, dict[str, list[str]]]]:
        found = {}
        for action, inner in re.findall(
            r'(?s)<form[^>]*method="post" action="([^"]+)"[^>]*>(.*?)</form>', self.text
        ):
            fields: dict[str, list[str]] = {}
            for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', inner):
                fields.setdefault(name, []).append(html.unescape(value))
            (button,) = re.findall(r"(?s)<button[^>]*>(.*?)</button>", inner)
            found[html.unescape(re.sub(r"<[^>]+>", "", button))] = action, fields
        return found


@dataclass
class Person:
    """Somebody with a browser that keeps cookies and runs no scripts."""

    client: TestClient

    def open(self, path: str) -> Page:
        return self._page(self.client.get(path, headers={"Sec-Fetch-Site": "none"}))

    def send(self, path: str, headers: dict[str, str] | None = None, /, **fields: Any) -> Page:
        """Send a form as our pages do, or as `headers` say, and stay on the page until it is whole."""
        sent = self.client.post(path, data=fields, headers=OURS if headers is None else headers)
        page = self._page(sent)
        while REFRESH in page.text:
            page = self.open(page.path)
        return page

    def upload(self, path: str, name: str, data: bytes, **fields: str) -> Page:
        """Send a file as the form of our page does, and stay on the page until it is whole."""
        page = self._page(self.client.post(path, data=fields, files={"file": (name, data)}, headers=OURS))
        while REFRESH in page.text:
            page = self.open(page.path)
        return page

    def press(self, page: Page, button: str) -> Page:
        """Press a button that stands on a page, which may be an old one."""
        action, fields = page.forms[button]
        return self.send(action, **fields)

    def _page(self, answer: object) -> Page:
        return Page(answer.status_code, answer.url.raw_path.decode(), answer.text)  # type: ignore[attr-defined]


@dataclass
class Hall:
    """A desk and the ways in; whether its map and its file are there, nobody has looked."""

    desk: Desk
    jobs: Jobs
    app: ASGIApp

    def stranger(self, address: str = "127.0.0.1", origin: str = ORIGIN) -> Person:
        return Person(TestClient(self.app, base_url=origin, client=(address, 50_000)))

    def invited(self, name: str, role: Role) -> str:
        """Return the path of an invitation's link."""
        return f"/door/{self.desk.journal.accesses.invite(name, role, 'Ada', self.desk.now())}"

    def person(self, name: str, role: Role) -> Person:
        """Return somebody who has opened an invitation."""
        stranger = self.stranger()
        page = stranger.open(self.invited(name, role))
        assert stranger.press(page, "Open the desk").path == "/"
        return stranger

    @property
    def layer(self) -> str:
        """The path of the one layer's page."""
        return f"/layers/{self.desk.layers()[0].id}"


@dataclass
class Room(Hall):
    """A desk over a person's folder."""

    folder: Folder
