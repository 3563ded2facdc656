"""`umap-bot report`: the change log as web pages."""

from __future__ import annotations

from pathlib import Path

import click

from umap_bot.cli import speech
from umap_bot.cli.options import layers
from umap_bot.cli.options.layers import Selection
from umap_bot.errors import UsageError
from umap_bot.publishing import Publisher
from umap_bot.text import say, say_n
from umap_bot.wiring import sessions_of


@click.command(name="report")
@layers.logged
@click.option(
    "--site",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=say("The folder for the pages. Default: REPORT_SITE_DIR."),
)
def command(selection: Selection, site: Path | None) -> int:
    """Write the change log as web pages, to open from a folder or to publish on a web server.

    Use the folder for these pages only. If it contains another index.html, nothing is written.
    """
    wired = layers.seen(selection)
    named = wired[0].settings.report_site_dir
    folder = site or (Path(named) if named else None)
    if folder is None:
        raise UsageError(
            say("No folder is given for the pages."), way_out=say("Give one with --site or REPORT_SITE_DIR.")
        )
    named_layers = [(each.work.job.layer, each.settings) for each in wired]
    sessions = sessions_of(wired).near
    written = Publisher(wired[0].journal.reader, named_layers, speech.tongue(), folder, sessions).publish()
    speech.tell(
        say_n(
            "Wrote {count} page to {folder}. To read it, open {index}",
            "Wrote {count} pages to {folder}. To read them, open {index}",
            written.pages,
            folder=str(folder),
            index=str(folder / "index.html"),
        )
    )
    return 0
