"""What the guard's rules are asked about, and the words they share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import msgspec

from umap_bot.model.layer import Live
from umap_bot.model.plan import Objection, Plan
from umap_bot.model.policy import Limits
from umap_bot.model.run import Run
from umap_bot.text import Text, say, say_n


class Question(msgspec.Struct, frozen=True):
    """What a rule is asked about."""

    plan: Plan
    live: Live
    limits: Limits
    history: tuple[Run, ...]


Rule: TypeAlias = Callable[[Question], Iterator[Objection]]


def features(count: int) -> Text:
    return say_n("{count} feature", "{count} features", count)


def share(count: int, total: int) -> Text:
    """Return what share of the total it is, as it stands after the numbers; nothing of nothing."""
    return say(" ({percent:.0f} %)", percent=100 * count / total) if total else Text("")


def percent(part: float) -> Text:
    return say("{percent:g} %", percent=100 * part)
