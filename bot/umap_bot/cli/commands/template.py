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
    "To use it in uMap 3.8: edit the map, open Manage layers, edit the layer, and open Interaction "
    "options. Set Popup content style to Default, paste this text into Popup content template, and save."
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
    """Print a popup template that shows the columns of the file: the name as the title, then each column with
    its value.

    A sync never changes the popup, so paste the template into uMap yourself, once.
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
            "Left out, because uMap does not accept their names in a popup template: {names:, }. To rename "
            "them: DATASET_RENAME",
            names=popup.left_out,
        )
        speech.tell(told, err=True)
    return 0
