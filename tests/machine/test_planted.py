"""Each invariant of the machine is seen to fail on a bug that was planted for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

import umap_bot.model.plan
import umap_bot.reconcile.aims
import umap_bot.reconcile.comparison
import umap_bot.reconcile.outcome
import umap_bot.reconcile.recovery
import umap_bot.reconcile.undo.rollback
import umap_bot.run.attempt
import umap_bot.run.job
import umap_bot.run.step
from tests.machine.memory_journal import MemoryMemory
from tests.machine.memory_umap import KEPT, MemoryLayer, features_of
from tests.machine.test_machine import Machine, row
from tests.plans import but
from umap_bot.model.base import Base
from umap_bot.model.decision import Decision, Side
from umap_bot.model.layer import Collection as Standing
from umap_bot.model.layer import Live
from umap_bot.model.part import Part
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Policy
from umap_bot.model.run import Approval
from umap_bot.model.undo import Undo
from umap_bot.reconcile.apply import apply
from umap_bot.reconcile.comparison import compare
from umap_bot.reconcile.guard.rules import RULES
from umap_bot.reconcile.slices import cells_of
from umap_bot.reconcile.undo.redo import redo
from umap_bot.reconcile.undo.retreat import retreat
from umap_bot.reconcile.undo.trace import back

Planting = Callable[[pytest.MonkeyPatch], None]


def lost_saves_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(umap_bot.run.step, "carry", lambda lost_saves, live, key: live)


def landing_not_looked_for(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(umap_bot.run.step, "recover", lambda pending, base, standing: ())


def edits_not_told(patch: pytest.MonkeyPatch) -> None:
    def silent(*sides: Any) -> Plan:
        return but(compare(*sides), drift=())

    patch.setattr(umap_bot.reconcile.aims, "compare", silent)


def pushed_without_a_lock(patch: pytest.MonkeyPatch) -> None:
    push = MemoryLayer.push

    def blind(self: MemoryLayer, wanted: Standing, on: Live) -> None:
        event, self.before_push = self.before_push, None
        if event:
            event()
        push(self, wanted, msgspec.structs.replace(on, version=self.umap.version))

    patch.setattr(MemoryLayer, "push", blind)


def styles_dropped(patch: pytest.MonkeyPatch) -> None:
    def bare(plan: Plan, live: Live) -> Standing:
        wanted = apply(plan, live)
        if wanted == live.standing:
            return wanted
        features = features_of(wanted)
        for feature in features:
            feature["properties"].pop("_umap_options", None)
        return msgspec.structs.replace(wanted, features=tuple(json.dumps(one).encode() for one in features))

    patch.setattr(umap_bot.run.attempt, "apply", bare)


def base_from_the_map(patch: pytest.MonkeyPatch) -> None:
    """A held run must not settle: base would say that the file was published."""

    def settled(self: Any, _aim: Any, outcome: Any, run: Any, *_: Any) -> Any:
        base = outcome.base_after(but(outcome.plan, held=False))
        return self.session.close(msgspec.structs.replace(run, outcome="done"), base, None, None)

    patch.setattr(umap_bot.run.attempt.Attempt, "_settle", settled)


def idle_without_a_look_at_the_map(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(umap_bot.run.job.Job, "stamp", lambda self, commit, version: commit.sha)


def answer_believed(patch: pytest.MonkeyPatch) -> None:
    """A run that takes its push for done does not read again."""

    def trusting(self: Any, aim: Any, outcome: Any, live: Live, state: Any) -> Any:
        plan = outcome.plan
        run = self.session.open(aim.kind, aim.commit)
        if plan.verdict.approved:
            run = msgspec.structs.replace(run, approved=plan.fingerprint)
        wanted = apply(plan, live)
        if wanted != live.standing:
            state, run = self.session.intend(state, run, plan, live, wanted)
            self.layer.push(wanted, live)
        return self._settle(aim, outcome, run, live, state)

    patch.setattr(umap_bot.run.attempt.Attempt, "converge", trusting)


def kept_forgotten(patch: pytest.MonkeyPatch) -> None:
    close = MemoryMemory.close

    def forgetful(self: MemoryMemory, run: Any, base: Any, stamp: Any, seen: Any) -> Any:
        bare = base and msgspec.structs.replace(base, kept=type(base.kept)())
        return close(self, run, bare, stamp, seen)

    patch.setattr(MemoryMemory, "close", forgetful)


def undoing_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A settled run must go on remembering what was undone and left so."""
    patch.setattr(umap_bot.reconcile.outcome, "remembered", lambda sides: {})


def undone_again(patch: pytest.MonkeyPatch) -> None:
    """What a rollback undid and the file still asks for must not go with the rest."""
    rules = tuple(rule for rule in RULES["sync"] if rule is not redo)
    patch.setitem(RULES, "sync", rules)


def undone_whatever_people_did(patch: pytest.MonkeyPatch) -> None:
    """A rollback must look at what stands now, cell by cell."""

    def blind(self: Any, standing: Any) -> Any:
        live = cells_of(standing.feature)
        parts = [back(name, live.get(name), cell) for name, cell in self._to_undo()]
        if parts:
            yield self._update(standing, parts)

    patch.setattr(umap_bot.reconcile.undo.rollback._Undoing, "_cells", blind)


def base_not_put_back(patch: pytest.MonkeyPatch) -> None:
    """Base would still say that the undone file is published, and call the rollback a person's edit."""

    def remembering(base: Base, undo: Undo, changes: Any, by: int) -> Base:
        return msgspec.structs.replace(retreat(base, undo, changes, by), known=base.known)

    patch.setattr(umap_bot.reconcile.recovery, "retreat", remembering)


def any_approval_will_do(patch: pytest.MonkeyPatch) -> None:
    """A person's word for one plan must not carry out another."""
    patch.setattr(Approval, "is_of", lambda self, plan: True)


def decided_by_key_alone(patch: pytest.MonkeyPatch) -> None:
    _hold_by_key_alone(patch, "map")


def answered_by_key_alone(patch: pytest.MonkeyPatch) -> None:
    _hold_by_key_alone(patch, "file")


def _hold_by_key_alone(patch: pytest.MonkeyPatch, side: Side) -> None:
    """A decision for one side must hold for the values that it was made of alone."""
    holds_for = Decision.holds_for

    def widely(self: Decision, part: Part) -> bool:
        own = self.part
        same = (part.kind, part.key, part.cell) == (own.kind, own.key, own.cell)
        return same if self.side == side else holds_for(self, part)

    patch.setattr(Decision, "holds_for", widely)


def base_takes_what_waits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(umap_bot.reconcile.outcome, "_as_it_was", lambda plan: {})


def waiting_deletes_forgotten(patch: pytest.MonkeyPatch) -> None:
    leave = umap_bot.reconcile.outcome._leave

    def of_cells(known: Any, stays: Any, sides: Any) -> None:
        leave(known, {key: cells for key, cells in stays.items() if "" not in cells}, sides)

    patch.setattr(umap_bot.reconcile.outcome, "_leave", of_cells)


def what_waits_is_done(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(umap_bot.run.step, "judged", lambda plan, *_, **how: plan)


def what_waits_is_idle(patch: pytest.MonkeyPatch) -> None:
    close = MemoryMemory.close

    def silent(self: MemoryMemory, *ending: Any) -> Any:
        run = close(self, *ending)
        self.asked = None
        return run

    patch.setattr(MemoryMemory, "close", silent)


def what_waits_is_never_idle(patch: pytest.MonkeyPatch) -> None:
    close = MemoryMemory.close

    def unsettled(self: MemoryMemory, run: Any, base: Any, stamp: Any, seen: Any) -> Any:
        return close(self, run, base, None if run.waits else stamp, seen)

    patch.setattr(MemoryMemory, "close", unsettled)


def decisions_never_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(umap_bot.run.attempt, "over", lambda decisions, settled, sides: ())


def decisions_end_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(umap_bot.run.attempt, "over", lambda decisions, settled, sides: decisions)


def decisions_told_as_news(patch: pytest.MonkeyPatch) -> None:
    def told(drift: Any, outcome: Any) -> Any:
        return msgspec.structs.replace(drift, outcome=outcome)

    patch.setattr(umap_bot.model.plan, "_left", told)


def options_decide_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(umap_bot.run.attempt, "left_by_option", lambda usual, this: ())


PLANTED: list[tuple[Planting, str]] = [
    (lost_saves_forgotten, "is gone|came back without a word"),
    (landing_not_looked_for, r"Drift\(|is gone"),
    (edits_not_told, "without a word|is missing|stands 0 times"),
    (styles_dropped, "color of .* is gone"),
    (base_from_the_map, "done"),
    (idle_without_a_look_at_the_map, "not as the file says|is missing|stands 0 times"),
    (answer_believed, r"Drift\(|stands [02] times|without a word"),
    (kept_forgotten, r"stands 0 times|is missing|Drift\(|not as the file says"),
    (undoing_forgotten, "done again"),
    (undone_again, "done again"),
    (undone_whatever_people_did, "changed since, and undone"),
    (base_not_put_back, r"Drift\("),
    (any_approval_will_do, "approved by nobody|done again"),
    (decided_by_key_alone, "nobody decided so"),
    (base_takes_what_waits, "base of"),
    (waiting_deletes_forgotten, "base of"),
    (what_waits_is_done, "nobody said so|done again"),
    (what_waits_is_idle, "what waits is forgotten"),
    (what_waits_is_never_idle, "an idle run"),
    (decisions_end_at_once, "is not kept"),
    (decisions_told_as_news, "told as news"),
]
"""Each bug, and the words of the invariant that finds it."""

SOON: Final = {
    decisions_told_as_news: 11,
    styles_dropped: 42,
    decided_by_key_alone: 1,
    kept_forgotten: 5,
    edits_not_told: 2,
    landing_not_looked_for: 1,
    undone_whatever_people_did: 44,
    lost_saves_forgotten: 2,
}
"""Seeds with which chance finds a bug in one of its first histories; it does with any, in up to a minute."""


@pytest.mark.parametrize(("plant", "words"), PLANTED, ids=[plant.__name__ for plant, _ in PLANTED])
def test_a_planted_bug_is_found(plant: Planting, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    hunt = settings(
        max_examples=400,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    with pytest.raises(AssertionError, match=words):
        run_state_machine_as_test(hunted(plant), settings=hunt)


def hunted(plant: Planting) -> type[Machine]:
    """Return the machine, with the seed of this bug if it has one."""

    class Hunted(Machine):
        pass

    return seed(SOON[plant])(Hunted) if plant in SOON else Machine


def killed_at_any_transaction() -> None:
    """Somebody's drawing is saved just before a push, the run dies, the tab saves on until uMap forgets."""
    for kill in range(1, 15):
        machine = Machine()
        machine.begin([row("c", "2", "2", 3)], Policy("overwrite", "recreate"))
        machine.open_a_tab()
        machine.write_a_row(row("a", "1", "", 2))
        machine.draw(tab=0, x=1)
        machine.sync(fault="", kill=kill, after=True, when="before_push")
        for _ in range(KEPT):
            machine.draw(tab=0, x=2)
            machine.save(tab=0)
        machine.teardown()


def test_a_push_without_a_lock_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chance finds it seldom: the debts mostly give back what such a push ran over."""
    killed_at_any_transaction()
    pushed_without_a_lock(monkeypatch)
    with pytest.raises(AssertionError, match="is gone"):
        killed_at_any_transaction()


def plain_sync(machine: Machine) -> None:
    machine.sync(fault="", kill=None, after=False, when="")


def the_file_says_again_what_was_kept_off_once() -> None:
    """A file's value is kept off the map, another comes and goes, and then the first one again."""
    machine = Machine()
    machine.begin([row("a", "", "1", 1)], Policy())
    machine.write_a_row(row("a", "", "2", 1))
    machine.keep(feature=0, field="")
    for value in ("2", "3", "1", "2"):
        machine.write_a_row(row("a", "", value, 1))
        plain_sync(machine)
    machine.teardown()


def edited_again_after_the_word() -> None:
    """A person's edit is overruled, but before that somebody makes another of the same cell."""
    machine = Machine()
    machine.begin([row("a", "1", "", 1)], Policy("hold"))
    machine.open_a_tab()
    for value in ("p1", "p2"):
        machine.edit(tab=0, place=0, cell="name", value=value, key="")
        machine.save(tab=0)
        if value == "p1":
            plain_sync(machine)
            machine.approve_a_part(number=0, feature=0)
    plain_sync(machine)
    machine.teardown()


def kept_for_once() -> None:
    """The file wins, but for this edit, by an option of one run."""
    machine = Machine()
    machine.begin([row("a", "1", "", 1)], Policy("overwrite"))
    machine.open_a_tab()
    machine.edit(tab=0, place=0, cell="name", value="p1", key="")
    machine.save(tab=0)
    machine.sync(fault="", kill=None, after=False, when="", once="drift")
    machine.teardown()


@pytest.mark.parametrize(
    ("history", "plant", "words"),
    [
        (the_file_says_again_what_was_kept_off_once, decisions_never_end, "nobody decided so"),
        (edited_again_after_the_word, answered_by_key_alone, "nobody said so"),
        (kept_for_once, options_decide_nothing, "is taken back"),
    ],
)
def test_a_planted_bug_is_found_by_a_history(
    history: Callable[[], None], plant: Planting, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chance makes such histories seldom."""
    history()
    plant(monkeypatch)
    with pytest.raises(AssertionError, match=words):
        history()
