"""What was undone waits for a person, all else goes on, and it ends when the file says something else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.reconcile.test_recovery import AT, THERE, layer
from tests.reconcile.test_rollback import carried_out, published, rows
from tests.reconcile.worlds import base_left, dump, live_of
from umap_bot.model.base import Base
from umap_bot.model.layer import GEOMETRY, Commit, Layer, Live
from umap_bot.model.plan import Plan, cells_changed
from umap_bot.model.policy import Limit, Limits, Policy
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.guard.guard import guard, judged
from umap_bot.reconcile.undo.rollback import Rollback

GOOD = layer(a={"name": "A", "q": "1"}, b={"name": "B"}, c={"name": "C"})
WRONG = layer(a={"name": "??", "q": "1"}, b={"name": "B", "at": THERE}, d={"name": "D"})
"""A name and a place are wrong, c is gone, d is too much."""

WIDE = Limits(deletes=Limit(Decimal(100)), updates=Limit(Decimal(10_000)), creates=Limit(Decimal(10_000)))


def rolled_back(policy: Policy | None = None) -> tuple[Live, Base]:
    """What stands, and base, when WRONG was published after GOOD and undone."""
    live, base, _ = published(GOOD)
    sync = Sync(Commit("c2"), WRONG, policy or Policy())
    done, after, run = carried_out(sync.outcome(live, base).plan, live, base, 2)
    after = base_left(sync, done, after)
    back, again, _ = carried_out(Rollback(run, Policy()).outcome(done, after).plan, done, after, 3)
    assert again is not None
    return back, again


def guarded(file: Layer, live: Live, base: Base, policy: Policy | None = None) -> Plan:
    plan = Sync(Commit("c3"), file, policy or Policy()).outcome(live, base).plan
    return guard(plan, live, WIDE, ())


def unapproved(plan: Plan) -> Plan:
    """What of the plan goes on if nobody approved anything."""
    return judged(plan, lambda plan: None)


def changed(file: Layer, **cells: dict[str, Any]) -> Layer:
    """The file with some rows as given; None takes one out."""
    now = {key: {**row.properties, "at": row.geometry} for key, row in file.rows.items()} | cells
    return layer(**{key: row for key, row in now.items() if row})


def test_all_of_it_waits_and_both_runs_are_named() -> None:
    plan = guarded(WRONG, *rolled_back())
    (objection,) = plan.verdict.objections
    assert objection.rule == "redo"
    assert (
        str(objection.text)
        == "The file still asks for changes of run 2 that run 3 rolled back, in 4 features."
    )
    assert sorted(objection.features) == ["A", "B", "C", "D"], "as the map calls them"
    rest = unapproved(plan)
    assert not rest.verdict.held
    assert rest.effects.changes == ()
    assert rest.verdict.waiting == plan.effects.changes


def test_all_else_goes_on_and_base_keeps_what_waits() -> None:
    live, base = rolled_back()
    plan = unapproved(guarded(changed(WRONG, b={"name": "B2", "at": THERE}), live, base))
    assert not plan.verdict.held
    assert len(plan.effects.changes) == 1
    (update,) = plan.effects.updates
    assert [field.name for field in update.fields] == ["name"]
    assert update.move is None, "the place is what was undone"
    assert set(cells_changed(plan.verdict.waiting)) == {("a", "name"), ("b", GEOMETRY), ("c", ""), ("d", "")}


@pytest.mark.parametrize(
    ("repaired", "left"),
    [
        ({"a": {"name": "A!", "q": "1"}}, {"b", "c", "d"}),
        ({"b": {"name": "B", "at": AT}}, {"a", "c", "d"}),
        ({"c": {"name": "C"}}, {"a", "b", "d"}),
        ({"d": {"name": "D!"}}, {"a", "b", "c"}),
        ({"d": {}}, {"a", "b", "c"}),
    ],
    ids=["a cell", "a place", "a row is back", "a row is corrected", "a row is gone"],
)
def test_it_ends_where_the_file_says_something_else(repaired: dict[str, Any], left: set[str]) -> None:
    live, base = rolled_back()
    file = changed(WRONG, **repaired)
    plan = guarded(file, live, base)
    assert {redo.key for redo in plan.context.undone} == left
    done, _, _ = carried_out(unapproved(plan), live, base, 4)
    sync = Sync(Commit("c3"), file, Policy())
    outcome = sync.outcome(done, base)
    settled = outcome.base_after(unapproved(guard(outcome.plan, done, WIDE, ())))
    assert settled is not None
    assert set(settled.undone) == left


def test_a_persons_word_ends_it() -> None:
    live, base = rolled_back()
    plan = guarded(WRONG, live, base)
    done, advanced, _ = carried_out(plan, live, base, 4)
    sync = Sync(Commit("c3"), WRONG, Policy())
    settled = base_left(sync, done, advanced)
    assert settled is not None
    assert settled.undone == {}
    assert rows(settled) == rows(published(WRONG)[1])


def test_if_there_is_more_to_ask_all_of_it_waits() -> None:
    live, base = rolled_back()
    more = changed(WRONG, e={"name": "Siège"})
    drawn = dump({"type": "Feature", "properties": {"name": "Siège"}, "geometry": THERE, "id": "Own42"})
    plan = guarded(more, live_of([*live.standing.features, drawn]), base)
    assert [objection.rule for objection in plan.verdict.objections] == ["redo", "re-keyed", "look-alike"]
    rest = unapproved(plan)
    assert rest.verdict.waiting == plan.effects.changes, "all of it is about single features"


def test_what_only_the_undone_part_would_raise_is_not_asked_beside_it() -> None:
    """A deletion that was undone is one question, not two: the limit on deletions was passed then."""
    live, base = rolled_back()
    plan = guard(
        Sync(Commit("c3"), WRONG, Policy()).outcome(live, base).plan,
        live,
        Limits(deletes=Limit(Decimal(0))),
        (),
    )
    assert [objection.rule for objection in plan.verdict.objections] == ["redo"]


def test_a_cell_that_people_changed_since_is_not_overwritten_either() -> None:
    """Somebody put the wrong name right before the rollback: the file's wrong one must not come again."""
    live, base, _ = published(GOOD)
    sync = Sync(Commit("c2"), WRONG, Policy())
    done, after, run = carried_out(sync.outcome(live, base).plan, live, base, 2)
    after = base_left(sync, done, after)
    features = [raw.replace(b'"??"', b'"Right"') for raw in done.standing.features]
    edited = live_of(features)
    plan = Rollback(run, Policy()).outcome(edited, after).plan
    assert [(drift.key, drift.field, drift.live, drift.by) for drift in plan.context.drift] == [
        ("a", "name", "Right", 0)
    ]
    back, again, _ = carried_out(plan, edited, after, 3)
    assert again is not None
    next_plan = guarded(WRONG, back, again)
    assert ("a", "name") in {(redo.key, redo.field) for redo in next_plan.context.undone}
    assert unapproved(next_plan).effects.changes == ()
    assert unapproved(next_plan).context.drift == ()


def test_the_columns_that_a_run_dropped_are_back_and_not_dropped_again() -> None:
    live, base, _ = published(GOOD)
    narrow = Layer(
        file="f.csv",
        key="id",
        columns=("id", "name"),
        rows=layer(a={"name": "A"}, b={"name": "B"}, c={"name": "C"}).rows,
        places=True,
    )
    sync = Sync(Commit("c2"), narrow, Policy())
    done, after, run = carried_out(sync.outcome(live, base).plan, live, base, 2)
    after = base_left(sync, done, after)
    back, again, _ = carried_out(Rollback(run, Policy()).outcome(done, after).plan, done, after, 3)
    assert again is not None
    plan = guarded(narrow, back, again)
    assert [(redo.key, redo.field) for redo in plan.context.undone] == [("a", "q")]
    assert [objection.rule for objection in plan.verdict.objections] == ["redo"], "not the column too"
    settled = Sync(Commit("c3"), narrow, Policy()).outcome(back, again).base_after(unapproved(plan))
    assert settled is not None
    assert guarded(narrow, back, settled).context.undone == plan.context.undone, (
        "still known when a sync has gone on"
    )
