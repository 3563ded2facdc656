"""What may be said, and may go, once the bot's memory was lost or is an old copy; and what still may not."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from msgspec import UNSET

from tests.machine.ledger import Ledger, _canonical, _cell, _row_cell, _told_value
from tests.machine.memory_journal import MemoryMemory
from umap_bot.model.canon import Canon, Value, canonical, canonical_geometry
from umap_bot.model.change import Change, Create, Delete, Field, Update
from umap_bot.model.drift import Drift, DriftKind
from umap_bot.model.layer import GEOMETRY, Feature
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Policy

UNTOUCHED = "v1"
"""The layer as it was made: nobody has been there."""

OWNED = ("id", "name", "q", "geometry")


def copy_of(memory: MemoryMemory) -> MemoryMemory:
    """A copy that nothing which happens to the original reaches."""
    held = copy(memory)
    for one in fields(memory):
        value = getattr(memory, one.name)
        if isinstance(value, (list, dict)):
            setattr(held, one.name, value.copy())
    return held


@dataclass
class ForgetfulLedger(Ledger):
    """A ledger that has read every log, also those of memories that are lost.

    `lost` are these memories, `approved` the fingerprints that a person ever gave a word for. What they told
    was told; where the bot knows no more, a person's word on a first sync is the word that policy needs, and
    what the file once said may be taken for an edit.
    """

    lost: list[MemoryMemory] = field(default_factory=list)
    approved: set[str] = field(default_factory=set)

    def check(self, rows: dict[str, Feature], policy: Policy, memory: MemoryMemory) -> None:
        logs = [*self.lost, memory]
        for each in logs:
            self._nothing_went_by_guess(each)
        whole = replace(
            memory,
            told=[one for each in logs for one in (*each.told, *_said_of_a_first_sync(each))],
            changes=[one for each in logs for one in each.changes],
        )
        super().check(rows, policy, whole)

    def lose(self, memory: MemoryMemory, live: list[dict[str, Any]]) -> None:
        """Note that a memory is gone, and with it what only it knew: which saves its last push ran over."""
        self.lost.append(memory)
        if memory.last_push is None and not memory.lost_saves:
            return
        standing = {feature["id"]: feature for feature in live}
        self.last = {
            (umap_id, cell): value
            for (umap_id, cell), value in self.last.items()
            if _stands(standing.get(umap_id), cell, value)
        }

    def _nobody_is_blamed(self, memory: MemoryMemory) -> None:
        told = [one for one in memory.told if one[0] != READ]
        told = [one for one in told if not (self.lost and self._explained(one[1]))]
        super()._nobody_is_blamed(replace(memory, told=told))

    def _explained(self, drift: Drift) -> bool:
        """Tell whether it may be ours: what the file once said, or a lost memory was about to write."""
        plans = (intent.plan for memory in self.lost for intent in memory.intents)
        changes = (change for plan in plans for change in plan.effects.changes if change.key == drift.key)
        return self._the_file_said(drift) or any(_leaves(change, drift) for change in changes)

    def _the_file_said(self, drift: Drift) -> bool:
        said = [rows.get(drift.key) for rows in self.history]
        if drift.field == "":
            return None in said
        cell = "geometry" if drift.field == GEOMETRY else drift.field
        return any(row is not None and _row_cell(row, cell) == _told_value(drift) for row in said)

    def _nothing_went_by_guess(self, memory: MemoryMemory) -> None:
        for number, change in memory.changes:
            plan = memory.run(number).plan
            if plan and isinstance(change, Delete) and change.why == "row":
                assert not plan.context.first, f"{change.key} was removed by a first sync"
                assert not _is_guess(plan) or self._was_published(change), f"{change.key} went by guess"

        for intent in memory.intents:
            if intent.plan.context.first and intent.before.features and not intent.plan.verdict.held:
                assert intent.plan.fingerprint in self.approved, "a first sync was made without a word"

    def _was_published(self, change: Delete) -> bool:
        """Tell whether the file ever said just what stood in the feature."""
        gone = change.inverse()
        now = {"properties": gone.properties, "geometry": gone.geometry}
        return any(
            all(_row_cell(row, cell) == _cell(now, cell) for cell in OWNED)
            for row in (rows.get(change.key) for rows in self.history)
            if row is not None
        )


def _is_guess(plan: Plan) -> bool:
    return any("it is closest to the map" in warning for warning in plan.context.warnings)


def _stands(feature: dict[str, Any] | None, cell: str, value: Any) -> bool:
    if cell == "" or feature is None:
        return (feature is None) == (value is None)
    return bool(_cell(feature, cell) == _canonical(cell, value))


def _leaves(change: Change, drift: Drift) -> bool:
    """Tell whether a change leaves what is said to be a person's edit."""
    if isinstance(change, Delete):
        return drift.field == ""
    if isinstance(change, Update) and change.move and drift.field == GEOMETRY:
        return bool(canonical_geometry(change.move.after) == _told_value(drift))
    fields = change.fields if isinstance(change, Update) else ()
    return any(one.name == drift.field and _after(one) == _told_value(drift) for one in fields)


def _after(one: Field) -> Canon:
    return None if one.after is UNSET else canonical(one.after)


READ: Final = 0
"""Where the number of a run would stand: no run blamed anybody for this."""


def _said_of_a_first_sync(memory: MemoryMemory) -> list[tuple[int, Drift]]:
    """What a person read, and gave their OK to, where nobody can tell an edit from what was published."""
    unknowing = {
        intent.run
        for intent in memory.intents
        if (intent.plan.context.first or _is_guess(intent.plan)) and intent.version != UNTOUCHED
    }
    read = (change for number, change in memory.changes if number in unknowing)
    return [(READ, drift) for change in read for drift in _as_drift(change)]


def _as_drift(change: Change) -> list[Drift]:
    if isinstance(change, Create):
        return [_drift(change.key, "", None)]
    if not isinstance(change, Update):
        return []
    cells: dict[str, Value] = {
        one.name: None if one.before is UNSET else one.before for one in change.fields
    } | ({GEOMETRY: change.move.before} if change.move else {})
    return [_drift(change.key, cell, value) for cell, value in cells.items()]


def _drift(key: str, cell: str, live: Value) -> Drift:
    kind: DriftKind = "conflict" if cell else "deleted"
    return Drift(key=key, name="", field=cell, kind=kind, outcome="overwrite", live=live)
