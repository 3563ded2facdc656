"""`--format`: a plan or a run for the terminal, or for a machine or a web page."""

from __future__ import annotations

from typing import Final, Literal

import click

from bot.cli import speech
from bot.model.plan import Plan
from bot.model.run import Run
from bot.report import changes_geojson, markdown, record, terminal
from bot.report.story import Story
from bot.text import say

Form = Literal["text", "markdown", "geojson", "json"]

option: Final = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "geojson", "json"]),
    default="text",
    show_default=True,
    help=say("text, markdown (for a comment on a pull request), geojson (the changes as a map), or json."),
)


def render(told: Run | Plan, story: Story, form: Form, *, layer: str = "", full: bool = False) -> str:
    """Give a plan or a run in a form. `layer` is the layer's name in the state, of a plan."""
    tongue = speech.tongue()
    if form == "markdown":
        return markdown.render(story, tongue)
    if form == "geojson":
        return changes_geojson.render(told, tongue)
    if form == "json":
        return record.runs([told], tongue) if isinstance(told, Run) else record.plans([(layer, told)], tongue)
    return terminal.render(story, tongue, full=full)
