"""Undoing a run: what it changed goes back and nothing else, whatever people did since."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.reconcile.test_laws import content, contents
from tests.reconcile.worlds import World, base_left, edits, live_of, worlds
from umap_bot.model.base import Base
from umap_bot.model.canon import Geometry, canonical, canonical_geometry
from umap_bot.model.change import Update
from umap_bot.model.layer import Commit, Feature, Layer, Live
from umap_bot.model.part import parts_of
from umap_bot.model.plan import Plan, cells_changed
from umap_bot.model.policy import Policy
from umap_bot.model.run import Intent, Run
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.apply import apply
from umap_bot.reconcile.recovery import recover
from umap_bot.reconcile.undo.rollback import Rollback

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def carried_out(plan: Plan, live: Live, base: Base | None, number: int) -> tuple[Live, Base | None, Run]:
    """What stands after a plan, base as the next read advances it, and the run as the log has it."""
    done = live_of(list(apply(plan, live).features), f"v{number}")
    (applied,) = recover(
        (Intent(number, plan, done.standing.digest, live.standing, "v1"),), base, done.standing
    )
    run = Run(
        number=number, layer="layer", kind=plan.effects.kind, commit=plan.context.commit, started=NOW,
        outcome="done", plan=plan, applied=applied.changes, drift=plan.context.news,
    )  # fmt: skip
    return done, applied.base, run


def rows(base: Base | None) -> dict[str, tuple[Any, Any]]:
    """What base says of each row, hints left out."""
    return {
        key: (canonical(dict(known.properties)), canonical_geometry(known.geometry))
        for key, known in (base.known if base else {}).items()
    }


def owned(base: Base | None, names: tuple[str, ...], *, places: bool) -> dict[str, tuple[Any, Any]]:
    """What base says of each row in these columns."""
    return {
        key: (
            {name: canonical(known.properties.get(name)) for name in names},
            canonical_geometry(known.geometry) if places else None,
        )
        for key, known in (base.known if base else {}).items()
    }


@given(worlds())
def test_a_run_undone_at_once_leaves_what_stood_before_it(world: World) -> None:
    plan = world.sync().outcome(world.live, world.base).plan
    assume(not plan.context.duplicates and not any(delete.why == "double" for delete in plan.effects.deletes))
    assume(not any(_is_key_put_back(update) for update in plan.effects.updates))  # who is who stays known
    done, base, run = carried_out(plan, world.live, world.base, 1)
    undone = Rollback(run, world.policy).outcome(done, base).plan
    assert undone.context.drift == ()
    back, _, _ = carried_out(undone, done, base, 2)
    assert contents(back) == contents(world.live)


def _is_key_put_back(update: Update) -> bool:
    return any(field.name == "id" for field in update.fields)


@given(worlds())
def test_undone_again_it_stands_as_the_run_left_it(world: World) -> None:
    plan = world.sync().outcome(world.live, world.base).plan
    assume(not plan.context.duplicates)
    assume(
        not any(delete.why == "foreign" for delete in plan.effects.deletes)
    )  # people's own that is back stays
    done, base, run = carried_out(plan, world.live, world.base, 1)
    back, base, undoing = carried_out(Rollback(run, world.policy).outcome(done, base).plan, done, base, 2)
    again, _, _ = carried_out(Rollback(undoing, world.policy).outcome(back, base).plan, back, base, 3)
    assert contents(again) == contents(done)


@given(worlds())
def test_undoing_twice_does_nothing_more(world: World) -> None:
    plan = world.sync().outcome(world.live, world.base).plan
    assume(not plan.context.duplicates)
    done, base, run = carried_out(plan, world.live, world.base, 1)
    back, base, _ = carried_out(Rollback(run, world.policy).outcome(done, base).plan, done, base, 2)
    assert Rollback(run, world.policy).outcome(back, base).plan.effects.changes == ()


@given(worlds())
def test_base_goes_back_where_people_had_changed_nothing(world: World) -> None:
    """On a map as the last run left it, undoing the next run gives just the base of before."""
    settled, base, _ = published(world.published)
    plan = world.sync().outcome(settled, base).plan
    done, after, run = carried_out(plan, settled, base, 1)
    back, again, _ = carried_out(Rollback(run, world.policy).outcome(done, after).plan, done, after, 2)
    assert base is not None
    seeds = {*world.published.seeds, *world.desired.seeds}
    names = tuple(name for name in base.columns if name not in seeds and name in world.desired.columns)
    places = base.places and world.desired.owns_geometry
    assert owned(again, names, places=places) == owned(base, names, places=places)
    assert contents(back) == contents(settled)


def published(file: Layer) -> tuple[Live, Base, Plan]:
    empty = live_of([])
    sync = Sync(Commit("c1"), file, Policy())
    plan = sync.outcome(empty, None).plan
    stands = live_of(list(apply(plan, empty).features))
    base = base_left(sync, stands, None)
    assert base is not None
    return stands, base, plan


@given(worlds(), st.data())
def test_what_people_changed_since_stays_whatever_it_is(world: World, data: st.DataObject) -> None:
    plan = world.sync().outcome(world.live, world.base).plan
    assume(not plan.context.duplicates)
    done, base, run = carried_out(plan, world.live, world.base, 1)
    edited = [raw for slice_ in done.standing.features for raw in data.draw(edits(slice_))]
    since = live_of(edited, "v5")
    undone = Rollback(run, world.policy).outcome(since, base).plan
    back, _, _ = carried_out(undone, since, base, 2)
    ours = {bytes(raw) for raw in done.standing.features}
    left = {content(raw) for raw in back.standing.features}
    touched = {change.umap_id for change in undone.effects.changes}
    for raw in since.standing.features:
        if raw not in ours and json.loads(raw).get("id") not in touched:
            assert content(raw) in left
    for update in undone.effects.updates:
        stood = json.loads(since.standing.features[update.place])["properties"]
        for field in update.fields:
            then = _after(run, update.key, field.name)
            assert canonical(stood.get(field.name)) == canonical(then)


def _after(run: Run, key: str, name: str) -> Any:
    return next(
        None if field.after is msgspec.UNSET else field.after
        for change in run.applied
        if isinstance(change, Update) and change.key == key
        for field in change.fields
        if field.name == name
    )


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_does_not_matter(world: World, random: Any) -> None:
    plan = world.sync().outcome(world.live, world.base).plan
    assume(not plan.context.duplicates)
    done, base, run = carried_out(plan, world.live, world.base, 1)
    features, changes = list(done.standing.features), list(run.applied)
    random.shuffle(features)
    random.shuffle(changes)
    shuffled = msgspec.structs.replace(run, applied=tuple(changes))
    one = Rollback(run, world.policy).outcome(done, base).plan
    other = Rollback(shuffled, world.policy).outcome(live_of(features), base).plan
    assert (one.digest, one.context.drift) == (other.digest, other.context.drift)


@given(worlds())
def test_what_was_undone_is_not_done_again(world: World) -> None:
    """All that the next sync of the same file would do is what was undone, and no word of a person's edit."""
    settled, base, _ = published(world.published)
    sync = world.sync()
    done, after, run = carried_out(sync.outcome(settled, base).plan, settled, base, 1)
    after = base_left(sync, done, after)
    assume(run.applied)
    back, again, _ = carried_out(Rollback(run, world.policy).outcome(done, after).plan, done, after, 2)
    plan = sync.outcome(back, again).plan
    asking = plan.asking([part for change in plan.effects.changes for part in parts_of(change)])
    assert {(each.key, each.field) for each in plan.context.undone} == set(
        cells_changed(plan.effects.changes)
    )
    assert plan.context.drift == ()
    assert {redo.key for redo in plan.context.undone} == {change.key for change in run.applied}
    rest = sync.outcome(back, again).base_after(asking)
    assert sync.outcome(back, rest).plan.digest == plan.digest, "it is remembered when the rest has gone on"


def test_two_that_shared_a_umap_id_come_back_with_one_each() -> None:
    """Or base would remember one id for both, and the next run would take the one for the other."""
    place: Geometry = {"type": "Point", "coordinates": [4, 45]}
    file = Layer(
        file="f.csv",
        key="id",
        columns=("id",),
        rows={key: Feature({"id": key}, place) for key in "ab"},
        places=True,
    )
    settled, base, _ = published(file)
    features = [{**json.loads(raw), "id": "00000"} for raw in settled.carried.features]
    live = live_of([json.dumps(feature).encode() for feature in features])
    gone = Sync(Commit("c2"), msgspec.structs.replace(file, rows={}), Policy()).outcome(live, base).plan
    done, then, run = carried_out(gone, live, base, 1)
    back, now, _ = carried_out(Rollback(run, Policy()).outcome(done, then).plan, done, then, 2)
    assert contents(back) == contents(live)
    stands = {json.loads(raw)["properties"]["id"]: json.loads(raw)["id"] for raw in back.carried.features}
    assert now is not None
    assert {key: known.umap_id for key, known in now.known.items()} == stands
    assert len({*stands.values()}) == 2
    assert Rollback(run, Policy()).outcome(back, now).plan.effects.changes == ()


def test_what_was_drawn_comes_back_beside_a_feature_of_a_row_that_has_its_umap_id() -> None:
    place: Geometry = {"type": "Point", "coordinates": [4, 45]}
    file = Layer(
        file="f.csv", key="id", columns=("id",), rows={"a": Feature({"id": "a"}, place)}, places=True
    )
    settled, base, _ = published(file)
    ours = {**json.loads(settled.carried.features[0]), "id": "00000"}
    drawn = {**ours, "properties": {"name": "Our office"}}
    live = live_of([json.dumps(feature).encode() for feature in (drawn, ours)])
    policy = Policy(foreign="remove")
    done, then, run = carried_out(Sync(Commit("c1"), file, policy).outcome(live, base).plan, live, base, 1)
    assert len(done.carried.features) == 1
    back, _, _ = carried_out(Rollback(run, policy).outcome(done, then).plan, done, then, 2)
    assert contents(back) == contents(live)
