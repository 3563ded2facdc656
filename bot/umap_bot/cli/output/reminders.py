"""That sessions end, told once in every answer of `plan` and `sync`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from umap_bot.cli import speech
from umap_bot.cli.output.formats import Form, Shown
from umap_bot.errors import BotError, SessionEnded
from umap_bot.report.story.session import reminder
from umap_bot.sessions import Sessions
from umap_bot.text import Text

Near = Mapping[str, Text]
"""What is said of the sessions of layers, by their names in the state."""


def near(sessions: Sessions, now: datetime, login: str) -> Near:
    """Return what is to be said of sessions that end soon, or have ended.

    If the state can't be used, that is told where it is needed: then nothing.
    """
    try:
        return {layer: reminder(each, now, login) for layer, each in sessions.near().items()}
    except BotError:
        return {}


def aside(said: Near, ends: Sequence[object]) -> None:
    """Tell it beside the answer; but not if the answer is that a session has ended."""
    if not any(isinstance(end, SessionEnded) for end in ends):
        for text in dict.fromkeys(said.values()):
            speech.tell(text, err=True)


def added(shown: Sequence[Shown], said: Near, form: Form) -> list[Shown]:
    """Return the stories with it, each session's at the end of the first story of its layers.

    An answer for a machine, or in which all those failed, has no place for it: then it is told beside it.
    """
    places: dict[Text, int] = {}
    for number, each in enumerate(shown):
        if form not in {"json", "geojson"} and each.layer in said and not isinstance(each.end, BotError):
            places.setdefault(said[each.layer], number)
    aside({layer: text for layer, text in said.items() if text not in places}, [each.end for each in shown])
    at = {number: text for text, number in places.items()}
    return [_with(each, at[number]) if number in at else each for number, each in enumerate(shown)]


def _with(shown: Shown, text: Text) -> Shown:
    story = msgspec.structs.replace(shown.told.story, end=(*shown.told.story.end, text))
    return shown._replace(told=msgspec.structs.replace(shown.told, story=story, quiet=False))
