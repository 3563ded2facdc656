"""What rollbacks undid, and that no sync does it again by itself: kept beside the bot's own memory of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.machine.ledger import Ledger
from tests.machine.memory_journal import MemoryMemory
from umap_bot.model.canon import canonical, canonical_geometry
from umap_bot.model.change import Change, Create, Update
from umap_bot.model.layer import GEOMETRY, Feature
from umap_bot.model.run import Run

At = tuple[str, str]
"""A key, and a cell of it; "" is the whole feature."""

GONE = "gone"
"""What a change leaves of a feature that it removes."""


@dataclass
class Undoing:
    """Rollback `run` undid what the file said in a cell; after it came commit and edit number so and so."""

    value: Any
    run: int
    commit: int
    edit: int


@dataclass
class Undone:
    """`approved` are the fingerprints that a person ever gave a word for, `decided` their words on single
    cells."""

    ledger: Ledger
    decided: Callable[[At], bool] = lambda about: False
    open: dict[At, Undoing] = field(default_factory=dict)
    approved: set[str] = field(default_factory=set)
    looked: int = 0

    def check(self, memory: MemoryMemory) -> None:
        """Look through what came to stand since the last check."""
        for number, change in memory.changes[self.looked :]:
            run = memory.run(number)
            self.looked += 1
            for cell, before, after in cells(change):
                if run.kind == "rollback":
                    if cell:
                        assert before in _left(run, change.key, cell, memory), (
                            f"{cell!r} of {change.key} was changed since, and undone"
                        )
                    self.open[change.key, cell] = Undoing(before, number, self._commit, len(self.ledger.all))
                else:
                    self._not_again(change, cell, after, run, memory)

    @property
    def _commit(self) -> int:
        return len(self.ledger.history) - 1

    def _not_again(self, change: Change, cell: str, after: Any, run: Run, memory: MemoryMemory) -> None:
        undoing = self.open.get((change.key, cell))
        if undoing is None or undoing.value != after:
            return
        asked = self._file_said_else(change.key, cell, undoing, memory) or self._person_did(
            change.key, undoing
        )
        asked = asked or self.decided((change.key, cell))
        assert asked or self._approved(run, memory), f"{cell!r} of {change.key} was undone, and done again"
        del self.open[change.key, cell]

    def _file_said_else(self, key: str, cell: str, undoing: Undoing, memory: MemoryMemory) -> bool:
        """Tell whether a version of the file since, or an older one that a person approved, says else."""
        later = [int(run.commit.sha) for run in memory.runs[undoing.run :] if run.kind == "sync"]
        since = [*self.ledger.history[undoing.commit :], *(self.ledger.history[one] for one in later)]
        return any(_said(rows.get(key), cell) != undoing.value for rows in since)

    def _person_did(self, key: str, undoing: Undoing) -> bool:
        """Somebody set about this feature since: what stood then is nobody's to undo any more."""
        ids = {umap_id for umap_id, had in self.ledger.had if had == key}
        return any(edit.umap_id in ids for edit in self.ledger.all[undoing.edit :])

    def _approved(self, run: Run, memory: MemoryMemory) -> bool:
        named = {intent.plan.fingerprint for intent in memory.intents if intent.run == run.number}
        return bool(named & self.approved)


def _left(rollback: Run, key: str, cell: str, memory: MemoryMemory) -> list[Any]:
    """What the undone run had left in a cell."""
    plan = memory.run(rollback.number).plan
    assert plan is not None
    assert plan.effects.undo is not None
    applied = memory.run(plan.effects.undo.run).applied
    return [
        after for change in applied if change.key == key for name, _, after in cells(change) if name == cell
    ]


def cells(change: Change) -> Iterator[tuple[str, Any, Any]]:
    """Each cell that a change wrote, before and after; of a whole feature what the file says of it."""
    if isinstance(change, Update):
        for one in change.fields:
            yield one.name, _canonical(one.before), _canonical(one.after)
        if change.move:
            yield GEOMETRY, canonical_geometry(change.move.before), canonical_geometry(change.move.after)
    elif isinstance(change, Create):
        yield "", GONE, _whole(Feature(change.properties, change.geometry))
    elif change.why in {"row", "undo"}:
        gone = change.inverse()
        yield "", _whole(Feature(gone.properties, gone.geometry)), GONE


def _said(row: Feature | None, cell: str) -> Any:
    if cell == "":
        return _whole(row) if row else GONE
    if row is None:
        return None
    return canonical_geometry(row.geometry) if cell == GEOMETRY else canonical(row.properties.get(cell))


def _whole(row: Feature) -> Any:
    own = {name: canonical(row.properties.get(name)) for name in ("id", "name", "q")}
    return (*own.items(), str(canonical_geometry(row.geometry)))


def _canonical(value: Any) -> Any:
    return canonical(value) if isinstance(value, str) else None
