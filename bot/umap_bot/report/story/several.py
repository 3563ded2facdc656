"""The stories of several layers together: what is to be read first, and the quiet ones in one line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from umap_bot.errors import BotError
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.report.formats.terminal import one_line, render
from umap_bot.report.language import Language
from umap_bot.report.story.story import Line, Section, Story
from umap_bot.text import Text, lines_of, say, say_n, verbatim

NAMES = 5
"""How many quiet layers are named."""


class Told(msgspec.Struct, frozen=True):
    """One layer's story. `quiet`: there is nothing to read in it but that all is well; `error`: it failed."""

    name: str
    story: Story
    quiet: bool = False
    error: BotError | None = None


def is_quiet(told: Plan | Run) -> bool:
    """Tell whether nothing came of a layer, and nothing is new about it."""
    if isinstance(told, Run):
        return told.outcome == "nothing" and (told.plan is None or is_quiet(told.plan))
    return not (
        told.effects.changes
        or told.verdict.held
        or told.context.news
        or told.context.news_of_map.settings
        or told.context.awaited
        or told.context.anew
    )


def failed(name: str, error: BotError) -> Told:
    """Tell why a layer's run failed."""
    return Told(name, _error_story(verbatim(name), error), error=error)


def at_once(told: Sequence[Told]) -> list[Told]:
    """Return the stories with those of layers that failed for the same reason as one, where the first stood.

    A server that does not answer, a file that several layers share: that is one trouble, not many.
    """
    names: defaultdict[str, list[str]] = defaultdict(list)
    for each in told:
        names[str(each.error)].append(each.name)
    found: list[Told] = []
    for each in told:
        if each.error is None:
            found.append(each)
        elif str(each.error) in names:
            found.append(_of_all(each, each.error, names.pop(str(each.error))))
    return found


def _of_all(told: Told, error: BotError, names: Sequence[str]) -> Told:
    if len(names) == 1:
        return told
    return msgspec.structs.replace(told, story=_error_story(_listed(names), error))


def _error_story(name: Text, error: BotError) -> Story:
    first, *more = lines_of(error.text)
    problems = Section("problems", say("Problems"), tuple(Line(mark="·", said=(each,)) for each in more))
    return Story(
        sentence=say("{layer}: {error}", layer=name, error=first), sections=(problems,) if more else ()
    )


def together(told: Sequence[Told], tongue: Language, *, end: Text | None = None, full: bool = False) -> str:
    """Return the stories one after the other, for the terminal; a single one stands for itself."""
    if len(told) == 1:
        return render(told[0].story, tongue, full=full)
    loud = at_once([each for each in told if not each.quiet])
    blocks = [render(each.story, tongue, full=full) for each in loud]
    quiet = [each.name for each in told if each.quiet]
    if quiet:
        blocks.append(one_line(tongue.say(_quiet(quiet, full=full))))
    if end:
        blocks.append(one_line(tongue.say(end)))
    return f"\n\n{'─' * 40}\n".join(blocks)


def _quiet(names: Sequence[str], *, full: bool) -> Text:
    return say_n(
        "Nothing to do on {count} layer: {names}.",
        "Nothing to do on {count} layers: {names}.",
        len(names),
        names=_listed(names, full=full),
    )


def _listed(names: Sequence[str], *, full: bool = False) -> Text:
    shown = tuple(names) if full else tuple(names[:NAMES])
    more = len(names) - len(shown)
    return say("{names} and {left} more", names=shown, left=more) if more else verbatim(", ".join(shown))
