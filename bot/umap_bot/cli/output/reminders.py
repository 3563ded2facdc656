"""Reminders that a browser's session ends: once in every answer of `plan` and `sync`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from umap_bot.cli import speech
from umap_bot.cli.output.formats import Format, LayerResult
from umap_bot.errors import BotError, SessionEnded
from umap_bot.report.story.session import reminder
from umap_bot.sessions import Sessions
from umap_bot.text import Text

Reminders = Mapping[str, Text]
"""What is said of the sessions of layers, by their names in the state."""


def reminders_of(sessions: Sessions, now: datetime, login: str) -> Reminders:
    """Return the reminders of sessions that end soon, or have ended.

    None if the state can't be used: the command itself reports that.
    """
    try:
        return {layer: reminder(each, now, login) for layer, each in sessions.near().items()}
    except BotError:
        return {}


def tell_beside(said: Reminders, ends: Sequence[object]) -> None:
    """Print the reminders on stderr, unless a layer failed because its session has ended."""
    if not any(isinstance(end, SessionEnded) for end in ends):
        for text in dict.fromkeys(said.values()):
            speech.tell(text, err=True)


def with_reminders(shown: Sequence[LayerResult], said: Reminders, form: Format) -> list[LayerResult]:
    """Return the results with each reminder at the end of the first story of its layers.

    JSON, GeoJSON and errors have no place for one: it is printed on stderr then.
    """
    places: dict[Text, int] = {}
    for number, each in enumerate(shown):
        if form not in {"json", "geojson"} and each.layer in said and not isinstance(each.result, BotError):
            places.setdefault(said[each.layer], number)
    tell_beside(
        {layer: text for layer, text in said.items() if text not in places}, [each.result for each in shown]
    )
    at = {number: text for text, number in places.items()}
    return [_with(each, at[number]) if number in at else each for number, each in enumerate(shown)]


def _with(shown: LayerResult, text: Text) -> LayerResult:
    story = msgspec.structs.replace(shown.layer_story.story, end=(*shown.layer_story.story.end, text))
    return shown._replace(layer_story=msgspec.structs.replace(shown.layer_story, story=story, quiet=False))
