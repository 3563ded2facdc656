"""`--format`: a plan or a run for the terminal, or for a machine or a web page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import click

from umap_bot.cli import speech
from umap_bot.errors import BotError, UsageError
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.report.formats import changes_geojson, markdown, record
from umap_bot.report.story.several import Told, at_once, together
from umap_bot.text import Text, say

Form = Literal["text", "markdown", "geojson", "json"]

option: Final = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "geojson", "json"]),
    default="text",
    show_default=True,
    help=say("text, markdown (for a comment on a pull request), geojson (the changes as a map), or json."),
)


class Shown(NamedTuple):
    """One layer's plan, run or error, under the layer's name in the state, and its story."""

    layer: str
    end: Plan | Run | BotError
    told: Told


def render(
    shown: Sequence[Shown], form: Form, *, whole: str = "", last: Text | None = None, full: bool = False
) -> str:
    """Return plans or runs in a form. `whole` is where a cut one is whole, `last` a word on all of them.

    Raise UsageError for a form that shows one layer alone.
    """
    tongue = speech.tongue()
    if form == "markdown":
        loud = at_once([each.told for each in shown if not each.told.quiet])
        parts = [markdown.render(each.story, tongue, whole=whole) for each in loud]
        return "\n\n---\n\n".join(parts or [markdown.render(shown[0].told.story, tongue)])
    if form == "geojson":
        return changes_geojson.render(_one(shown), tongue)
    if form == "json":
        return record.ended([(each.layer, each.end) for each in shown], tongue)
    return together([each.told for each in shown], tongue, end=last, full=full)


def _one(shown: Sequence[Shown]) -> Plan | Run:
    if len(shown) > 1:
        raise UsageError(say("geojson shows one layer."), way_out=say("Name it by --layer."))
    if isinstance(shown[0].end, BotError):
        raise shown[0].end
    return shown[0].end
