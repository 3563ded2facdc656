"""Somebody who asks uMap plainly: no redirect is followed, nothing is added, every answer is given."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import requests

from tests.umap.made import collection, point
from umap_bot.sandbox.maps import LOCK, VERSION, MadeMap

Json = dict[str, Any]
Release = tuple[int, int]
FORM = {"name": "Cités", "rank": "0", "display_on_load": "true"}
LYON, BRON, VIENNE = point("Lyon", "aaaaa"), point("Bron", "bbbbb"), point("Vienne", "ccccc")


def release_of(text: str) -> Release:
    """(3, 7) of "3.7.3"."""
    major, minor, *_ = text.split(".")
    return int(major), int(minor)


@dataclass
class Asker:
    """`site` is uMap's address; `session` holds the cookies."""

    site: str
    session: requests.Session

    def get(self, path: str, **headers: str) -> requests.Response:
        return self._ask("GET", path, headers)

    def post(
        self, path: str, fields: Json, file: tuple[str | None, bytes] | None = None, **headers: str
    ) -> requests.Response:
        """FILE is (filename, content) of the part `geojson`. The CSRF token is sent if there is one."""
        token = self.session.cookies.get("csrftoken")
        sent = {"Referer": self.site, **({"X-CSRFToken": token} if token else {}), **headers}
        return self._ask("POST", path, sent, data=fields, files={"geojson": file} if file else None)

    def _ask(self, method: str, path: str, headers: dict[str, str], **more: Any) -> requests.Response:
        url = urljoin(self.site, path)
        return self.session.request(method, url, headers=headers, allow_redirects=False, timeout=60, **more)


@dataclass
class Kept:
    """One layer of a map, and its addresses as the page tells them."""

    made: MadeMap
    asker: Asker
    id: str

    def path(self, name: str, **places: str) -> str:
        """An address of the page's `urls`, with its places filled in as text."""
        template: str = self.made.page()["urls"][name]
        for place, value in {"map_id": str(self.made.id), "pk": self.id, **places}.items():
            template = template.replace(f"{{{place}}}", value)
        return template

    @property
    def body(self) -> Json:
        found: Json = json.loads(self.made.read(self.id)[0])
        return found

    @property
    def names(self) -> list[str]:
        return [feature["properties"]["name"] for feature in self.body["features"]]

    @property
    def version(self) -> str:
        return self.made.read(self.id)[1]

    def push(
        self, content: Json | bytes, lock: str | None, form: Json | None = None, filename: str | None = "blob"
    ) -> requests.Response:
        """An update as the bot sends it: CONTENT under LOCK, with the parts of FORM."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = {LOCK: lock} if lock is not None else {}
        fields = FORM if form is None else form
        return self.asker.post(self.path("datalayer_update"), fields, (filename, body), **headers)

    def store(self, *features: Json) -> str:
        """A push on the current version, that is stored. Its version."""
        answer = self.push(collection(*features), self.version)
        assert answer.status_code == 200
        return answer.headers[VERSION]
