"""`umap-bot sandbox`: a real uMap on this machine."""

from __future__ import annotations

import signal
from threading import Event

import click

from bot.sandbox.maps import new_map
from bot.sandbox.prepare import prepare
from bot.sandbox.recipe import Recipe
from bot.sandbox.server import Sandbox


@click.command(name="sandbox")
def command() -> int:
    """Start a real uMap on this machine, with an empty map to try things on. Ctrl-C ends and removes it.

    The first time takes half a minute and downloads about 80 MB from the Python package index.
    """
    prepared = prepare(Recipe(), lambda text: click.echo(text, err=True))
    with Sandbox(prepared) as sandbox:
        made = new_map(sandbox.url, "A map to try things on")
        made.add_layer("Layer 1", {"type": "FeatureCollection", "features": []})
        click.echo(f"uMap {sandbox.release} runs at {sandbox.url}")
        click.echo(f"A map to try things on: {made.url}")
        click.echo(f"Its secret edit link:   {made.edit_link}")
        click.echo("Ctrl-C ends it; nothing of it is kept.")
        made.close()
        until_stopped()
    return 0


def until_stopped() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    stopped = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    try:
        stopped.wait()
    except KeyboardInterrupt:
        click.echo("", err=True)
