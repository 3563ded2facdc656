"""The machine once more, with a memory that may be lost, or replaced by an old copy, at any moment."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest
from hypothesis import Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

import tests.machine.test_machine as once
import umap_bot.reconcile.guard.rules
import umap_bot.run.step
from tests.machine.decided import WatchedMemory, Word
from tests.machine.forgetting import ForgetfulLedger, copy_of
from tests.machine.memory_journal import MemoryMemory
from tests.machine.people import Tab
from tests.machine.test_machine import Machine
from tests.machine.undone import Undone
from umap_bot.model.base import Base


class Forgetful(Machine):
    """A bot that forgets."""

    def __init__(self) -> None:
        super().__init__()
        self.forgetful = ForgetfulLedger(self.umap, history=self.dataset.commits)
        self.ledger = self.forgetful
        self.decided.approved = self.forgetful.approved
        self.undone = self._unknowing()
        self.copies: list[tuple[MemoryMemory, dict[int, Word]]] = []

    @rule()
    def lose_state(self) -> None:
        self._go_on_with(WatchedMemory(self.clock, watch=self.decided), {})

    @rule(place=st.integers(0, 3), value=st.sampled_from(["1", "p1"]))
    def lose_state_just_after_an_edit_of_a_row_that_goes(self, place: int, value: str) -> None:
        tab = Tab.open(self.umap)
        if tab.features:
            edited = place % len(tab.features)
            tab.set(edited, "name", value)
            self._save(tab)
            self.lose_state()
            self.delete_a_row(key=str(tab.features[edited]["properties"].get("id")))

    @rule()
    def copy_state(self) -> None:
        self.copies.append((copy_of(self.journal.memory), deepcopy(self.decided.words)))

    @precondition(lambda self: self.copies)
    @rule()
    def restore_state(self) -> None:
        memory, words = self.copies[-1]
        self._go_on_with(copy_of(memory), deepcopy(words))

    def _go_on_with(self, memory: MemoryMemory, words: dict[int, Word]) -> None:
        self.forgetful.lose(self.journal.memory, self.umap.live)
        self.journal.memory, self.decided.words = memory, words
        # What was undone is forgotten too, or known as it was then.
        self.undone = self._unknowing(looked=len(memory.changes))

    def _unknowing(self, looked: int = 0) -> Undone:
        return Undone(
            self.ledger, self.decided.ever_for_file, approved=self.forgetful.approved, looked=looked
        )


TestForgetful = Forgetful.TestCase
TestForgetful.settings = settings(once.TestMachine.settings)


def guesses_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Base, "is_guess", property(lambda self: False))


def first_contact_unasked(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(umap_bot.reconcile.guard.rules.RULES, "sync", ())


def lost_saves_of_a_copy_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(umap_bot.run.step, "carry", lambda lost_saves, live, key: live)


@pytest.mark.parametrize(
    ("plant", "words", "soon"),
    [
        (guesses_believed, "went by guess", 25),
        (first_contact_unasked, "without a word|nobody said so", 0),
        (lost_saves_of_a_copy_forgotten, "without a word|is gone", 1),
    ],
)
def test_a_planted_bug_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], words: str, soon: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`soon`: a seed with which chance finds it in one of its first histories; it does with any, in half a
    minute."""

    class Hunted(Forgetful):
        pass

    plant(monkeypatch)
    hunt = settings(TestForgetful.settings, max_examples=2000, phases=[Phase.generate])
    with pytest.raises(AssertionError, match=words):
        run_state_machine_as_test(seed(soon)(Hunted), settings=settings(hunt, report_multiple_bugs=False))
