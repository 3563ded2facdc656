"""`--format` and `--json`: plans and runs for the terminal, for a pull request, a map, or a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, Final, Literal, NamedTuple, TypeVar, cast, get_args

import click

from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.errors import BotError, UsageError
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.report.formats import changes_geojson, markdown, record, terminal
from umap_bot.report.hide import without_columns
from umap_bot.report.story.acts import USUAL, Commands
from umap_bot.report.story.sentences import plan_story, run_story
from umap_bot.report.story.several import LayerStory, at_once, failed, is_quiet
from umap_bot.text import Text, say
from umap_bot.wiring import Wired

Command = TypeVar("Command", bound=Callable[..., Any])
Format = Literal["text", "markdown", "geojson", "json"]

_format: Final = click.option(
    "--format",
    "form",
    type=click.Choice(get_args(Format)),
    default="text",
    show_default=True,
    help=say(
        "Output format: text, markdown (for a pull request comment), geojson (the changes as a map) or json."
    ),
)


def chosen(command: Command) -> Command:
    """Add --format and --json; the command gets the format as `form`."""

    @wraps(command)
    def collected(*, form: Format, as_json: bool, **more: Any) -> Any:
        return command(form="json" if as_json else form, **more)

    return cast("Command", _format(flags.as_json(collected)))  # click keeps no type of what it decorates


class LayerResult(NamedTuple):
    """One layer's plan, run or error under its name in the state, its story, and what people type."""

    layer: str
    result: Plan | Run | BotError
    layer_story: LayerStory
    commands: Commands = USUAL


def result_of(
    wired: Wired, result: Plan | Run | BotError, last: datetime | None, commands: Commands
) -> LayerResult:
    """Return what came of a layer, without hidden columns, and its story.

    `last` is when file and map agreed before it, `commands` are what people type about it.
    """
    layer, name = wired.work.job.layer, layers.shown(wired)
    columns = wired.settings.hidden_columns
    if isinstance(result, BotError):
        error = without_columns(result, columns)
        return LayerResult(layer, error, failed(name, error))
    if isinstance(result, Plan):
        plan = without_columns(result, columns)
        story = plan_story(plan, last, commands)
        return LayerResult(layer, plan, LayerStory(name, story, quiet=is_quiet(plan)), commands)
    run = without_columns(result, columns)
    story = run_story(run, last, commands)
    return LayerResult(layer, run, LayerStory(name, story, quiet=is_quiet(run)), commands)


def render(
    shown: Sequence[LayerResult],
    form: Format,
    *,
    whole: str = "",
    last: Text | None = None,
    full: bool = False,
) -> str:
    """Return plans or runs in a format.

    `whole` is the command that shows all of what is too long here, `last` a line on all layers together.
    Raise UsageError for several layers in a format that shows one.
    """
    tongue = speech.tongue()
    if form == "markdown":
        loud = at_once([each.layer_story for each in shown if not each.layer_story.quiet])
        parts = [markdown.render(each.story, tongue, whole=whole) for each in loud]
        return "\n\n---\n\n".join(parts or [markdown.render(shown[0].layer_story.story, tongue, whole=whole)])
    if form == "geojson":
        return changes_geojson.render(_one(shown), tongue)
    if form == "json":
        return record.results(
            [(each.layer, each.result) for each in shown],
            tongue,
            {each.layer: each.commands for each in shown},
        )
    return terminal.together([each.layer_story for each in shown], tongue, end=last, full=full)


def show(
    shown: Sequence[LayerResult],
    form: Format,
    *,
    whole: str = "",
    last: Text | None = None,
    full: bool = False,
) -> None:
    """Print plans or runs in a format, as `render` does; what people read by their pager if it is long."""
    rendered = render(shown, form, whole=whole, last=last, full=full)
    if form == "text":
        told = [each.layer_story for each in shown]
        speech.page(rendered, terminal.way_on(told, speech.tongue(), end=last))
    else:
        speech.answer(rendered)


def _one(shown: Sequence[LayerResult]) -> Plan | Run:
    if len(shown) > 1:
        raise UsageError(say("geojson can show only one layer."), way_out=say("Choose it with --layer."))
    if isinstance(shown[0].result, BotError):
        raise shown[0].result
    return shown[0].result
