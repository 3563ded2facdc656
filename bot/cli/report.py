"""`umap-bot report`: the change log as web pages."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli import options, speech
from bot.errors import UsageError
from bot.publishing import Publisher
from bot.text import say, say_n
from bot.wiring import wire


@click.command(name="report")
@options.env_file
@click.option(
    "--site",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=say("The folder of the pages. Default: REPORT_SITE_DIR."),
)
def command(env_file: Path | None, site: Path | None) -> int:
    """Write the change log as web pages, to open from a folder or to put on a web server.

    The folder is for these pages alone. One that holds somebody else's index.html is left as it is.
    """
    settings = speech.settings(env_file)
    folder = site or (Path(settings.report_site_dir) if settings.report_site_dir else None)
    if folder is None:
        raise UsageError(
            say("Where to? No folder is named."), way_out=say("Name one by --site or REPORT_SITE_DIR.")
        )
    wired = wire(settings)
    layers = [(wired.work.job.layer, settings)]
    written = Publisher(wired.journal.reader, layers, speech.tongue(), folder).publish()
    speech.tell(
        say_n(
            "{count} page in {folder}; open {index}",
            "{count} pages in {folder}; open {index}",
            written.pages,
            folder=str(folder),
            index=str(folder / "index.html"),
        )
    )
    return 0
