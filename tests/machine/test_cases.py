"""Single histories that once went wrong, or that the machine can't reach."""

from __future__ import annotations

import msgspec

from tests.machine.memory_umap import collection
from tests.machine.test_machine import Machine, row
from umap_bot.model.layer import Save
from umap_bot.model.policy import Policy


def settled_after_a_race(policy: Policy) -> Machine:
    """A push ran over a person's move of `a`, and the file's place won."""
    machine = Machine()
    machine.begin([row("a", "", "", 2)], policy)
    machine.open_a_tab()
    machine.write_a_row(row("b", "", "", 2))
    machine.move(tab=0, place=0, x=1)
    machine.sync(fault="", kill=None, after=False, when="inside_push")
    return machine


def test_what_a_push_ran_over_and_policy_overrules_is_told_and_settled_without_another_push() -> None:
    machine = settled_after_a_race(Policy("overwrite"))
    run = machine.journal.memory.runs[-1]
    assert (run.outcome, run.pushes) == ("done", 1)
    assert [drift.key for drift in run.drift] == ["a"]
    assert machine.layer.pushes == 2


def test_what_a_push_ran_over_comes_back_where_the_map_wins() -> None:
    machine = settled_after_a_race(Policy("keep"))
    (a, _) = machine.umap.live
    assert a["geometry"]["coordinates"] == [1, 1]


def test_a_lost_save_that_somebody_restores_later_is_seen() -> None:
    """Base must not know the slice of a save that never stood when the run settled."""
    machine = settled_after_a_race(Policy("overwrite"))
    lost = machine.umap.versions[-2][1]
    (_, b) = machine.umap.live
    machine.umap.store([*lost, b])
    run = machine._run()
    assert (run.outcome, [drift.key for drift in run.drift]) == ("done", ["a"])


def test_a_save_that_umap_no_longer_keeps_is_told() -> None:
    machine = Machine()
    machine.begin([row("a", "", "", 2)], Policy())
    memory = machine.journal.memory
    ours = collection(machine.umap.live)
    memory.owed["1764000000000"] = Save("1764000000000", ours, ours, None)
    run = machine._run()
    assert run.plan is not None
    assert "24 Nov 2025" in run.plan.context.warnings[-1]
    assert machine._run().number == 0, "told once"


def test_another_policy_or_setting_is_no_idle_run() -> None:
    machine = Machine()
    machine.begin([row("a", "", "", 2)], Policy())
    assert machine._run().number == 0
    machine.job = msgspec.structs.replace(machine.job, shape=("another column",))
    assert machine._run().number == 2
    machine.job = msgspec.structs.replace(machine.job, policy=Policy("keep"))
    assert machine._run().number == 3
