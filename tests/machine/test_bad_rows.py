"""The same machine over a file some rows of which can't be read now and then (DATASET_BAD_ROWS=wait)."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule
from msgspec.structs import replace

from tests.machine import test_machine
from tests.machine.test_machine import Machine, MemoryDataset, keys
from umap_bot.model.base import Base
from umap_bot.model.change import Delete
from umap_bot.model.layer import BadRows, Commit, Layer
from umap_bot.text import verbatim

TOLD = (verbatim("f.csv, row 3: lat is empty"),)


class SpoiltDataset(MemoryDataset):
    """A git repository in memory. `bad` goes from commit to the row that can't be read in it, and whether its
    id can."""

    def __init__(self, whole: MemoryDataset) -> None:
        super().__init__()
        self.commits = whole.commits
        self.bad: dict[str, tuple[str, bool]] = {}

    def spoil(self, key: str, *, unknown: bool) -> None:
        self.commit(self.commits[-1])
        self.bad[self.head().sha] = key, unknown

    def read(self, commit: Commit, base: Base | None = None) -> tuple[Commit, Layer]:
        known, layer = super().read(commit, base)
        if commit.sha not in self.bad:
            return known, layer
        bad, unknown = self.bad[commit.sha]
        rows = {key: row for key, row in layer.rows.items() if key != bad}
        found = BadRows(1, TOLD, frozenset() if unknown else frozenset({bad}), unknown)
        return known, replace(layer, rows=rows, bad_rows=found)


class SpoiltMachine(Machine):
    """What waits is not touched, and when all rows can be read again, all is as if they always could."""

    def __init__(self) -> None:
        super().__init__()
        self.dataset: SpoiltDataset = SpoiltDataset(self.dataset)

    @rule(key=keys, unknown=st.booleans())
    def spoil_a_row(self, key: str, unknown: bool) -> None:
        if len(self.dataset.commits[-1]) > 1 and key in self.dataset.commits[-1]:
            self.dataset.spoil(key, unknown=unknown)

    @rule()
    def mend(self) -> None:
        self.dataset.commit(self.dataset.commits[-1])

    @rule()
    def rest(self) -> None:
        if self._waits():
            return
        super().rest()

    def _waits(self) -> bool:
        """Tell whether a row can't be read: a run settles the rest, and none is idle."""
        if self.dataset.head().sha not in self.dataset.bad:
            return False
        run = self._run()
        assert run.outcome in {"done", "nothing", "held"}
        assert run.code == 3
        return True

    @rule()
    def calm(self) -> None:
        """In the end all can be read."""
        if self._waits():
            self.mend()
        super().calm()
        for run in self.journal.memory.runs:
            bad, unknown = self.dataset.bad.get(run.commit.sha, ("", False))
            changes = run.plan.effects.changes if run.plan and run.kind == "sync" else ()
            of_rows = [each for each in changes if not isinstance(each, Delete) or each.why == "row"]
            assert bad not in {each.key for each in of_rows}
            assert not (unknown and any(isinstance(each, Delete) for each in of_rows))


SETTINGS = test_machine.TestMachine.settings
TestSpoiltMachine = SpoiltMachine.TestCase
TestSpoiltMachine.settings = settings(SETTINGS, max_examples=SETTINGS.max_examples // 2)
