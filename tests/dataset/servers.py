"""Git servers on this machine: `git http-backend` over HTTP and TLS, a proxy, and servers that never end."""

from __future__ import annotations

import base64
import os
import select
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

TLS: Final = Path(__file__).parent / "tls"


class Server(ThreadingHTTPServer):
    """Serves repositories under `root`. `wanted` is the login that it asks for; `seen` what was sent.

    `gate`, if set, is called for every request before it is answered; `stall`, if set, may send its answer's
    head and the content, or less. `secure` speaks TLS as git.example.org, by the authority in tls/ca.pem.
    """

    daemon_threads = True

    def __init__(self, root: Path, *, secure: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.root = root
        self.scheme = "https" if secure else "http"
        self.wanted = ""
        self.moved = ""
        self.speaks_v2 = True
        self.gate: Callable[[str], None] = lambda path: None
        self.stall: Callable[[Callable[[bytes], object], bytes], None] | None = None
        self.seen: list[str] = []
        self.asked: list[str] = []
        if secure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(TLS / "server.pem", TLS / "server.key")
            self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/upstream"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what these tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._serve(body)

    def _serve(self, body: bytes) -> None:
        self.path = self.path.removeprefix("http://git.example.org")  # as a proxy is asked
        self.server.asked.append(self.path)
        sent = self.headers.get("Authorization", "")
        login = base64.b64decode(sent.removeprefix("Basic ")).decode()
        self.server.seen.append(login)
        self.server.gate(self.path)
        if self.server.moved:
            self._answer(302, {"Location": self.server.moved + self.path}, b"")
        elif self.server.wanted and login != self.server.wanted:
            self._answer(401, {"WWW-Authenticate": 'Basic realm="x"'}, b"")
        else:
            self._backend(body)

    def _backend(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        variables = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(self.server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        if self.server.speaks_v2:
            variables["GIT_PROTOCOL"] = self.headers.get("Git-Protocol", "")
        answer = subprocess.run(
            ["git", "http-backend"], env=variables, input=body, capture_output=True, check=False
        ).stdout
        head, _, content = answer.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        status = int(headers.pop("Status", "200 OK").split()[0])
        self._answer(status, headers, content)

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.server.stall is not None and b"PACK" in content:
            self.server.stall(self.wfile.write, content)
        else:
            self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  the base class's name
        pass


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Serve in a thread until the end."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Proxy:
    """A proxy that takes every CONNECT to one address of this machine, and writes down what it saw."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.connected: list[str] = []
        self.passed = bytearray()
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._clients: list[socket.socket] = []

    def __enter__(self) -> Proxy:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        """Who waits for a connection is not woken by `close` alone, and would take one of a later test."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for client in self._clients:  # some are kept open for a next request that won't come
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(30)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:  # closed
                return
            self._clients.append(client)
            self._threads.append(threading.Thread(target=self._pass, args=(client,), daemon=True))
            self._threads[-1].start()

    def _pass(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._to)) as server:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            self.connected.append(head.decode().split(" ")[1])
            self.passed += head
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            other = {client: server, server: client}
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(65_536)
                    if not data:
                        return
                    self.passed += data
                    other[ready].sendall(data)


def processes_in(folder: Path) -> dict[int, tuple[bytes, bytes]]:
    """Return the processes that work in a folder: number → command line and environment."""
    found: dict[int, tuple[bytes, bytes]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink().is_relative_to(folder):
                found[int(entry.name)] = (
                    (entry / "cmdline").read_bytes(),
                    (entry / "environ").read_bytes(),
                )
        except OSError:  # gone, or somebody else's
            continue
    return found
