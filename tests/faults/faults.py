"""The faults: each does one thing to one request."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from tests.faults.proxy import Answer, Exchange, Fault, Request

HTML: Final = b"<!doctype html><title>-</title>" + b"<p>Something stands between you and uMap.</p>" * 20


def drop_before(exchange: Exchange) -> None:
    """The request gets lost."""


def drop_after(exchange: Exchange) -> None:
    """The answer gets lost."""
    exchange.forward()


def reset_before(exchange: Exchange) -> None:
    exchange.reset()


def reset_after(exchange: Exchange) -> None:
    exchange.forward()
    exchange.reset()


def truncate(exchange: Exchange) -> None:
    """Half of the answer, and the connection ends."""
    answer = exchange.forward()
    half = Answer(answer.status, answer.headers, answer.body[: len(answer.body) // 2])
    exchange.give(half, length=len(answer.body))


def cut(exchange: Exchange) -> None:
    """Half of the body, with a length that fits: behind nginx right after a write (protocol 0, fact 8)."""
    answer = exchange.forward()
    exchange.give(Answer(answer.status, answer.headers, answer.body[: len(answer.body) // 2]))


def empty(exchange: Exchange) -> None:
    """The answer without its body."""
    answer = exchange.forward()
    exchange.give(Answer(answer.status, answer.headers, b""))


def trickle(exchange: Exchange) -> None:
    """A byte every 20 ms for as long as somebody listens: each of them in time."""
    answer = exchange.forward()
    exchange.connection.sendall(Answer(answer.status, answer.headers, b"").encode(length=10**9))
    pace = threading.Event()
    while not pace.wait(0.02):
        exchange.connection.sendall(b" ")


def trickle_headers(exchange: Exchange) -> None:
    """The same before the body has begun."""
    exchange.forward()
    exchange.connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    pace = threading.Event()
    while not pace.wait(0.02):
        exchange.connection.sendall(b"x")


def stale(exchange: Exchange) -> None:
    """The answer that was given to a request of this kind before."""
    exchange.give(exchange.proxy.last[exchange.request.kind])


def says(status: int, body: bytes = b"", *headers: tuple[str, str], stored: bool = False) -> Fault:
    """Another answer than uMap's; `stored`: though uMap did what it was asked."""

    def fault(exchange: Exchange) -> None:
        if stored:
            exchange.forward()
        exchange.give(Answer(status, headers, body))

    return fault


def twice(exchange: Exchange) -> None:
    """The request arrives two times; the second answer is nobody's."""
    answer = exchange.forward()
    exchange.forward()
    exchange.give(answer)


def without_filename(exchange: Exchange) -> None:
    """uMap then takes no notice of the file (protocol 5)."""
    request = exchange.request
    body = request.body.replace(b'; filename="layer.geojson"', b"")
    exchange.give(exchange.forward(Request(request.method, request.path, request.headers, body)))


def meanwhile(act: Callable[[], object]) -> Fault:
    """Somebody acts between the request and its arrival."""

    def fault(exchange: Exchange) -> None:
        act()
        exchange.give(exchange.forward())

    return fault


def run_over(act: Callable[[], str]) -> Fault:
    """Somebody saves in the gap of uMap's lock, and the request wins over it.

    That is what uMap stores when both were let through; here the push comes under the save's own version.
    """

    def fault(exchange: Exchange) -> None:
        exchange.give(exchange.forward(exchange.request.under(act())))

    return fault


def late(kind: str, skip: int) -> Fault:
    """No answer comes; the request arrives with a later one of that kind, `skip` of which pass before."""

    def fault(exchange: Exchange) -> None:
        proxy, request = exchange.proxy, exchange.request
        proxy.fail(kind, meanwhile(lambda: proxy.forward(request)), skip=skip)

    return fault


def together(barrier: threading.Barrier) -> Fault:
    """The request waits until as many others as the barrier counts have come."""

    def fault(exchange: Exchange) -> None:
        barrier.wait(30)
        exchange.give(exchange.forward())

    return fault
