"""`umap-bot sandbox`: a real uMap on this machine."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Final

import click

from umap_bot.cli import speech
from umap_bot.sandbox.database import own_database
from umap_bot.sandbox.maps import new_map
from umap_bot.sandbox.prepare import prepare
from umap_bot.sandbox.server import Sandbox
from umap_bot.sandbox.spec import RELEASES, Spec
from umap_bot.text import say

STOPS: Final = (signal.SIGINT, signal.SIGTERM)


@click.command(name="sandbox")
@click.option(
    "--umap",
    "release",
    metavar="|".join(RELEASES),
    default="",
    help=say("The uMap release. Default: the newest that runs on this Python."),
)
@click.option(
    "--database",
    metavar="URL",
    default="",
    help=say(
        "An empty PostGIS database of yours, for its tables: postgresql://USER@HOST/NAME (and PGPASSWORD)."
    ),
)
def command(release: str, database: str) -> int:
    """Start a real uMap on this machine, with an empty map to try things on. Ctrl-C stops and removes it.

    The first start takes half a minute and downloads about 90 MB from the Python package index.
    """
    own = own_database(database) if database else None
    prepared = prepare(Spec(umap=release), lambda text: speech.tell(text, err=True))
    with Sandbox(prepared, database=own) as sandbox, stoppable() as stopped:
        _greet(sandbox)
        speech.tell(
            say("Ctrl-C stops it and deletes the layers' features. The tables stay in your database.")
            if own
            else say("Ctrl-C stops it. Nothing is kept.")
        )
        stopped.wait()
        sandbox.check()
    return 0


def _greet(sandbox: Sandbox) -> None:
    with new_map(sandbox.url, "A map to try things on") as made:
        made.add_layer("Layer 1", {"type": "FeatureCollection", "features": []})
        release, address = sandbox.release, sandbox.url
        speech.tell(say("uMap {release} is running at {address}", release=release, address=address))
        speech.tell(say("A map to try things on: {address}", address=made.url))
        speech.tell(say("Its secret edit link:   {link}", link=made.edit_link))


@contextmanager
def stoppable() -> Iterator[Event]:
    """Return what happens at Ctrl-C, at SIGTERM, and when a process of ours ends; none is an error any
    more."""
    stopped = Event()
    numbers = (*STOPS, signal.SIGCHLD)
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in numbers}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
