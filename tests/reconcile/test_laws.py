"""The laws of reconciliation, each over generated worlds."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.plans import but
from tests.reconcile.worlds import World, base_left, live_of, policies, scalars, values, worlds
from umap_bot.journal.blobs import decode, encode
from umap_bot.model.base import Base
from umap_bot.model.canon import canonical, canonical_geometry, equal
from umap_bot.model.change import Change, Create, Delete, Update
from umap_bot.model.layer import GEOMETRY, Live
from umap_bot.model.plan import Plan, sort_changes
from umap_bot.model.run import Intent
from umap_bot.reconcile.apply import apply
from umap_bot.reconcile.recovery import recover
from umap_bot.reconcile.slices import VALID_ID


def after(plan: Plan, live: Live) -> Live:
    return live_of(list(apply(plan, live).features), "v3")


def advanced(world: World, plan: Plan, done: Live) -> Base | None:
    """Base as the next read advances it: by what stands of the plan."""
    intent = Intent(1, plan, done.standing.digest, world.live.standing, "v2")
    (applied,) = recover((intent,), world.base, done.standing)
    assert applied.changes == plan.effects.changes
    return applied.base


def content(raw: bytes) -> str:
    """What a feature holds, its uMap id left out."""
    feature = {name: value for name, value in json.loads(raw).items() if name != "id"}
    return json.dumps(
        [
            canonical(feature.pop("properties", None) or {}),
            canonical_geometry(feature.pop("geometry", None)),
            feature,
        ],
        sort_keys=True,
    )


def contents(live: Live) -> Counter[str]:
    return Counter(content(raw) for raw in live.standing.features)


@given(worlds())
def test_a_plan_carried_out_leaves_nothing_to_do(world: World) -> None:
    plan = world.sync().outcome(world.live, world.base).plan
    assume(not plan.context.duplicates)  # a person is asked about these, and decides
    done = after(plan, world.live)
    again = world.sync().outcome(done, advanced(world, plan, done)).plan
    assert again.effects.changes == ()
    assert apply(again, done) == done.standing


@given(worlds())
def test_a_settled_run_leaves_nothing_to_do_and_no_news(world: World) -> None:
    sync = world.sync()
    plan = sync.outcome(world.live, world.base).plan
    assume(not plan.context.duplicates)
    done = after(plan, world.live)
    before = advanced(world, plan, done)
    base = base_left(sync, done, before)
    again = sync.outcome(done, base).plan
    assert again.effects.changes == ()
    # What a file no longer has and policy left on the map is a person's own from now on: no news either.
    assert again.context.news == ()


@given(worlds())
def test_equal_sides_give_an_empty_plan_even_without_a_base(world: World) -> None:
    plan = world.sync().outcome(world.live, None).plan
    assume(not plan.context.duplicates)
    done = after(plan, world.live)
    assert world.sync().outcome(done, None).plan.effects.changes == ()


@given(worlds())
def test_the_inverse_gives_back_what_stood(world: World) -> None:
    plan = world.sync().outcome(world.live, world.base).plan
    done = after(plan, world.live)
    undone = after(_placed(plan, len(world.live.standing.features)), done)
    assert contents(undone) == contents(world.live)


def _inverse(plan: Plan) -> tuple[Change, ...]:
    """What undoes a plan's changes."""
    return sort_changes([change.inverse() for change in plan.effects.changes])


def _placed(plan: Plan, stood: int) -> Plan:
    """The inverse of a plan, each change at the place where its feature stands once it is carried out."""
    gone = {delete.place for delete in plan.effects.deletes}
    staying = [place for place in range(stood) if place not in gone]
    now = {place: number for number, place in enumerate(staying)}
    created = {create.key: len(staying) + number for number, create in enumerate(plan.effects.creates)}
    changes: list[Change] = []
    for change in _inverse(plan):
        if isinstance(change, Update):
            changes.append(msgspec.structs.replace(change, place=now[change.place]))
        elif isinstance(change, Delete):
            changes.append(msgspec.structs.replace(change, place=created[change.key]))
        else:
            changes.append(change)
    return plan.doing(changes)


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_features_and_rows_does_not_matter(world: World, random: Any) -> None:
    features, keys = list(world.live.standing.features), list(world.desired.rows)
    random.shuffle(features)
    random.shuffle(keys)
    rows = {key: world.desired.rows[key] for key in keys}
    other = World(
        world.base,
        world.published,
        live_of(features, "v2"),
        msgspec.structs.replace(world.desired, rows=rows),
        world.policy,
    )
    one = world.sync().outcome(world.live, world.base).plan
    two = other.sync().outcome(other.live, other.base).plan
    assert one.digest == two.digest
    assert one.context.drift == two.context.drift
    assert contents(after(one, world.live)) == contents(after(two, other.live))


@given(worlds())
def test_only_owned_cells_of_known_features_change(world: World) -> None:
    plan = world.sync().outcome(world.live, world.base).plan
    touched = {change.place: change for change in plan.effects.changes if not isinstance(change, Create)}
    owned = {*world.desired.owned, *(set(world.base.columns) - set(world.desired.columns))}
    kept = iter(apply(plan, world.live).features)
    for place, raw in enumerate(world.live.standing.features):
        change = touched.get(place)
        if isinstance(change, Delete):
            continue
        before, now = json.loads(raw), json.loads(next(kept))
        assert {**now, "properties": 0, "geometry": 0, "id": 0} == {
            **before,
            "properties": 0,
            "geometry": 0,
            "id": 0,
        }
        if not isinstance(change, Update):
            assert now["properties"] == before["properties"]
            assert now["geometry"] == before["geometry"]
            continue
        for name in {*before["properties"], *now["properties"]} - owned:
            assert now["properties"][name] == before["properties"][name]
        if not world.desired.owns_geometry:
            assert now["geometry"] == before["geometry"]


@given(worlds())
def test_untouched_features_keep_their_bytes(world: World) -> None:
    plan = world.sync().outcome(world.live, world.base).plan
    touched = {change.place for change in plan.effects.changes if not isinstance(change, Create)}
    pushed = Counter(apply(plan, world.live).features)
    for place, raw in enumerate(world.live.standing.features):
        has_id = VALID_ID.fullmatch(str(json.loads(raw).get("id")))
        if place not in touched and has_id and world.live.standing.features.count(raw) == 1:
            ids = [json.loads(other).get("id") for other in world.live.standing.features]
            assert raw in pushed or ids.count(json.loads(raw)["id"]) > 1


@given(worlds())
def test_a_live_edit_disappears_only_by_policy_and_stands_in_the_plan(world: World) -> None:
    """Every owned cell that held neither base's value nor the file's, and is written over, is listed."""
    plan = world.sync().outcome(world.live, world.base).plan
    told = {(drift.key, drift.field): drift for drift in plan.context.drift}
    for change in plan.effects.updates:
        known = world.base.known.get(change.key)
        for field in change.fields:
            before = None if field.before is msgspec.UNSET else field.before
            was = known.properties.get(field.name) if known else None
            if not equal(before, was):
                drift = told[change.key, field.name]
                assert equal(drift.live, before)
                is_key = field.name == world.desired.key
                assert is_key or drift.outcome == world.policy.drift != "keep"
        was_there = canonical_geometry(known.geometry if known else None)
        if change.move and canonical_geometry(change.move.before) != was_there:
            assert told[change.key, GEOMETRY].outcome == world.policy.drift != "keep"


@given(worlds())
def test_the_sieve_changes_nothing(world: World) -> None:
    sifted, whole = (
        world.sync(skip_unchanged=on).outcome(world.live, world.base).plan for on in (True, False)
    )
    assert sifted == whole
    assert apply(sifted, world.live) == apply(whole, world.live)
    held = sifted.holding()
    assert apply(held, world.live) == world.live.standing
    done = after(sifted, world.live)
    bases = [base_left(world.sync(skip_unchanged=on), done, world.base) for on in (True, False)]
    assert bases[0] == bases[1]


@given(worlds())
def test_a_plan_survives_json(world: World) -> None:
    plan = world.sync().outcome(world.live, world.base).plan
    again = decode(encode(plan), Plan)
    assert again.digest == plan.digest
    assert encode(again) == encode(plan)
    assert apply(again, world.live) == apply(plan, world.live)


@given(worlds(), policies)
def test_another_policy_with_effects_is_another_digest(world: World, policy: Any) -> None:
    one = world.sync().outcome(world.live, world.base).plan
    two = but(one, policy=policy)
    assert (one.digest == two.digest) == (one.effects.policy == policy)


@given(values)
def test_the_canonical_form_is_its_own_canonical_form(value: Any) -> None:
    once: Any = canonical(value)
    assert canonical(once) == once


@given(scalars, scalars, scalars)
def test_equality_is_an_equivalence(one: Any, two: Any, three: Any) -> None:
    assert equal(one, one)
    assert equal(one, two) == equal(two, one)
    assert not (equal(one, two) and equal(two, three)) or equal(one, three)


@given(worlds())
def test_no_base_never_deletes_a_row(world: World) -> None:
    plan = world.sync().outcome(world.live, None).plan
    assert not [delete for delete in plan.effects.deletes if delete.why != "double"]
    assert not plan.context.drift


@given(worlds())
def test_a_copy_of_ours_is_never_removed_as_a_unmanaged_feature(world: World) -> None:
    """A person is asked about it, whatever SYNC_FOREIGN says."""
    plan = world.sync().outcome(world.live, world.base).plan
    copied = {umap_id for duplicate in plan.context.duplicates for umap_id in duplicate.umap_ids if umap_id}
    going = {delete.umap_id for delete in plan.effects.deletes if delete.why == "foreign"}
    alone = [json.loads(raw).get("id") for raw in world.live.standing.features]
    assert not {umap_id for umap_id in copied & going if alone.count(umap_id) == 1}


@given(worlds())
def test_a_new_feature_has_a_umap_id_of_its_own_that_comes_from_its_key(world: World) -> None:
    plan = world.sync().outcome(world.live, world.base).plan
    ids = [create.umap_id for create in plan.effects.creates]
    assert all(VALID_ID.fullmatch(umap_id or "") for umap_id in ids)
    there = [json.loads(raw).get("id") for raw in world.live.standing.features]
    assert len({*ids, *there}) == len(ids) + len(set(there))
    again = {
        create.key: create.umap_id for create in world.sync().outcome(live_of([]), None).plan.effects.creates
    }
    for create in plan.effects.creates:
        assert create.umap_id == again[create.key] or again[create.key] in there
