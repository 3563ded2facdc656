"""Doubles of the kinds of sources: each answers as the documentation of its API says (docs/sources.md).

Only the plain file has a real server in `make test`, Python's own; see test_real.py.
"""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from umap_bot.dataset.sources.data_gouv import DataGouvResource
from umap_bot.dataset.sources.google_sheets import GoogleSheet
from umap_bot.dataset.sources.grist import grist_table
from umap_bot.dataset.sources.https_file import HttpsFile
from umap_bot.dataset.sources.nextcloud import nextcloud_share
from umap_bot.dataset.sources.opendatasoft import opendatasoft_dataset
from umap_bot.dataset.sources.pasted import read_pasted
from umap_bot.dataset.sources.source import Source
from umap_bot.dataset.sources.web import Web

TABLE: Final = b"id,nom,lat,lon\nlyon-8e,Lyon 8e,45.73,4.87\nbron,Bron,45.74,4.91\n"
TOKEN: Final = "s3cr3t-T0ken-of-Zoe-4-2026"
SHARE: Final = "Wq7ZkP3mXc9LtRd"
SHEET: Final = "1AbC-dEf_2GhI3jKl4MnO5pQr6StU7vWx8YzA9bCdEf0"
DOCUMENT: Final = "sT4kJ9wLm2Qx"
RESOURCE: Final = "f868cca6-8da1-4369-a78d-47463f19a9a3"
OTHER: Final = "0b5f9e1c-51f3-4a5e-9a58-0a1a4a4c0f11"

Raw = Callable[[socket.socket], None]
Fault = bytes | Raw


class Request:
    """What was asked: `path` without its query, `query`, and the headers, by name in small letters."""

    def __init__(self, path: str, headers: dict[str, str]) -> None:
        parts = urlsplit(path)
        self.path = parts.path
        self.query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.whole = path
        self.headers = headers

    @property
    def login(self) -> str:
        """The name and password of a Basic log-in, "" without one."""
        sent = self.headers.get("authorization", "")
        return base64.b64decode(sent.removeprefix("Basic ")).decode() if sent.startswith("Basic ") else ""


class Server(ThreadingHTTPServer):
    """Answers as `kind` does, but for `faults`: each is sent as it is for one request, the last one again and
    again (None: as `kind` does). `pages` are there beside it, by path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kind: Kind = File()
        self.faults: list[Fault | None] = [None]
        self.pages: dict[str, bytes] = {}
        self.requests: list[Request] = []

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def begin(self, kind: Kind) -> None:
        self.kind, self.faults, self.pages, self.requests = kind, [None], {}, []

    def given(self, request: Request) -> Fault:
        """Return what is sent now."""
        if request.path in self.pages:
            return self.pages[request.path]
        fault = self.faults.pop(0) if len(self.faults) > 1 else self.faults[0]
        return fault or self.kind.answer(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.path, headers)
        self.server.requests.append(request)
        given = self.server.given(request)
        self.close_connection = True
        if callable(given):
            given(self.connection)
        else:
            self.wfile.write(given)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  the base class's name
        pass


@contextmanager
def running() -> Iterator[Server]:
    """Serve in a thread until the end."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    """Return the bytes of an answer that says how long it is and that the connection ends."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def as_json(value: object, status: str = "200 OK") -> bytes:
    return answer(status, json.dumps(value).encode(), "Content-Type: application/json")


class Kind:
    """One kind of source at its own site. `table` is what it holds now; `locked` that it wants a token."""

    name = ""
    first_requests = 1
    """Requests of a first fetch."""

    def __init__(self) -> None:
        self.table = TABLE
        self.locked = False

    def source(self, origin: str, token: str, web: Web) -> Source:
        raise NotImplementedError

    def answer(self, request: Request) -> bytes:
        raise NotImplementedError

    def conditional(self, request: Request, *headers: str, weak: str = "") -> bytes:
        """Return the table, or 304 if the request has its ETag (RFC 9110, 13.1.2)."""
        etag = f'{weak}"{sha256(self.table).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == etag:
            return b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
        return answer("200 OK", self.table, f"ETag: {etag}", *headers)


class File(Kind):
    """A static server with ETag."""

    name = "https"

    def source(self, origin: str, token: str, web: Web) -> Source:
        return HttpsFile(read_pasted(f"{origin}/data/cites.csv"), token, web)

    def answer(self, request: Request) -> bytes:
        if self.locked and request.headers.get("authorization") != f"Bearer {TOKEN}":
            return answer("401 Unauthorized", b"", 'WWW-Authenticate: Bearer realm="x"')
        return self.conditional(request, "Last-Modified: Tue, 24 Nov 2026 05:41:00 GMT")


class Grist(Kind):
    name = "Grist"
    first_requests = 4

    def __init__(self) -> None:
        super().__init__()
        self.tables = {"Cites": 1, "Communes": 2}
        self.elsewhere = 0
        """Changes to other tables of the document."""

    def source(self, origin: str, token: str, web: Web) -> Source:
        found = grist_table(read_pasted(f"{origin}/o/docs/{DOCUMENT}/Carte/p/5"), token, web)
        assert found is not None
        return found

    def answer(self, request: Request) -> bytes:
        if self.locked and request.headers.get("authorization") != f"Bearer {TOKEN}":
            return as_json({"error": "No view access"}, "403 Forbidden")
        path = request.path.removeprefix(f"/o/docs/api/docs/{DOCUMENT}")
        if path == "/states":
            mark = sha256(self.table + bytes([self.elsewhere])).hexdigest()
            return as_json({"states": [{"n": 7, "h": mark}, {"n": 6, "h": "0" * 64}]})
        if path == "/tables":
            own = [
                {"id": name, "fields": {"tableRef": ref, "summarySourceTable": 0, "onDemand": False}}
                for name, ref in self.tables.items()
            ]
            summary = {"id": "Cites_summary", "fields": {"tableRef": 9, "summarySourceTable": 1}}
            return as_json({"tables": [*own, summary]})
        if path == "/tables/_grist_Views_section/records":
            shown = {5: [{"tableRef": 1}], 6: [{"tableRef": 1}, {"tableRef": 2}]}
            page = json.loads(request.query["filter"])["parentId"][0]
            return as_json({"records": [{"id": 3, "fields": each} for each in shown.get(page, [])]})
        if path == "/download/csv" and request.query["tableId"] in self.tables:
            return self.conditional(request, "Content-Type: text/csv", weak="W/")
        return as_json({"error": "not found"}, "404 Not Found")


class Nextcloud(Kind):
    name = "Nextcloud"

    def __init__(self) -> None:
        super().__init__()
        self.file = ""
        self.older = False
        """Whether it is from before Nextcloud 29, or ownCloud."""

    def source(self, origin: str, token: str, web: Web) -> Source:
        query = f"?path=%2Fdonn%C3%A9es&files={self.file}" if self.file else ""
        found = nextcloud_share(read_pasted(f"{origin}/s/{SHARE}{query}"), token, web)
        assert found is not None
        return found

    def answer(self, request: Request) -> bytes:
        service = "/public.php/webdav/" if self.older else f"/public.php/dav/files/{SHARE}/"
        user = SHARE if self.older else "anonymous"
        if not request.path.startswith(service):
            if request.path.startswith("/public.php/webdav/"):
                return answer("401 Unauthorized", b"<?xml version='1.0'?><d:error/>")
            return answer("404 Not Found", b"<?xml version='1.0'?><d:error/>")
        if self.locked and request.login != f"{user}:{TOKEN}":
            return answer("401 Unauthorized", b"<?xml version='1.0'?><d:error/>")
        path = request.path.removeprefix(service)
        if path != (f"donn%C3%A9es/{self.file}" if self.file else ""):
            return answer("404 Not Found", b"<?xml version='1.0'?><d:error/>")
        named = 'Content-Disposition: attachment; filename="cites.csv"'
        return self.conditional(request, named, "Last-Modified: Tue, 24 Nov 2026 05:41:00 GMT")


class Google(Kind):
    name = "Google Sheets"

    def source(self, origin: str, token: str, web: Web) -> Source:
        pasted = read_pasted(f"{origin}/spreadsheets/d/{SHEET}/edit?gid=7#gid=7")
        return GoogleSheet(pasted, SHEET, published=False, web=web)

    def answer(self, request: Request) -> bytes:
        if request.path == "/v3/signin/identifier":
            return answer("200 OK", b"<!DOCTYPE html><html><title>Sign in</title></html>")
        if self.locked:
            return answer("307 Temporary Redirect", b"", "Location: /v3/signin/identifier?continue=x")
        assert request.path == f"/spreadsheets/d/{SHEET}/export"
        assert request.query == {"format": "csv", "gid": "7"}
        return answer("200 OK", self.table, "Content-Type: text/csv")


class Opendatasoft(Kind):
    name = "Opendatasoft"

    def source(self, origin: str, token: str, web: Web) -> Source:
        page = f"{origin}/explore/dataset/cites-educatives/table/?sort=nom&refine.departement=Rh%C3%B4ne"
        found = opendatasoft_dataset(read_pasted(page), token, web)
        assert found is not None
        return found

    def answer(self, request: Request) -> bytes:
        if self.locked and request.headers.get("authorization") != f"Apikey {TOKEN}":
            return as_json({"message": "Unauthorized"}, "401 Unauthorized")
        assert request.path == "/api/explore/v2.1/catalog/datasets/cites-educatives/exports/csv"
        assert request.query == {"refine": "departement:Rhône"}
        return answer("200 OK", b"\xef\xbb\xbf" + self.table, "Content-Type: text/csv")


class DataGouv(Kind):
    """The redirect leads elsewhere within this server: to another host none is followed here."""

    name = "data.gouv.fr"
    first_requests = 3

    def __init__(self) -> None:
        super().__init__()
        self.resources: list[dict[str, object]] = [
            {"id": RESOURCE, "title": "Cités", "format": "csv", "url": "https://static.example/c.csv"},
            {"id": OTHER, "title": "Documentation", "format": "pdf", "url": "https://static.example/c.pdf"},
        ]

    def source(self, origin: str, token: str, web: Web) -> Source:
        return DataGouvResource(origin, "cites-educatives", "", web)

    def answer(self, request: Request) -> bytes:
        if request.path == "/api/1/datasets/cites-educatives/":
            return as_json({"id": "x", "resources": self.resources})
        for each in self.resources:
            if request.path == f"/api/1/datasets/r/{each['id']}":
                return answer("302 Found", b"<html>Redirecting</html>", "Location: /static/cites.csv")
        if request.path == "/static/cites.csv":
            return self.conditional(request)
        return as_json({"message": "Not found"}, "404 Not Found")


KINDS: Final = (File, Grist, Nextcloud, Google, Opendatasoft, DataGouv)
