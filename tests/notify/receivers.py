"""Real receivers on this machine: a mail server, and a web server for messages and pings."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec


class Request(msgspec.Struct, frozen=True):
    method: str
    path: str
    body: str

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found


class Web(ThreadingHTTPServer):
    """Answers with `status`; if it `hangs` not at all, if it `trickles` without end, until it is `awake`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Web)
        self.requests: list[Request] = []
        self.status = 200
        self.hangs = False
        self.trickles = False
        self.asked = threading.Event()
        self.counted = threading.Semaphore(0)
        """One for each request that is noted: who gave up waiting for the answer may be ahead of that."""
        self.awake = threading.Event()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    @property
    def messages(self) -> list[tuple[str, str]]:
        """What came as Apprise's JSON: subject and body."""
        return [(request.json["title"], request.json["message"]) for request in self.requests]


class _Web(BaseHTTPRequestHandler):
    server: Web

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.requests.append(Request(self.command, self.path, body.decode()))
        self.server.asked.set()
        self.server.counted.release()
        if self.server.hangs:
            self.server.awake.wait()
            return
        if self.server.trickles:
            self._trickle()
            return
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _trickle(self) -> None:
        """Send a header without end, a byte every 20 ms: each of them in time."""
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not self.server.awake.wait(0.02):
                self.wfile.write(b"x")
        except OSError:  # the other side has enough
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name in the base
        """Say nothing."""


class Post(socketserver.ThreadingTCPServer):
    """A mail server that takes every mail."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.mails: list[EmailMessage] = []

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Subject and body, as a mail program shows them."""
        return [(str(mail["Subject"]), _text(mail)) for mail in self.mails]


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


class _Post(socketserver.StreamRequestHandler):
    server: Post

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper().strip()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self._take()
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")
            if word == b"QUIT":
                return

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        mail = message_from_bytes(b"".join(lines), EmailMessage, policy=policy.default)
        self.server.mails.append(mail)


@contextmanager
def web() -> Iterator[Web]:
    server = Web()
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.awake.set()
            server.shutdown()
            thread.join()


@contextmanager
def post() -> Iterator[Post]:
    server = Post()
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
