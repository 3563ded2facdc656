"""The rules that object, in the order in which they are told: the gravest first."""

from __future__ import annotations

from typing import Final

from bot.model.plan import Kind
from bot.reconcile.amounts import adoption, creates, deletes, first_contact, nothing_left, updates
from bot.reconcile.question import Rule
from bot.reconcile.redo import redo
from bot.reconcile.suspicions import (
    clones,
    columns_gone,
    drift_held,
    encoding_guessed,
    look_alikes,
    outside_area,
    rekeyed,
    reverted,
    strangers_held,
)

_SYNC: Final[tuple[Rule, ...]] = (
    redo,
    first_contact,
    nothing_left,
    deletes,
    updates,
    creates,
    encoding_guessed,
    rekeyed,
    look_alikes,
    columns_gone,
    outside_area,
    drift_held,
    strangers_held,
    reverted,
    clones,
)

RULES: Final[dict[Kind, tuple[Rule, ...]]] = {
    "sync": _SYNC,
    "adopt": (adoption,),
    "rollback": (look_alikes, clones),
}
"""The rules of each kind of run. A person who names a run to undo was not handed a wrong file: it is held by
no amount, only where it would double something on the map."""
