"""`umap-bot keep`: leave features, or one cell of them, as they are on the map."""

from __future__ import annotations

import click

from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.output import progress
from umap_bot.report.hide import without_columns
from umap_bot.report.story.deciding import decided
from umap_bot.run.deciding import keep
from umap_bot.settings import approver
from umap_bot.text import say


@click.command(name="keep")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@layers.chosen
@click.option(
    "--field", default="", metavar="NAME", help=say("Only this column. “geometry” means the position.")
)
@flags.by
def command(selection: Selection, keys: tuple[str, ...], field: str, by: str) -> int:
    """Keep the features with these KEYs as they are on the map, whatever the file says.

    A KEY is the id of a row or the name of a feature. The decision holds until the value changes, in the file
    or on the map. Then you are asked again. To undo it: umap-bot decisions --undo.
    """
    wired, who = layers.only(selection), approver(by)
    with progress.shown():
        made = keep(wired.work, keys, field, who, wired.journal, wired.clock)
    for each in made:
        speech.tell(decided(without_columns(each, wired.settings.hidden_columns), wired.settings.headers))
    undo = flags.typed(
        "decisions", selection.words, [word for each in made for word in ("--undo", str(each.number))]
    )
    speech.tell(say("To undo this: {command}", command=undo))
    return 0
