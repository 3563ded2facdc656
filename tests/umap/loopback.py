"""A socket server that answers what a real uMap can't be made to: slowly, cut short, with bombs."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from types import TracebackType

Answer = bytes | Callable[[socket.socket], None]


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    """Return the bytes of an answer that says how long it is and that the connection ends."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def trickle(conn: socket.socket) -> None:
    """Send a byte every 20 ms for as long as somebody listens: each of them in time."""
    conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    quiet = threading.Event()
    while not quiet.wait(0.02):
        conn.sendall(b"x")


def silence(conn: socket.socket) -> None:
    """Say nothing until the other side gives up."""
    conn.recv(1)


class Loopback:
    """Answers one request a connection, in the order given; the last answer is given again and again."""

    def __init__(self, *answers: Answer, host: str = "127.0.0.1") -> None:
        self._answers = list(answers)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        self._thread = threading.Thread(target=self._serve)
        self.requests: list[bytes] = []
        name = f"[{host}]" if ":" in host else host
        self.origin = f"http://{name}:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Loopback:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def paths(self) -> list[str]:
        return [request.split()[1].decode() for request in self.requests]

    def _serve(self) -> None:
        while True:
            try:
                conn = self._listener.accept()[0]
            except OSError:  # closed: the test is over
                return
            with conn:
                conn.settimeout(10)
                self._converse(conn)

    def _converse(self, conn: socket.socket) -> None:
        try:
            request = self._request(conn)
            if not request:
                return
            self.requests.append(request)
            given = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            if callable(given):
                given(conn)
            else:
                conn.sendall(given)
        except OSError:  # the other side has enough
            return

    def _request(self, conn: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            more = conn.recv(65536)
            if not more:
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line[:15].lower() == b"content-length:"
            ),
            0,
        )
        while len(body) < length:
            body += conn.recv(65536)
        return head + b"\r\n\r\n" + body
