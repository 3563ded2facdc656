"""`umap-bot demo`: the whole story on a real uMap on this machine."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from umap_bot.cli import speech
from umap_bot.cli.commands.sandbox import stoppable
from umap_bot.demo import Demo
from umap_bot.report.formats.terminal import clean
from umap_bot.sandbox.prepare import prepare
from umap_bot.sandbox.server import Sandbox
from umap_bot.sandbox.spec import Spec
from umap_bot.text import say


@click.command(name="demo")
@click.option("--keep", is_flag=True, help=say("Keep uMap running at the end, until you press Ctrl-C."))
def command(keep: bool) -> int:
    """Show how umap-bot works, step by step: a map, a file in git, a plan, a sync, edits on the map, another
    sync, the log.

    The first run takes half a minute longer and downloads about 90 MB from the Python package index.
    """
    prepared = prepare(Spec(), lambda text: speech.tell(text, err=True))
    with Sandbox(prepared) as sandbox, TemporaryDirectory(prefix="umap-bot-demo-") as folder:
        demo = Demo(sandbox.url, Path(folder), lambda text: speech.show(clean(text)), speech.tongue())
        demo.tell()
        click.echo()
        if keep:
            with stoppable() as stopped:
                speech.tell(say("The demo is complete. The map: {address}", address=demo.page))
                speech.tell(say("It stays up until you press Ctrl-C."))
                stopped.wait()
                sandbox.check()
    if not keep:
        speech.tell(say("The demo is complete. The uMap of the demo has ended, and its map is gone."))
        speech.tell(say("To open the map in your browser, keep uMap running: umap-bot demo --keep"))
    return 0
