"""What the guard's rules are asked about, and the words they share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import msgspec

from bot.model.layer import Live
from bot.model.plan import Objection, Plan
from bot.model.policy import Limits
from bot.model.run import Run


class Question(msgspec.Struct, frozen=True):
    """What a rule is asked about."""

    plan: Plan
    live: Live
    limits: Limits
    history: tuple[Run, ...]


Rule: TypeAlias = Callable[[Question], Iterator[Objection]]


def features(count: int) -> str:
    return "1 feature" if count == 1 else f"{count} features"


def of(count: int, total: int) -> str:
    share = f" ({100 * count / total:.0f} %)" if total else ""
    return f"{count} of {features(total)}{share}"


def percent(share: float) -> str:
    return f"{100 * share:g} %"
