"""A proxy in front of a real uMap that does to chosen requests what networks and servers do.

uMap's pages hold paths without hosts, so a client that begins at the proxy stays with it. Requests go in a
thread each, and each on a connection of its own.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from types import TracebackType
from typing import Final

KINDS: Final = (
    ("link", re.compile(r"/anonymous-edit/")),
    ("push", re.compile(r"/datalayer/update/")),
    ("versions", re.compile(r"/datalayer/\d+/[-\w]+/versions/")),
    ("version", re.compile(r"/datalayer/\d+/[-\w]+/\w+$")),
    ("layer", re.compile(r"/datalayer/\d+/[-\w]+/$")),
    ("settings", re.compile(r"/map/\d+/geojson/")),
    ("page", re.compile(r"/map/[^/]*_\d+$")),
)
"""What a request is for, by its path (protocol 1, 4, 5, 7)."""

LOCK: Final = "X-Datalayer-Reference"
_HOP: Final = frozenset({"connection", "content-length", "transfer-encoding", "date", "server"})


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        return next((kind for kind, pattern in KINDS if pattern.search(self.path)), "other")

    def under(self, lock: str) -> Request:
        """Return the same push under another version."""
        return Request(self.method, self.path, {**self.headers, LOCK: lock}, self.body)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def encode(self, *, length: int | None = None) -> bytes:
        lines = [f"HTTP/1.1 {self.status} -", *(f"{name}: {value}" for name, value in self.headers)]
        lines += [f"Content-Length: {len(self.body) if length is None else length}", "Connection: close"]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


@dataclass
class Exchange:
    """One request that a fault is done to, and the connection that waits for its answer."""

    proxy: Proxy
    request: Request
    connection: socket.socket

    def forward(self, request: Request | None = None) -> Answer:
        return self.proxy.forward(request or self.request)

    def give(self, answer: Answer, *, length: int | None = None) -> None:
        self.connection.sendall(answer.encode(length=length))

    def reset(self) -> None:
        """End the connection so that the other side is told of it by an error."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


Fault = Callable[[Exchange], None]


@dataclass
class _Planned:
    kind: str
    fault: Fault
    skip: int
    times: int

    def takes(self, kind: str) -> bool:
        if kind != self.kind or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Proxy:
    """`requests` are all that came since it was healed, `every_push` all pushes.

    `failures` are what broke in the proxy itself: a test wants none. `last` holds the last answer that was
    given to each kind of request.
    """

    upstream: str
    requests: list[Request] = field(default_factory=list)
    every_push: list[Request] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    last: dict[str, Answer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        host, _, port = self.upstream.rpartition("/")[2].partition(":")
        self._place = (host, int(port))
        self._planned: list[_Planned] = []
        self._mutex = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._accepting = threading.Thread(target=self._accept)
        self.origin = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Proxy:
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in (self._accepting, *self._threads):
            thread.join(30)

    def fail(self, kind: str, fault: Fault, *, skip: int = 0, times: int = 1) -> None:
        """Do `fault` to the next `times` requests of a kind, after `skip` that pass."""
        self._planned.append(_Planned(kind, fault, skip, times))

    def heal(self) -> None:
        """From now on nothing fails, and what came is forgotten."""
        self._planned.clear()
        self.requests.clear()

    @property
    def pushes(self) -> list[Request]:
        return [request for request in self.requests if request.kind == "push"]

    def through(self, address: str) -> str:
        """Return an address of the uMap as it is by way of the proxy."""
        return address.replace(self.upstream, self.origin)

    def forward(self, request: Request) -> Answer:
        upstream = HTTPConnection(*self._place, timeout=60)
        try:
            upstream.request(request.method, request.path, request.body or None, request.headers)
            reply = upstream.getresponse()
            kept = tuple((name, value) for name, value in reply.getheaders() if name.lower() not in _HOP)
            return Answer(reply.status, kept, reply.read())
        finally:
            upstream.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:  # closed: the test is over
                return
            thread = threading.Thread(target=self._converse, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _converse(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(30)
            try:
                request = _receive(connection)
                if request:
                    self._answer(Exchange(self, request, connection))
            except (BrokenPipeError, ConnectionResetError):  # the client has had enough
                return
            except Exception as error:  # noqa: BLE001  a thread's end is seen by nobody: the test asks
                self.failures.append(error)

    def _answer(self, exchange: Exchange) -> None:
        kind = exchange.request.kind
        with self._mutex:
            self.requests.append(exchange.request)
            if kind == "push":
                self.every_push.append(exchange.request)
            planned = next((each for each in self._planned if each.takes(kind)), None)
        if planned:
            planned.fault(exchange)
            return
        answer = exchange.forward()
        self.last[kind] = answer
        exchange.give(answer)


def _receive(connection: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.pop("Content-Length", "0"))
    while len(body) < length:
        body += connection.recv(65536)
    method, path, _ = first.split(" ")
    return Request(method, path, {**headers, "Connection": "close"}, body)
