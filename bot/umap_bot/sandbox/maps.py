"""People at work on a uMap, over HTTP as its own editor speaks: maps, layers, saves. For demo and tests."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin

import requests

from umap_bot.errors import SandboxError
from umap_bot.sandbox import browser
from umap_bot.sandbox.browser import Fields, Json, Verify
from umap_bot.text import say

LOCK = "X-Datalayer-Reference"
VERSION = "X-Datalayer-Version"

# Keys that uMap up to 3.6 mixes with a layer's settings, and that it must not be sent back.
_NOT_SETTINGS = frozenset({"id", "rank", "editMode", "permissions", "_referenceVersion", "old_id"})


class MadeMap:
    """A map, and a person who may edit it: by the edit cookie, or logged in.

    `id`, `name`, `url` (the page), `edit_link` ("" if an account owns the map), `session`. Methods that
    return content raise SandboxError when uMap refuses; `save` returns the bare response. Use one MadeMap per
    thread: `another_person` opens the same map with a session of its own.
    """

    def __init__(self, map_id: int, name: str, url: str, edit_link: str, session: requests.Session) -> None:
        self.id, self.name, self.url, self.edit_link, self.session = map_id, name, url, edit_link, session
        self._site = browser.site(url)
        self._fields: dict[str, dict[str, str]] = {}  # of each layer: what a save sends beside the content

    def __enter__(self) -> MadeMap:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.session.close()

    def another_person(self) -> MadeMap:
        """Return the same map with the same right to edit (of an anonymous map), from another browser."""
        return open_map(self.edit_link, self.session.verify)

    def feature(self) -> Json:
        """Return the map as the page has it, a GeoJSON feature: `geometry` is its centre."""
        whole: Json = self._get(f"{self._site}en/map/{self.id}/geojson/").json()
        return whole

    def page(self) -> Json:
        """Return the map's settings as the page has them: `urls`, `datalayers`, `permissions`, …"""
        properties: Json = self.feature()["properties"]
        return properties

    def layers(self) -> list[Json]:
        """Return the page's layer entries, in its order; groups hold theirs in `layers`."""
        entries: list[Json] = self.page()["datalayers"]
        return entries

    def layer(self, layer_id: str) -> Json:
        """Return the page's entry of one layer, wherever it stands. Raise SandboxError if there is none."""
        return self._find(layer_id)[0]

    def settings(self, layer_id: str) -> Json:
        """Return a layer's settings: name, color, iconClass, …"""
        return _settings(self.layer(layer_id))

    def add_layer(
        self, name: str, collection: Json | bytes, settings: Json | None = None, parent: str = ""
    ) -> str:
        """Add a layer with the features of `collection`, in the group `parent`, and return its id."""
        layer_id = str(uuid.uuid4())
        fields = {"rank": str(len(self._fields)), "display_on_load": "true", "parent": parent}
        own = json.dumps({"name": name, "displayOnLoad": True, **(settings or {})})
        answer = self._post(
            self._of_layer("create", layer_id), {"name": name, "settings": own, **fields}, _bytes(collection)
        )
        browser.success(answer)
        self._fields[layer_id] = fields
        return layer_id

    def read(self, layer_id: str) -> tuple[bytes, str]:
        """Return a layer's content and version. (A proxy may drop the header: then it is the page's.)"""
        answer = self._get(f"{self._site}en/datalayer/{self.id}/{layer_id}/", {"Accept-Encoding": "identity"})
        return answer.content, answer.headers.get(VERSION) or _version(self.layer(layer_id))

    def save(
        self, layer_id: str, collection: Json | bytes, version: str | None, settings: Json | None = None
    ) -> requests.Response:
        """Save a layer as the editor does: whole content, name, rank, group, settings, version as lock.

        `settings` are by default the page's. Without a version it overwrites blindly ("keep yours"). Return
        the response, whatever it is.
        """
        if settings is None or layer_id not in self._fields:
            entry, parent = self._find(layer_id)
            settings = _settings(entry) if settings is None else settings
            rank = str(entry.get("rank", 0))
            self._fields[layer_id] = {"rank": rank, "display_on_load": "true", "parent": parent}
        fields = {"name": str(settings.get("name") or "Layer"), "settings": json.dumps(settings)}
        lock = {LOCK: version} if version else {}
        path = self._of_layer("update", layer_id)
        return self._post(path, fields | self._fields[layer_id], _bytes(collection), lock)

    def versions(self, layer_id: str) -> list[Json]:
        """Return the kept versions, newest first: `name`, `ref`, `at`, `size`."""
        listed: list[Json] = self._get(f"{self._site}en/datalayer/{self.id}/{layer_id}/versions/").json()[
            "versions"
        ]
        return listed

    def version(self, layer_id: str, ref: str) -> bytes:
        """Return the content of one kept version."""
        return self._get(f"{self._site}en/datalayer/{self.id}/{layer_id}/{ref}").content

    def delete_layer(self, layer_id: str) -> None:
        browser.success(self._post(self._of_layer("delete", layer_id), {}))

    def set_layer_permissions(self, layer_id: str, edit_status: int) -> None:
        """Set who may edit a layer: 0 as the map, 1 everyone, 2 editors, 3 owner."""
        browser.success(
            self._post(self._of_layer("permissions", layer_id), {"edit_status": str(edit_status)})
        )

    def set_permissions(
        self,
        *,
        edit_status: int | None = None,
        share_status: int | None = None,
        editors: Sequence[int] | None = None,
        team: int | None = None,
    ) -> None:
        """Set who may edit and see the map; what is not given stays.

        `edit_status`: 1 everyone, 2 editors, 3 owner. `share_status`: 0 draft, 1 public; with an owner also 2
        by link, 3 editors. `editors` and `team` are ids of accounts and of one team.
        """
        now = self.page()["permissions"]
        chosen = {"edit_status": edit_status, "share_status": share_status}
        fields: dict[str, str | list[str]] = {
            name: str(now[name] if value is None else value) for name, value in chosen.items()
        }
        if now.get("owner"):  # left out, the map would lose its owner, its editors and its team
            stays = [editor["id"] for editor in now.get("editors") or []] if editors is None else editors
            band = team or (now.get("team") or {}).get("id")
            fields |= {"owner": str(now["owner"]["id"]), "editors": [*map(str, stays)]}
            fields |= {"team": str(band)} if band else {}
        browser.success(self._post(f"en/map/{self.id}/update/permissions/", fields))

    def rename(self, name: str) -> None:
        """Give the map another name; its page's address changes with it."""
        self.set_up(name)

    def set_up(self, name: str = "", **settings: Any) -> None:
        """Set the map's own settings, these and no others, and its name, if one is given."""
        whole, name = self.feature(), name or self.name
        fields = _form(name, whole["geometry"], {**settings, "zoom": whole["properties"]["zoom"]})
        answer = browser.success(self._post(f"en/map/{self.id}/update/settings/", fields))
        self.name, self.url = name, urljoin(self._site, answer["url"])

    def delete(self) -> None:
        """Put the map in the bin, as its owner can."""
        answer = self._post(f"en/map/{self.id}/update/delete/", {})
        if not answer.is_redirect:  # its success is a way back home
            browser.success(answer)

    def _find(self, layer_id: str) -> tuple[Json, str]:
        """Return a layer's entry, and the id of the group it is in ("" for none)."""
        waiting = [(entry, "") for entry in self.layers()]
        while waiting:
            entry, parent = waiting.pop()
            if entry["id"] == layer_id:
                return entry, parent
            waiting.extend((child, entry["id"]) for child in entry.get("layers", []))
        raise SandboxError(say("The map '{name}' has no layer {layer}.", name=self.name, layer=layer_id))

    def _of_layer(self, verb: str, layer_id: str) -> str:
        return f"en/map/{self.id}/datalayer/{verb}/{layer_id}/"

    def _get(self, url: str, headers: dict[str, str] | None = None) -> requests.Response:
        return browser.get(self.session, url, headers)

    def _post(
        self,
        path: str,
        fields: Fields,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        return browser.post(self.session, self._site + path, fields, content, headers)


def new_map(
    url: str,
    name: str,
    center: tuple[float, float] = (4.85, 45.75),
    zoom: int = 8,
    session: requests.Session | None = None,
) -> MadeMap:
    """Make a map on the uMap at `url`, and return it. `center` is (longitude, latitude).

    It is anonymous, with an edit link, or of the account that `session` is logged in with (see `log_in`).
    """
    session = session or browser.open_session(url)
    fields = _form(name, {"type": "Point", "coordinates": list(center)}, {"zoom": zoom})
    made = browser.success(browser.post(session, urljoin(url, "/en/map/create/"), fields))
    link = made["permissions"].get("anonymous_edit_url") or ""
    return MadeMap(made["id"], name, urljoin(url, made["url"]), link, session)


def open_map(edit_link: str, verify: Verify = True) -> MadeMap:
    """Return the map of an edit link, in a new session that may edit it. Raise SandboxError."""
    session = browser.open_session(edit_link, verify)
    answer = browser.get(session, edit_link)
    found = re.search(r"_(\d+)$", answer.url)
    if not found:
        raise SandboxError(say("uMap does not know this edit link."))
    made = MadeMap(int(found.group(1)), "", answer.url, edit_link, session)
    made.name = str(made.page().get("name", ""))
    return made


def visit(made: MadeMap) -> MadeMap:
    """Return the same map as a stranger sees it: no edit cookie, no log-in."""
    return MadeMap(made.id, made.name, made.url, "", browser.open_session(made.url, made.session.verify))


def _bytes(collection: Json | bytes) -> bytes:
    return (
        collection if isinstance(collection, bytes) else json.dumps(collection, ensure_ascii=False).encode()
    )


def _form(name: str, center: Json, settings: Json) -> dict[str, str]:
    options = {"type": "Feature", "geometry": center, "properties": {**settings, "name": name}}
    return {"name": name, "center": json.dumps(center), "settings": json.dumps(options)}


def _version(entry: Json) -> str:
    """Return the version of a layer as the page has it, from 3.7 on and before."""
    return str(entry.get("referenceVersion") or entry["_referenceVersion"])


def _settings(entry: Json) -> Json:
    if "properties" in entry:
        return dict(entry["properties"])
    return {key: value for key, value in entry.items() if key not in _NOT_SETTINGS}
