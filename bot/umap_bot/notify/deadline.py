"""Calls that must not keep a run waiting, whatever the other side does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

from umap_bot.notify.hush import hushed

T = TypeVar("T")


def in_time(seconds: float, call: Callable[[], T]) -> T:
    """Return what the call gives, or raise what it raises. Raise TimeoutError if it is not done by then.

    A socket's own timeout starts anew with every byte, and there is none on the look-up of a name. A late
    call is left alone; it ends by itself, at the latest with the process.
    """
    future: Future[T] = Future()
    Thread(target=_work, args=(future, call), daemon=True).start()
    return future.result(seconds)


def _work(future: Future[T], call: Callable[[], T]) -> None:
    try:
        with hushed():
            result = call()
    except BaseException as error:  # noqa: BLE001  not swallowed: raised where it is waited for
        future.set_exception(error)
    else:
        future.set_result(result)
