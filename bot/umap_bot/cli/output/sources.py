"""What is to be told of where data is fetched from, beside what came of its layers."""

from __future__ import annotations

from collections.abc import Sequence

from umap_bot.cli import speech
from umap_bot.cli.output import formats
from umap_bot.cli.output.formats import LayerResult
from umap_bot.errors import BotError
from umap_bot.report.story.several import failed as story_of_failed
from umap_bot.run.passes import Ended
from umap_bot.text import Text, joined, lines_of, say


def tell_sources(ended: Sequence[Ended]) -> None:
    """Tell on stderr of sources that failed, or that work again."""
    for name, end in ended:
        told = failed(name, end) if isinstance(end, BotError) else say("{source}: works again", source=name)
        speech.tell(told, err=True)


def with_sources(
    shown: Sequence[LayerResult], ended: Sequence[Ended], form: formats.Format
) -> list[LayerResult]:
    """Return the results with sources that failed, each as a run that did: JSON has them as the log has.

    In other formats they have no place: they are told on stderr.
    """
    found = [
        LayerResult(name, end, story_of_failed(name, end)) for name, end in ended if isinstance(end, BotError)
    ]
    return [*shown, *(found if form == "json" else [])]


def failed(name: str, error: BotError) -> Text:
    """Return what went wrong at a source, in one line that names it once."""
    text = joined(lines_of(error.text))
    return text if name in str(text) else say("{source}: {error}", source=name, error=text)
