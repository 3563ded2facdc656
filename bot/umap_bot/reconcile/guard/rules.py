"""The rules that object, in the order in which they are told: the gravest first."""

from __future__ import annotations

from typing import Final

from umap_bot.model.plan import Kind
from umap_bot.reconcile.guard.amounts import adoption, creates, deletes, first_contact, nothing_left, updates
from umap_bot.reconcile.guard.jumps import far_jumps
from umap_bot.reconcile.guard.question import Rule
from umap_bot.reconcile.guard.suspicions import (
    columns_gone,
    drift_held,
    duplicates,
    encoding_guessed,
    look_alikes,
    orphaned,
    outside_area,
    places_gone,
    rekeyed,
    renumbered,
    reverted,
    unmanaged_held,
)
from umap_bot.reconcile.strayed import strayed
from umap_bot.reconcile.undo.redo import redo

_SYNC: Final[tuple[Rule, ...]] = (
    redo,
    strayed,
    first_contact,
    orphaned,
    nothing_left,
    renumbered,
    deletes,
    updates,
    creates,
    encoding_guessed,
    rekeyed,
    look_alikes,
    columns_gone,
    places_gone,
    outside_area,
    far_jumps,
    drift_held,
    unmanaged_held,
    reverted,
    duplicates,
)

RULES: Final[dict[Kind, tuple[Rule, ...]]] = {
    "sync": _SYNC,
    "adopt": (adoption,),
    "rollback": (look_alikes, duplicates),
}
"""The rules of each kind of run. A person who names a run to undo was not handed a wrong file: it is held by
no amount, only where it would double something on the map."""
