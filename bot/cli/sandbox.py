"""`umap-bot sandbox`: a real uMap on this machine."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Final

import click

from bot.cli import speech
from bot.sandbox.maps import new_map
from bot.sandbox.prepare import prepare
from bot.sandbox.recipe import Recipe
from bot.sandbox.server import Sandbox
from bot.text import say

STOPS: Final = (signal.SIGINT, signal.SIGTERM)


@click.command(name="sandbox")
def command() -> int:
    """Start a real uMap on this machine, with an empty map to try things on. Ctrl-C ends and removes it.

    The first time takes half a minute and downloads about 80 MB from the Python package index.
    """
    prepared = prepare(Recipe(), lambda text: speech.tell(text, err=True))
    with Sandbox(prepared) as sandbox, stoppable() as stopped:
        made = new_map(sandbox.url, "A map to try things on")
        made.add_layer("Layer 1", {"type": "FeatureCollection", "features": []})
        release, address = sandbox.release, sandbox.url
        speech.tell(say("uMap {release} runs at {address}", release=release, address=address))
        speech.tell(say("A map to try things on: {address}", address=made.url))
        speech.tell(say("Its secret edit link:   {link}", link=made.edit_link))
        speech.tell(say("Ctrl-C ends it; nothing of it is kept."))
        made.close()
        stopped.wait()
    return 0


@contextmanager
def stoppable() -> Iterator[Event]:
    """Give what happens at Ctrl-C or SIGTERM; from then on neither is an error, whenever it comes."""
    stopped = Event()
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in STOPS}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
