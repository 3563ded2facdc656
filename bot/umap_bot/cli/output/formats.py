"""`--format`: a plan or a run for the terminal, or for a machine or a web page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, Final, Literal, NamedTuple, TypeVar, cast, get_args

import click

from umap_bot.cli import speech
from umap_bot.cli.options import common, layers
from umap_bot.errors import BotError, UsageError
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.report.formats import changes_geojson, markdown, record, terminal
from umap_bot.report.hide import hidden
from umap_bot.report.story.sentences import plan_story, run_story
from umap_bot.report.story.several import Told, at_once, failed, is_quiet
from umap_bot.text import Text, say
from umap_bot.wiring import Wired

Command = TypeVar("Command", bound=Callable[..., Any])
Form = Literal["text", "markdown", "geojson", "json"]

_format: Final = click.option(
    "--format",
    "form",
    type=click.Choice(get_args(Form)),
    default="text",
    show_default=True,
    help=say("text, markdown (for a comment on a pull request), geojson (the changes as a map), or json."),
)


def chosen(command: Command) -> Command:
    """Add --format and --json; the command gets the format as `form`."""

    @wraps(command)
    def collected(*, form: Form, as_json: bool, **more: Any) -> Any:
        return command(form="json" if as_json else form, **more)

    return cast("Command", _format(common.as_json(collected)))  # click keeps no type of what it decorates


class Shown(NamedTuple):
    """One layer's plan, run or error, under the layer's name in the state, and its story."""

    layer: str
    end: Plan | Run | BotError
    told: Told


def shown(wired: Wired, end: Plan | Run | BotError, last: datetime | None, command: str) -> Shown:
    """Return what came of a layer as it may be shown. `last` is when file and map agreed before it, `command`
    what makes such a run.
    """
    layer, name = wired.work.job.layer, layers.called(wired)
    columns = wired.settings.hidden_columns
    if isinstance(end, BotError):
        error = hidden(end, columns)
        return Shown(layer, error, failed(name, error))
    if isinstance(end, Plan):
        plan = hidden(end, columns)
        return Shown(layer, plan, Told(name, plan_story(plan, last, command), quiet=is_quiet(plan)))
    run = hidden(end, columns)
    return Shown(layer, run, Told(name, run_story(run, last, command), quiet=is_quiet(run)))


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
        return "\n\n---\n\n".join(parts or [markdown.render(shown[0].told.story, tongue, whole=whole)])
    if form == "geojson":
        return changes_geojson.render(_one(shown), tongue)
    if form == "json":
        return record.results([(each.layer, each.end) for each in shown], tongue)
    return terminal.together([each.told for each in shown], tongue, end=last, full=full)


def _one(shown: Sequence[Shown]) -> Plan | Run:
    if len(shown) > 1:
        raise UsageError(say("geojson shows one layer."), way_out=say("Name it by --layer."))
    if isinstance(shown[0].end, BotError):
        raise shown[0].end
    return shown[0].end
