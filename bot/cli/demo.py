"""`umap-bot demo`: the whole story on a real uMap on this machine."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bot.cli.sandbox import stoppable
from bot.demo import Demo
from bot.report.terminal import clean
from bot.sandbox.prepare import prepare
from bot.sandbox.recipe import Recipe
from bot.sandbox.server import Sandbox


@click.command(name="demo")
@click.option("--keep", is_flag=True, help="Leave the uMap running at the end, until Ctrl-C.")
def command(keep: bool) -> int:
    """Tell the whole story: a map, a file in git, a plan, a sync, people's edits, another sync, the log.

    The first time takes half a minute more and downloads about 80 MB from the Python package index.
    """
    prepared = prepare(Recipe(), lambda text: click.echo(text, err=True))
    with Sandbox(prepared) as sandbox, TemporaryDirectory(prefix="umap-bot-demo-") as folder:
        demo = Demo(sandbox.url, Path(folder), lambda text: click.echo(clean(text)))
        demo.tell()
        click.echo(f"\nThat was the main job. The map: {demo.page}")
        if keep:
            with stoppable() as stopped:
                click.echo("It stays up until Ctrl-C.")
                stopped.wait()
        else:
            click.echo("To look at it in your browser, keep the uMap running: umap-bot demo --keep")
    return 0
