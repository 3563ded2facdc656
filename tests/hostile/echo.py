"""Servers that repeat what they are sent, in every spelling: a uMap, a git host, a PostgreSQL."""

from __future__ import annotations

import json
import re
import socket
import struct
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, quote, quote_plus

from tests.faults.proxy import Answer, Proxy, Request

SPELLINGS: Final[dict[str, Callable[[str], str]]] = {
    "as it is": str,
    "in an address": lambda text: quote(text, safe=""),
    "in a form": quote_plus,
    "in small letters": lambda text: re.sub("%..", lambda found: found[0].lower(), quote(text, safe="")),
    "in JSON": lambda text: json.dumps(text)[1:-1],
    "in HTML": escape,
    "in base64": lambda text: b64encode(text.encode()).decode().rstrip("="),
    "in base64, behind a name": lambda text: b64encode(b"x=" + text.encode()).decode().rstrip("="),
    "in hexadecimal": lambda text: text.encode().hex(),
}


def spelt(secrets: Iterator[str] | set[str] | list[str]) -> set[str]:
    """Return secrets in all spellings."""
    return {spell(secret) for secret in secrets for spell in SPELLINGS.values()}


@dataclass
class EchoingUmap(Proxy):
    """A real uMap behind something that repeats the secrets of each exchange, where `place` says."""

    place: str = ""
    seen: set[str] = field(default_factory=set)

    def forward(self, request: Request) -> Answer:
        answer = super().forward(request)
        given = () if self.place == "login" else _given(answer)  # there it gives no session
        secrets = {*_sent(request), *given}
        secrets = {secret for secret in secrets if len(secret) >= 8}
        self.seen |= secrets
        return PLACES[self.place](request, answer, " ".join(sorted(spelt(secrets))))


def _given(answer: Answer) -> Iterator[str]:
    """Return the cookies that come with an answer."""
    for name, value in answer.headers:
        if name.lower() == "set-cookie":
            yield value.partition("=")[2].partition(";")[0].strip('"')


def _sent(request: Request) -> Iterator[str]:
    """Return what is secret in a request: cookies, token, password, signature."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    for cookie in filter(None, headers.get("cookie", "").split("; ")):
        yield cookie.partition("=")[2].strip('"')
    yield headers.get("x-csrftoken", "")
    if request.path.endswith("/login/") and request.body:
        yield parse_qs(request.body.decode()).get("password", [""])[0]
    if request.kind == "link":
        yield request.path.rpartition(":")[2].rpartition("%3A")[2]


def _json(answer: Answer, value: object, status: int = 200) -> Answer:
    headers = tuple(each for each in answer.headers if each[0].lower() != "content-encoding")
    return Answer(status, headers, json.dumps(value).encode())


def _push_says(value: Callable[[str], object]) -> Place:
    return lambda request, answer, words: _json(answer, value(words)) if request.kind == "push" else answer


def _status(status: int, *kinds: str) -> Place:
    def place(request: Request, answer: Answer, words: str) -> Answer:
        return (
            Answer(status, (("Content-Type", "text/html"),), words.encode())
            if request.kind in kinds
            else answer
        )

    return place


def _header(name: str, *kinds: str, status: int = 0) -> Place:
    def place(request: Request, answer: Answer, words: str) -> Answer:
        if request.kind not in kinds:
            return answer
        return replace(
            answer,
            status=status or answer.status,
            headers=(*answer.headers, (name, words.replace("\n", " "))),
        )

    return place


def _map_name(request: Request, answer: Answer, words: str) -> Answer:
    """In the page, and in its settings: name and description of the map and of its layers."""
    told = json.dumps(words)
    if request.kind == "settings" and answer.status == 200:
        said = json.loads(answer.body)
        said["properties"] |= {"name": words, "description": words, "umap_version": words}
        return _json(answer, said)
    if request.kind == "page":
        name = re.compile(rb"&quot;name&quot;: &quot;test_[^&]*&quot;")
        filled = f"&quot;name&quot;: {escape(told)}".encode()
        return replace(answer, body=name.sub(lambda _: filled, answer.body))
    return answer


def _content(request: Request, answer: Answer, words: str) -> Answer:
    if request.kind != "layer" or answer.status != 200:
        return answer
    said = json.loads(answer.body)
    point = {"type": "Point", "coordinates": [4.5, 45.5]}
    said["features"].append(
        {"type": "Feature", "geometry": point, "properties": {"name": words, "note": words}}
    )
    return _json(answer, said)


def _versions(request: Request, answer: Answer, words: str) -> Answer:
    if request.kind != "versions" or answer.status != 200:
        return answer
    return _json(answer, {"versions": [{"name": words, "ref": words, "at": words, "size": words}]})


def _login(request: Request, answer: Answer, words: str) -> Answer:
    """The complaint of the form, in the place of a session."""
    if not request.path.endswith("/login/") or request.method != "POST":
        return answer
    form = f'<ul class="errorlist"><li>{escape(words)}</li></ul>'
    return Answer(200, (("Content-Type", "text/html"),), form.encode())


Place = Callable[[Request, Answer, str], Answer]
PLACES: Final[dict[str, Place]] = {
    "": lambda _request, answer, _words: answer,
    "form errors": _push_says(lambda words: {"errors": {"name": [words], words: [words]}}),
    "error": _push_says(lambda words: {"error": words}),
    "push refused": _status(400, "push"),
    "push forbidden": _status(403, "push"),
    "page refused": _status(400, "page", "settings"),
    "layer refused": _status(404, "layer"),
    "link refused": _status(403, "link"),
    "version": _header("X-Datalayer-Version", "layer", "push"),
    "redirect": _header("Location", "settings", "page", status=302),
    "wait": _header("Retry-After", "settings", "page", status=503),
    "map name": _map_name,
    "content": _content,
    "versions": _versions,
    "login": _login,
}


class _GitHost(BaseHTTPRequestHandler):
    """Wants a login, and then says no, with all that it was sent."""

    def do_GET(self) -> None:
        sent = self.headers.get("Authorization", "")
        if not sent:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        token = b64decode(sent.removeprefix("Basic ")).decode().partition(":")[2]
        words = f"ERR {sent} {' '.join(sorted(spelt([token])))}"[:60_000].encode()
        lines = [b"# service=git-upload-pack\n", b"", words]
        body = b"".join(b"%04x" % (len(line) + 4) + line if line else b"0000" for line in lines)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-git-upload-pack-advertisement")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name in the base
        """Say nothing."""


@contextmanager
def git_host() -> Iterator[str]:
    """Return the address of a repository whose host repeats the token in its error."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _GitHost) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/labo/cartes.git"
        server.shutdown()
        thread.join()


@contextmanager
def postgres() -> Iterator[int]:
    """Return the port of a PostgreSQL that asks for a password in the clear, and repeats it in its error."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve_postgres, args=(listener,), daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _serve_postgres(listener: socket.socket) -> None:
    while True:
        try:
            connection = listener.accept()[0]
        except OSError:
            return
        with connection:
            connection.settimeout(10)
            _complain(connection)


def _complain(connection: socket.socket) -> None:
    first = connection.recv(4096)
    while first[4:8] in (struct.pack("!I", 80877103), struct.pack("!I", 80877104)):  # TLS, GSS: none
        connection.sendall(b"N")
        first = connection.recv(4096)
    connection.sendall(b"R" + struct.pack("!II", 8, 3))
    password = connection.recv(4096)[5:].rstrip(b"\0").decode()
    words = " ".join(sorted(spelt([password]))).encode()
    fields = b"SFATAL\0VFATAL\0C28P01\0M" + b"no such password: " + words + b"\0\0"
    connection.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)
