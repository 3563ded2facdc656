"""The stories of several layers together: which of them need somebody, and the quiet ones in one line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from umap_bot.errors import BotError
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.report.story.story import Story
from umap_bot.report.story.words import first_names, problems
from umap_bot.text import Text, as_text, lines_of, say, say_n

NAMES = 5
"""How many quiet layers are named."""


class LayerStory(msgspec.Struct, frozen=True):
    """One layer's story. `quiet`: there is nothing to read in it but that all is well; `error`: it failed."""

    name: str
    story: Story
    quiet: bool = False
    error: BotError | None = None

    @property
    def needs_somebody(self) -> bool:
        """Whether a person has to do something about it."""
        kinds = {section.kind for section in self.story.sections}
        return self.error is not None or not kinds.isdisjoint({"acts", "rows"})

    @property
    def mark(self) -> str:
        """The sign before its line among those of all layers."""
        if self.error:
            return "✗"
        return "!" if self.needs_somebody else "✓"


def is_quiet(told: Plan | Run) -> bool:
    """Return whether nothing came of a layer, and nothing is new about it."""
    if isinstance(told, Run):
        first = told.kind == "watch" and told.plan is not None and told.plan.context.first
        return told.outcome == "nothing" and not first and (told.plan is None or is_quiet(told.plan))
    return not (
        told.effects.changes
        or told.verdict.held
        or told.verdict.waiting
        or told.context.news
        or told.context.news_of_map.settings
        or told.context.awaited
        or told.context.rows_wait
        or told.context.anew
    )


def failed(name: str, error: BotError) -> LayerStory:
    """Tell why a layer's run failed."""
    return LayerStory(name, _error_story(as_text(name), error), error=error)


def at_once(told: Sequence[LayerStory]) -> list[LayerStory]:
    """Return the stories with those of layers that failed for the same reason as one, where the first stood.

    A server that does not answer, a file that several layers share: that is one trouble, not many.
    """
    names: defaultdict[str, list[str]] = defaultdict(list)
    for each in told:
        names[str(each.error)].append(each.name)
    found: list[LayerStory] = []
    for each in told:
        if each.error is None:
            found.append(each)
        elif str(each.error) in names:
            found.append(_of_all(each, each.error, names.pop(str(each.error))))
    return found


def _of_all(told: LayerStory, error: BotError, names: Sequence[str]) -> LayerStory:
    if len(names) == 1:
        return told
    return msgspec.structs.replace(told, story=_error_story(first_names(names, NAMES), error))


def _error_story(name: Text, error: BotError) -> Story:
    first, *more = lines_of(error.text)
    return Story(sentence=say("{layer}: {error}", layer=name, error=first), sections=problems(more))


def nothing_to_do(names: Sequence[str], *, full: bool = False) -> Text:
    """Return that nothing is to do on the layers of these names; `full`: all of them are named."""
    return say_n(
        "Nothing to do on {count} layer: {names}.",
        "Nothing to do on {count} layers: {names}.",
        len(names),
        names=first_names(names, len(names) if full else NAMES),
    )
