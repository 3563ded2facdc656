"""Answers with a deadline: requests' own timeout starts anew with every byte that comes."""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable
from functools import partial
from http.client import HTTPResponse
from typing import Any, TypeAlias

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

Look: TypeAlias = Callable[[str], None]


class _Hurried(io.RawIOBase):
    """The bytes of a socket until the deadline."""

    def __init__(self, raw: socket.SocketIO, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        seconds = sock.gettimeout()
        self._end = None if seconds is None else time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._end is not None:
            left = self._end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    """An answer whose status line, headers and body all come within the read timeout, or not at all."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: Any = io.BufferedReader(_Hurried(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    """`look` is called with the address of the machine that is connected to, before anything is said."""

    response_class = _Response

    def __init__(self, *args: Any, look: Look, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._look = look

    def _new_conn(self) -> socket.socket:
        return _looked_at(super()._new_conn(), self._look, proxy=self.proxy is not None)


class _SecureConnection(HTTPSConnection):
    response_class = _Response

    def __init__(self, *args: Any, look: Look, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._look = look

    def _new_conn(self) -> socket.socket:
        return _looked_at(super()._new_conn(), self._look, proxy=self.proxy is not None)


def _looked_at(sock: socket.socket, look: Look, *, proxy: bool) -> socket.socket:
    """Return the socket if its other end may be spoken to. A proxy is the user's own choice."""
    try:
        if not proxy:
            look(str(sock.getpeername()[0]))
    except BaseException:
        sock.close()
        raise
    return sock


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def anybody(peer: str) -> None:
    """Let a connection to any machine be."""


class DeadlineAdapter(HTTPAdapter):
    """Sends requests as requests does, and reads their answers against a deadline."""

    def __init__(self, look: Look = anybody) -> None:
        """`look` raises an error for the address of a machine that must not be spoken to."""
        self._pools = {"http": partial(_Pool, look=look), "https": partial(_SecurePool, look=look)}
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager
