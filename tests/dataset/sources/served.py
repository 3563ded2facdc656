"""Tables on a web server in this process, with what a server can do instead of giving them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

LOGIN: Final = b"<!DOCTYPE html><html><body><form><input type='password'></form></body></html>"


@dataclass
class Site:
    """`key` is what has to be sent, if anything. `tables` are what each path holds; a `fault` may answer in
    the place of a table. `asked` are the answers that were given, as path, status and fault; `posted` is what
    was sent here."""

    url: str = ""
    key: str = ""
    tables: dict[str, str] = field(default_factory=dict)
    fault: Callable[[], str] = str
    asked: list[tuple[str, int, str]] = field(default_factory=list)
    posted: list[bytes] = field(default_factory=list)

    def answer(self, path: str, etag: str, sent: str, fault: str) -> tuple[int, bytes, dict[str, str]]:
        """Return status, body and headers."""
        if self.key and sent != f"Bearer {self.key}":
            return 401, b"", {}
        if fault == "error":
            return 503, b"later", {"Retry-After": "3600"}
        if fault == "login":
            return 200, LOGIN, {"Content-Type": "text/html"}
        if path not in self.tables:
            return 404, b"", {}
        data = self.tables[path].encode()
        if fault == "half":
            return 200, data[: len(data) // 2], {"Content-Length": str(len(data))}
        own = f'"{sha256(data).hexdigest()[:16]}"'
        return (304, b"", {"ETag": own}) if etag == own else (200, data, {"ETag": own})


@contextmanager
def served() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            etag, sent = (self.headers.get(name, "") for name in ("If-None-Match", "Authorization"))
            fault = site.fault()
            status, body, headers = site.answer(self.path, etag, sent, fault)
            site.asked.append((self.path, status, fault))
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            site.posted.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        site.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
