"""Single histories that once went wrong, or that the machine can't reach."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
import pytest

from tests.machine.kills import Countdown, Killed
from tests.machine.memory_umap import collection
from tests.machine.test_machine import WIDE, Machine, point, row
from umap_bot.errors import UsageError
from umap_bot.model.decision import Decision
from umap_bot.model.layer import Save
from umap_bot.model.policy import Area, Policy
from umap_bot.run.deciding import keep
from umap_bot.run.job import Job, Work

OFFICE: dict[str, Any] = {"type": "Feature", "properties": {"name": "Office"}, "geometry": point(3)}


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


def kept(machine: Machine, key: str, field: str = "") -> tuple[Decision, ...]:
    work = Work(machine.job, machine.dataset, machine.layer)
    return keep(work, [key], field, "Ana", machine.journal, machine.clock)


def test_the_id_of_a_feature_can_not_be_kept() -> None:
    """Without it the feature is found again only as long as uMap keeps its own id."""
    machine = Machine()
    machine.begin([row("a", "1", "", 1)], Policy())
    machine.open_a_tab()
    machine.edit(tab=0, place=0, cell="id", value="", key="")
    machine.save(tab=0)
    with pytest.raises(UsageError, match="can't be kept"):
        kept(machine, "a")
    machine.write_a_row(row("a", "2", "", 1))
    (made,) = kept(machine, "a")
    assert made.part.cell == "name", "what else a sync would change there can be"


def test_a_second_copy_that_is_the_same_can_not_be_kept() -> None:
    machine = Machine()
    machine.begin([row("a", "1", "", 1)], Policy())
    machine.open_a_tab()
    machine.duplicate(tab=0, place=0)
    machine.save(tab=0)
    with pytest.raises(UsageError, match="can't be kept"):
        kept(machine, "a")


def test_an_option_decides_what_people_do_while_its_run_pushes_too() -> None:
    machine = Machine()
    machine.begin([row("a", "1", "", 1)], Policy("overwrite", "recreate", "remove"))
    machine.open_a_tab()
    machine.draw(tab=0, x=4)
    machine.write_a_row(row("a", "2", "", 1))
    machine.sync(fault="", kill=None, after=False, when="inside_push", once="foreign")
    assert [each.part.kind for each in machine.journal.memory.decisions] == ["delete"]
    machine._run()
    assert "own01" in {feature["id"] for feature in machine.umap.live}


def test_an_option_decides_nothing_that_only_waits() -> None:
    """`--drift keep` is no word on what somebody deleted."""
    machine = Machine()
    machine.begin([row("a", "1", "", 1), row("b", "1", "", 2)], Policy("overwrite", "hold"))
    machine.open_a_tab()
    machine.delete(tab=0, place=0)
    machine.edit(tab=0, place=0, cell="name", value="p1", key="")
    machine.save(tab=0)
    machine.sync(fault="", kill=None, after=False, when="", once="drift")
    assert [(each.part.key, each.part.cell) for each in machine.journal.memory.decisions] == [("b", "name")]
    assert machine._run().waits


def test_a_first_sync_of_which_all_is_in_doubt_by_itself_settles_nothing() -> None:
    """By the base that it would leave, the next run would remove what people drew."""
    machine = Machine()
    machine.umap.store([{**OFFICE, "id": f"own0{number}"} for number in range(1, 6)])
    machine.job = Job(layer="layer", policy=Policy(foreign="remove"), limits=WIDE)
    machine.dataset.commit({"a": row("a", "Office", "", 3)})
    for _ in range(3):
        run = machine._run()
        assert run.plan is not None
        assert (run.outcome, run.plan.verdict.held, machine.journal.memory.base) == ("held", True, None)
    assert len(machine.umap.live) == 5


@pytest.mark.parametrize("after", [False, True])
def test_a_first_sync_of_which_a_part_waits_is_one_wherever_it_was_killed(*, after: bool) -> None:
    """What the killed run added is no layer that others had filled."""
    for kill in range(1, 14):
        machine = Machine()
        area = msgspec.structs.replace(WIDE, area=Area(west=0, south=0, east=2, north=2))
        machine.job = Job(layer="layer", policy=Policy(), limits=area)
        machine.dataset.commit({"a": row("a", "A", "", 1), "far": row("far", "Far", "", 3)})
        with suppress(Killed):
            machine._run(Countdown(kill, after=after))
        for _ in range(2):
            run = machine._run()
            assert run.plan is not None
            assert (run.plan.verdict.held, run.code) == (False, 3)
        assert [feature["properties"]["id"] for feature in machine.umap.live] == ["a"]


def test_a_decision_is_no_word_on_a_rollback() -> None:
    """Its value may be just that of what is undone."""
    machine = Machine()
    machine.begin([row("a", "1", "", 1)], Policy())
    machine.write_a_row(row("a", "2", "", 1))
    assert machine._run().number == 2
    machine.write_a_row(row("a", "1", "", 1))
    kept(machine, "a")
    machine.rollback(number=0, fault="", kill=None, after=False, when="")
    (a,) = machine.umap.live
    assert a["properties"]["name"] == "1"
