"""The signals that stop a program of ours cleanly."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Have `stop` called at the first SIGTERM or SIGINT, by a thread of its own. Others do no harm.

    Python's own handlers are run by the main thread. That one waits for the next run, and is not woken if the
    system hands the signal to another thread: but what Python writes into the socket is read at once.
    """
    ours, pythons = socket.socketpair()
    pythons.setblocking(False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # for good: the process ends with this
    signal.set_wakeup_fd(pythons.fileno(), warn_on_full_buffer=False)
    listener = Thread(target=_listen, args=[ours, stop])
    listener.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(-1)
        pythons.close()
        listener.join()
        ours.close()


def _listen(signals: socket.socket, stop: Callable[[], None]) -> None:
    if signals.recv(1):  # nothing: the service has ended by itself
        stop()
