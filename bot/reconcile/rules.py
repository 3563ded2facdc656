"""The rules that object, in the order in which they are told: the gravest first."""

from __future__ import annotations

from typing import Final

from bot.model.plan import Kind
from bot.reconcile.amounts import adoption, creates, deletes, first_contact, nothing_left, updates
from bot.reconcile.question import Rule
from bot.reconcile.suspicions import (
    clones,
    columns_gone,
    drift_held,
    encoding_guessed,
    look_alikes,
    outside_area,
    reverted,
    strangers_held,
)

_SYNC: Final[tuple[Rule, ...]] = (
    first_contact,
    nothing_left,
    deletes,
    updates,
    creates,
    encoding_guessed,
    look_alikes,
    columns_gone,
    outside_area,
    drift_held,
    strangers_held,
    reverted,
    clones,
)

RULES: Final[dict[Kind, tuple[Rule, ...]]] = {"sync": _SYNC, "adopt": (adoption,), "rollback": _SYNC}
"""The rules of each kind of run."""
