"""Parts of plans: what waits or was decided is out of it, and base says of that what it said."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.plans import but
from tests.reconcile.test_laws import advanced, after, contents
from tests.reconcile.test_redo import WIDE
from tests.reconcile.test_rules import PLAN
from tests.reconcile.test_rules import live as live_of_nothing
from tests.reconcile.worlds import World, worlds
from umap_bot.model.base import Base, Known
from umap_bot.model.canon import canonical, canonical_geometry
from umap_bot.model.change import Change, Create, Delete, Field, Move, Update
from umap_bot.model.decision import Decision, Side
from umap_bot.model.drift import Drift, Unmanaged
from umap_bot.model.layer import GEOMETRY, Live
from umap_bot.model.part import Part, parts_of, split
from umap_bot.model.plan import Objection, Plan, cells_changed
from umap_bot.model.policy import Policy
from umap_bot.reconcile.decided import left_by_option, named, over
from umap_bot.reconcile.guard.guard import guard, judged
from umap_bot.reconcile.guard.question import Question
from umap_bot.reconcile.guard.rules import RULES
from umap_bot.reconcile.slices import content, decode
from umap_bot.text import verbatim


def plan_of(world: World, **how: Any) -> Plan:
    return world.sync(**how).outcome(world.live, world.base).plan


def all_parts(plan: Plan) -> list[Part]:
    return [part for change in plan.effects.changes for part in parts_of(change)]


def some(draw: Any, plan: Plan) -> frozenset[Part]:
    """Parts that a person may be asked about: of a second copy that is the same nobody is."""
    asked = [one for one in plan.effects.changes if not isinstance(one, Delete) or one.why != "double"]
    return frozenset(part for part in all_parts(plan.doing(asked)) if draw.draw(st.booleans()))


def cells(changes: tuple[Change, ...]) -> list[Part]:
    return sorted((part for change in changes for part in parts_of(change)), key=repr)


# split


@given(worlds(), st.data())
def test_what_is_left_and_what_is_taken_are_the_change(world: World, draw: Any) -> None:
    plan = plan_of(world)
    parts = some(draw, plan)
    left, taken = split(plan.effects.changes, parts)
    assert cells(left + taken) == cells(plan.effects.changes)
    assert set(cells(taken)) == parts
    assert not set(cells(left)) & parts
    assert split(left, parts) == (left, ())
    assert split(taken, parts) == ((), taken)


@given(worlds(), st.data(), st.booleans())
def test_both_carried_out_in_either_order_are_the_whole(world: World, draw: Any, first: Any) -> None:
    plan = plan_of(world)
    rows = tuple(change for change in plan.effects.changes if isinstance(change, Update))
    plan = plan.doing(rows)  # of what comes and goes the places change
    left, taken = split(plan.effects.changes, some(draw, plan))
    one, two = (left, taken) if first else (taken, left)
    between = after(plan.doing(one), world.live)
    assert contents(after(plan.doing(two), between)) == contents(after(plan, world.live))


@given(worlds(), st.data())
def test_what_came_or_goes_is_one_or_the_other(world: World, draw: Any) -> None:
    plan = plan_of(world)
    left, taken = split(plan.effects.changes, some(draw, plan))
    whole = [change for change in plan.effects.changes if not isinstance(change, Update)]
    assert [change for change in whole if change in left or change in taken] == whole


def test_another_value_on_either_side_is_another_part() -> None:
    def part(before: str, now: str) -> Part:
        return parts_of(Update(key="a", name="A", fields=(Field("q", before, now),)))[0]

    assert part("1", "2") == part("1", "2")
    assert len({part("1", "2"), part("1", "3"), part("2", "2")}) == 3


def test_places_names_and_umap_ids_are_no_part_of_it() -> None:
    update = Update(key="a", name="A", fields=(Field("q", "1", "2"),), place=3, umap_id="x")
    moved = msgspec.structs.replace(update, name="B", place=1, umap_id="y", at=(1.0, 2.0))
    assert parts_of(update) == parts_of(moved)


def test_what_people_drew_is_the_same_whatever_umap_id_it_gets() -> None:
    """Our own push deals one out to features without any."""
    given = msgspec.structs.replace(
        UNNAMED[0], key="aB3dE", umap_id="aB3dE", raw=UNNAMED[0].raw[:-1] + ',"id":"aB3dE"}'
    )
    assert parts_of(given) == parts_of(UNNAMED[0]) != parts_of(UNNAMED[1])


# asking and leaving


@given(worlds(), st.data(), st.sampled_from(["asking", "leaving"]))
def test_base_says_of_it_what_it_said_and_of_all_else_what_it_would(
    world: World, draw: Any, how: str
) -> None:
    outcome = world.sync().outcome(world.live, world.base)
    assume(not outcome.plan.context.duplicates)
    plan: Plan = getattr(outcome.plan, how)(some(draw, outcome.plan))
    done = after(plan, world.live)
    settled = _settled(world, plan, done)
    out = set(cells_changed((*plan.verdict.waiting, *plan.verdict.kept)))
    for key, cell in out:
        assert _said(world.base, key, cell) == _said(settled, key, cell)
    whole = _settled(world, outcome.plan, after(outcome.plan, world.live))
    for key in {*settled.known, *whole.known}:
        for cell in [*settled.columns, GEOMETRY]:
            if not {(key, cell), (key, "")} & out:
                assert _said(settled, key, cell) == _said(whole, key, cell)


def _settled(world: World, plan: Plan, done: Live) -> Base:
    base = world.sync().outcome(done, advanced(world, plan, done)).base_after(plan)
    assert base is not None
    return base


def _said(base: Base, key: str, cell: str) -> Any:
    known: Known | None = base.known.get(key)
    if known is None:
        return None
    if cell == "":
        return json.loads(bytes(known.stored_properties)), canonical_geometry(known.geometry)
    return canonical_geometry(known.geometry) if cell == GEOMETRY else canonical(known.properties.get(cell))


@given(worlds(), st.data(), st.sampled_from(["asking", "leaving"]))
def test_it_is_found_again_and_nothing_else_is(world: World, draw: Any, how: str) -> None:
    """A world with parts that wait, or were left, is a fixed point."""
    plan = plan_of(world)
    assume(not plan.context.duplicates)
    parts = some(draw, plan)
    plan = getattr(plan, how)(parts)
    done = after(plan, world.live)
    again = world.sync().outcome(done, _settled(world, plan, done)).plan
    assert set(all_parts(again)) == set(cells((*plan.verdict.waiting, *plan.verdict.kept)))
    assert getattr(again, how)(parts).effects.changes == ()


@given(worlds(), st.data())
def test_what_was_decided_is_no_news(world: World, draw: Any) -> None:
    plan = plan_of(world)
    plan = plan.leaving(some(draw, plan))
    left = set(cells_changed(plan.verdict.kept))
    assert not left & {(drift.key, drift.field) for drift in plan.context.news}


@given(worlds(), st.data())
def test_the_sieve_changes_nothing_of_what_waits_or_was_decided(world: World, draw: Any) -> None:
    first = plan_of(world)
    assume(not first.context.duplicates)
    parts = some(draw, first)
    some_wait = frozenset(part for part in parts if draw.draw(st.booleans()))
    plan = first.leaving(parts - some_wait).asking(some_wait)
    done = after(plan, world.live)
    bases = [
        outcome.base_after(plan)
        for on in (True, False)
        for outcome in [world.sync(skip_unchanged=on).outcome(done, advanced(world, plan, done))]
    ]
    assert bases[0] == bases[1]
    again = [world.sync(skip_unchanged=on).outcome(done, bases[0]).plan for on in (True, False)]
    assert again[0] == again[1]


@given(worlds(), st.data())
def test_a_question_is_what_waits_alone(world: World, draw: Any) -> None:
    """Whatever else the file says, the same parts are the same question; others are another."""
    plan = plan_of(world)
    parts = some(draw, plan)
    assume(parts)
    asked = plan.asking(parts)
    alone = plan.doing(split(plan.effects.changes, parts)[1]).asking(parts)
    assert asked.question == alone.question
    other = plan.asking(parts - {min(parts, key=repr)})
    assert other.question != asked.question or not other.verdict.waiting


# The guard


@given(worlds(), st.data())
def test_the_guard_ends_and_what_goes_on_meets_no_doubt(world: World, draw: Any) -> None:
    assume(world.desired.rows)
    plan = plan_of(world)
    answered = some(draw, plan)
    guarded = guard(plan, world.live, WIDE, (), answered)
    rest = judged(guarded, lambda asked: None, answered)
    if rest.verdict.held:
        return
    assert not {*cells(rest.verdict.waiting)} & answered
    again = guard(rest, world.live, WIDE, (), answered)
    assert not again.verdict.objections


@pytest.mark.parametrize("kept", range(4))
def test_a_doubt_that_only_the_rest_raises_holds_all(kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One rule asks about the first feature that is left, until few are; then another asks of the whole."""

    def first(question: Question) -> Any:
        changes = question.plan.effects.changes
        if len(changes) > kept:
            yield Objection("drift", verbatim("one"), 1, parts=parts_of(changes[0]))

    def whole(question: Question) -> Any:
        if len(question.plan.effects.changes) == kept:
            yield Objection("deletes", verbatim("all"), 1)

    monkeypatch.setitem(RULES, "sync", (first, whole))
    changes = tuple(Update(key=key, name=key, fields=(Field("q", "1", "2"),)) for key in "abcd")
    plan = guard(some_plan(*changes), live_of_nothing(), WIDE, ())
    assert [objection.rule for objection in plan.verdict.objections].count("deletes") == 1
    assert judged(plan, lambda asked: None).verdict.held


# Decisions


def some_plan(*changes: Change, **members: Any) -> Plan:
    return but(PLAN, changes=changes, **members)


EDIT = Update(key="a", name="A", fields=(Field("q", "1", "2"), Field("r", "3", "4")))
MOVE = Update(key="b", name="B", move=Move(None, {"type": "Point", "coordinates": [1, 2]}))
NEW = Create(key="c", name="C", properties={"id": "c"}, geometry=None)
GONE = Delete(key="d", name="D", raw='{"properties":{"id":"d"}}')
DRAWN = Delete(key="own01", name="", umap_id="own01", raw='{"properties":{"note":"1"}}', why="foreign")
UNNAMED = [
    Delete(key="", name="", raw=f'{{"properties":{{"note":"{number}"}}}}', why="foreign") for number in (1, 2)
]


def alone(*changes: Change) -> list[Change]:
    return [one for change in changes for part in parts_of(change) for one in split((change,), (part,))[1]]


def decided(*changes: Change, side: Side = "map") -> tuple[Decision, ...]:
    return tuple(
        Decision(side=side, change=change, number=number) for number, change in enumerate(alone(*changes), 1)
    )


def nowhere(key: str) -> bool:
    """On a map that has nothing."""
    return False


def test_a_decision_is_about_one_cell_or_one_feature() -> None:
    found = decided(EDIT, MOVE, NEW, GONE, DRAWN)
    assert [(one.part.key, one.part.cell) for one in found] == [
        ("a", "q"),
        ("a", "r"),
        ("b", GEOMETRY),
        ("c", ""),
        ("d", ""),
        ("", ""),
    ]


def test_what_people_drew_is_told_apart_by_what_it_holds() -> None:
    """It may have no uMap id, or that of another; a row's feature has one decision at a time."""
    one, two = decided(*UNNAMED)
    assert one.subject != two.subject
    other = msgspec.structs.replace(GONE, raw='{"properties":{"id":"d","q":"1"}}')
    assert decided(GONE)[0].subject == decided(other)[0].subject


@pytest.mark.parametrize("change", [EDIT, MOVE, NEW, GONE, DRAWN], ids=lambda change: change.key)
def test_a_decision_is_over_when_the_plan_has_no_such_part(change: Change) -> None:
    made = decided(change)
    plan = some_plan(change)
    parts = frozenset(one.part for one in made)
    assert over(made, plan.leaving(parts), nowhere) == ()
    assert over(made, plan.asking(parts), nowhere) == ()
    assert over(made, plan, nowhere) == ()
    assert over(made, some_plan(), nowhere) == made


def test_a_decision_is_over_when_either_side_says_something_else() -> None:
    made = decided(EDIT)
    other = Update(key="a", name="A", fields=(Field("q", "1", "9"), Field("r", "8", "4")))
    assert over(made, some_plan(other), nowhere) == made


def test_a_decision_stays_where_policy_leaves_the_same() -> None:
    """It would be asked about again under the next settings."""
    drift = Drift(key="a", name="A", field="q", kind="drift", outcome="keep")
    assert over(decided(EDIT), some_plan(drift=(drift,)), nowhere) == decided(EDIT)[1:]
    theirs = Unmanaged("", content(decode(DRAWN.raw.encode())), "own01")
    assert over(decided(DRAWN), some_plan(unmanaged=(theirs,)), nowhere) == ()
    assert over(decided(GONE), some_plan(unmanaged=(theirs,)), nowhere) == decided(GONE)


@pytest.mark.parametrize(
    ("keys", "field", "found"),
    [
        (["a"], "", alone(EDIT)),
        (["a"], "q", alone(EDIT)[:1]),
        (["a"], GEOMETRY, []),
        (["b"], GEOMETRY, alone(MOVE)),
        (["c", "d"], "", [NEW, GONE]),
        (["c"], "q", []),
        (["A"], "", []),
        ([], "", [*alone(EDIT, MOVE), NEW, GONE, DRAWN]),
        ([], "q", alone(EDIT)[:1]),
    ],
)
def test_what_is_named_comes_a_part_each(keys: list[str], field: str, found: list[Change]) -> None:
    assert list(named(some_plan(EDIT, MOVE, NEW, GONE, DRAWN), keys, field)) == found


def test_an_option_decides_what_policy_would_do_and_it_leaves() -> None:
    usual = some_plan(EDIT, MOVE, NEW, GONE, DRAWN)
    left = Update(key="a", name="A", fields=EDIT.fields[1:])
    assert left_by_option(usual, some_plan(left, MOVE)) == (*alone(EDIT)[:1], NEW, GONE, DRAWN)
    assert left_by_option(usual, usual) == ()


def test_an_option_decides_nothing_of_what_waits_or_was_decided_before() -> None:
    usual = some_plan(EDIT, NEW, DRAWN)
    waits = frozenset(parts_of(NEW))
    assert left_by_option(usual, some_plan(EDIT, NEW).asking(waits)) == (DRAWN,)
    assert left_by_option(usual, some_plan(EDIT, NEW).leaving(waits)) == (DRAWN,)


@given(worlds(), st.sampled_from(["drift", "deleted", "foreign"]))
def test_what_an_option_leaves_the_next_plain_run_leaves_too(world: World, kind: str) -> None:
    """Of the same file and the same map: it is neither put back nor told as a change of the file's."""
    usual = Policy("overwrite", "recreate", "remove")
    world.policy = msgspec.structs.replace(usual, **{kind: "keep"})
    this = world.sync().outcome(world.live, world.base)
    assume(not this.plan.context.duplicates)
    world.policy = usual
    plan = world.sync().outcome(world.live, world.base).plan
    parts = frozenset(parts_of(change)[0] for change in left_by_option(plan, this.plan))
    world.policy = this.plan.effects.policy
    done = after(this.plan, world.live)
    settled = _settled(world, this.plan, done)
    world.policy = usual
    again = world.sync().outcome(done, settled).plan.leaving(parts)
    assert again.effects.changes == ()
    assert again.context.news == ()
