"""The stories of several layers together: what is to be read first, and the quiet ones in one line."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.errors import BotError
from bot.model.plan import Plan
from bot.model.run import Run
from bot.report.language import Language
from bot.report.story import Line, Section, Story
from bot.report.terminal import one_line, render
from bot.text import Text, lines_of, say, say_n, verbatim

NAMES = 5
"""How many quiet layers are named."""


class Told(msgspec.Struct, frozen=True):
    """One layer's story. `quiet`: there is nothing to read in it but that all is well."""

    name: str
    story: Story
    quiet: bool = False


def is_quiet(told: Plan | Run) -> bool:
    """Tell whether nothing came of a layer, and nothing is new about it."""
    if isinstance(told, Run):
        return told.outcome == "nothing" and (told.plan is None or is_quiet(told.plan))
    return not (told.changes or told.held or told.news or told.news_of_map.settings or told.waiting)


def error_story(name: str, error: BotError) -> Story:
    """Tell why a layer's run failed."""
    first, *more = lines_of(error.text)
    problems = Section("problems", say("Problems"), tuple(Line(mark="·", said=(each,)) for each in more))
    return Story(
        sentence=say("{layer}: {error}", layer=name, error=first), sections=(problems,) if more else ()
    )


def together(told: Sequence[Told], tongue: Language, *, end: Text | None = None, full: bool = False) -> str:
    """Give the stories one after the other, for the terminal; a single one stands for itself."""
    if len(told) == 1:
        return render(told[0].story, tongue, full=full)
    loud = [each for each in told if not each.quiet]
    blocks = [render(each.story, tongue, full=full) for each in loud]
    quiet = [each.name for each in told if each.quiet]
    if quiet:
        blocks.append(one_line(tongue.say(_quiet(quiet, full=full))))
    if end:
        blocks.append(one_line(tongue.say(end)))
    return f"\n\n{'─' * 40}\n".join(blocks)


def _quiet(names: Sequence[str], *, full: bool) -> Text:
    shown = tuple(names) if full else tuple(names[:NAMES])
    more = len(names) - len(shown)
    listed = say("{names} and {left} more", names=shown, left=more) if more else verbatim(", ".join(shown))
    return say_n(
        "Nothing to do on {count} layer: {names}.",
        "Nothing to do on {count} layers: {names}.",
        len(names),
        names=listed,
    )
