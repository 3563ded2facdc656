"""A uMap of one map and one layer that answers one kind of request as it is told to, and all others well."""

from __future__ import annotations

import html
import json
import re
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from tests.umap.loopback import Answer

LAYER: Final = "0a1b2c3d-1111-4222-8333-444455556666"
NAME: Final = "Cités"
MAP: Final = "/en/map/cites_7"
LINK: Final = "/en/map/anonymous-edit/7:Zk3_x-y9AbCdEf"
REQUESTS: Final = {
    "settings": ("GET", r"/en/map/7/geojson/"),
    "edit link": ("GET", re.escape(LINK)),
    "page": ("GET", re.escape(MAP)),
    "list of versions": ("GET", rf"/en/datalayer/7/{LAYER}/versions/"),
    "layer": ("GET", rf"/en/datalayer/7/{LAYER}/"),
    "push": ("POST", rf"/en/map/7/datalayer/update/{LAYER}/"),
    "login page": ("GET", r"/en/login/"),
    "login": ("POST", r"/en/login/"),
}
"""Every kind of request that a run makes. (A version's content is asked for like a layer's.)"""
EMPTY: Final = b'{"type":"FeatureCollection","_umap_options":{},"features":[]}'
_PART: Final = re.compile(rb'name="geojson"[^\r]*\r\n(?:[^\r]+\r\n)*\r\n(.*?)\r\n--', re.DOTALL)


class Site:
    """`attacked` is a kind of request, answered by these bytes, or by what sends some.

    `odd` are values in the settings: of the map, or, after "layer", of its layer. `versions`, if there are
    any, stand in the list in place of the one version.
    """

    def __init__(self, attacked: str = "", answer: Answer = b"") -> None:
        self.attacked = attacked
        self.answer = answer
        self.odd: dict[tuple[str, ...], Any] = {}
        self.body = EMPTY
        self.versions: Any = None
        self.version = 1_764_000_000_000
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Site:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()  # waits for the answers that are being given
        self._thread.join()

    @property
    def settings(self) -> dict[str, Any]:
        version = str(self.version)
        layer = {
            "id": LAYER,
            "rank": 0,
            "referenceVersion": version,
            "editMode": "advanced",
            "permissions": {"edit_status": 0},
            "properties": {"name": NAME, "displayOnLoad": True},
        }
        paths = {
            "datalayer_view": "/en/datalayer/{map_id}/{pk}/",
            "datalayer_versions": "/en/datalayer/{map_id}/{pk}/versions/",
            "datalayer_version": "/en/datalayer/{map_id}/{pk}/{ref}",
            "datalayer_update": "/en/map/{map_id}/datalayer/update/{pk}/",
            "datalayer_create": "/en/map/{map_id}/datalayer/create/{pk}/",
        }
        own = {"id": 7, "name": "Carte", "umap_version": "3.8.1", "editMode": "advanced"}
        permissions = {"owner": None, "share_status": 1, "edit_status": 1}
        more = {"permissions": permissions, "urls": paths, "user": {"id": 1, "name": "bot"}}
        properties = {**own, **more, "datalayers": [layer]}
        for place, value in self.odd.items():
            within: dict[str, Any] = layer if place[0] == "layer" else properties
            for name in place[place[0] == "layer" : -1]:
                within = within[name]
            within[place[-1]] = value
        return {"type": "Feature", "properties": properties}

    def kind_of(self, method: str, path: str) -> str:
        """Return the kind of a request, "" for any other."""
        return next(
            (kind for kind, (how, where) in REQUESTS.items() if how == method and re.fullmatch(where, path)),
            "",
        )

    def well(self, kind: str, sent: bytes) -> tuple[int, bytes, dict[str, str]]:
        """Return status, body and headers as uMap gives them."""
        if kind == "push":
            self.body, self.version = (found[1] if (found := _PART.search(sent)) else sent), self.version + 1
        version, settings = str(self.version), json.dumps(self.settings)
        listed = {"name": f"{LAYER}_{version}.geojson", "ref": version, "at": version, "size": len(self.body)}
        versions = [listed] if self.versions is None else self.versions
        page = f'<script id="map-settings" data-settings="{html.escape(settings)}"></script>'
        form = b'<form><input name="username"><input type="password" name="password"></form>'
        token, of = {"Set-Cookie": "csrftoken=token; Path=/"}, {"X-Datalayer-Version": version}
        return {
            "settings": (200, settings.encode(), {}),
            "page": (200, page.encode(), token),
            "edit link": (302, b"", {"Location": MAP, "Set-Cookie": "anonymous_owner|7=signed; Path=/"}),
            "list of versions": (200, json.dumps({"versions": versions}).encode(), {}),
            "layer": (200, self.body, of),
            "push": (200, json.dumps({"id": LAYER}).encode(), of),
            "login page": (200, form, token),
            "login": (302, b"", {"Location": MAP, "Set-Cookie": "sessionid=session; Path=/"}),
        }.get(kind, (404, b"", {}))


def _handler_of(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kind = site.kind_of(self.command, self.path)
            site.asked.append(kind)
            self.close_connection = True
            with suppress(OSError):  # the other side has enough
                if kind == site.attacked:
                    self._attack()
                else:
                    self._well(*site.well(kind, sent))

        do_GET = do_POST = _answer  # noqa: N815  their names in http.server

        def _attack(self) -> None:
            self.connection.settimeout(30)
            if callable(site.answer):
                site.answer(self.connection)
            else:
                self.connection.sendall(site.answer)
            self.connection.shutdown(socket.SHUT_WR)

        def _well(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
