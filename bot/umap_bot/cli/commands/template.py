"""`umap-bot template`: a popup text that shows the file's columns."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from umap_bot.cli import speech
from umap_bot.cli.options import flags
from umap_bot.errors import UsageError
from umap_bot.report.formats.terminal import clean
from umap_bot.report.popup import is_contact, popup_text
from umap_bot.settings import Settings, load
from umap_bot.text import say
from umap_bot.wiring import dataset

WHERE: Final = say(
    "To paste into uMap (the words are those of 3.8's English screens): edit the map, Manage layers, Edit of "
    "the layer, Interaction options. Popup content style: Default. Popup content template: this text. Save."
)


@click.command(name="template")
@click.option(
    "--contact",
    metavar="ADDRESS|FORM",
    default="",
    help=say("Add a link to propose a correction: a mail address, or the address of a form."),
)
@flags.env_file
def command(contact: str, env_file: Path | None) -> int:
    """Print a popup text that shows the columns of the file: the name as title, and each with its value.

    A sync never changes the popup: paste the text into uMap yourself, once.
    """
    found = dataset(load(Settings, env_file, assumed={"UMAP_MAP_URL": "-"}))
    if contact and not is_contact(contact):
        raise UsageError(
            say("--contact is neither a mail address nor the address of a form."),
            way_out=say("Write carte@example.org, or an address that begins with https://"),
        )
    label = speech.tongue().say(say("Propose a correction"))
    popup = popup_text(found.read(found.head())[1], contact, label)
    speech.answer(clean(popup.text))
    speech.tell(WHERE, err=True)
    if popup.left_out:
        told = say(
            "Left out, since uMap can't name them in a popup text: {names:, }. DATASET_RENAME can help.",
            names=popup.left_out,
        )
        speech.tell(told, err=True)
    return 0
