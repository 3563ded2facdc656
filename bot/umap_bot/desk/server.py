"""The web server of the desk: uvicorn, in a thread of its own."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from umap_bot.desk.app import app
from umap_bot.desk.desk import Desk
from umap_bot.desk.jobs import Jobs
from umap_bot.errors import SettingsError
from umap_bot.text import say


@contextmanager
def served(desk: Desk, host: str, port: int) -> Iterator[None]:
    """Serve the desk within. At the end no request is taken any more, and what was begun is ended.

    Raise SettingsError if it can't listen there.
    """
    listening = _listening(host, port)
    jobs = Jobs(desk.now, desk.journal.unforeseen)
    config = uvicorn.Config(
        app(desk, jobs),
        log_config=None,
        access_log=False,  # an invitation's secret is in its address
        proxy_headers=False,  # the doors read them, from whom they may
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=10,
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, args=[[listening]], name="desk")
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        jobs.stop()
        listening.close()


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
        # What is accepted inherits it: an answer's body must not wait for the receipt of its head.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(
            say(
                "The desk can't listen at {host}, port {port}: {reason}.", host=host, port=port, reason=reason
            ),
            way_out=say("Name another port: --listen 127.0.0.1:8766"),
        ) from error
    return listening
