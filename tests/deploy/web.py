"""A web service on loopback that takes and gives JSON: what it answers is a function of ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit


class Request(NamedTuple):
    """`told` is the JSON that was sent; `query` has the first value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    told: dict[str, Any]


@contextmanager
def serving(answer: Callable[[Request], Any]) -> Iterator[str]:
    """Return the service's address. An answer None is a 404; a list is given in pages, as it is asked for."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            found = answer(self._request())
            content = json.dumps(found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _request(self) -> Request:
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or "{}")
            return Request(str(self.command), url.path, query, dict(self.headers), told)

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def do_PATCH(self) -> None:
            self._serve()

        def do_PUT(self) -> None:
            self._serve()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the library's
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def page(of: list[Any], query: Mapping[str, str]) -> list[Any]:
    """Return the page of a list that was asked for."""
    size = int(query.get("per_page", "30"))
    first = (int(query.get("page", "1")) - 1) * size
    return of[first : first + size]
