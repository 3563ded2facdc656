"""A row that the file gives to another layer: its feature stays here until that one has it."""

from __future__ import annotations

from hypothesis import given
from msgspec.structs import replace

from tests.reconcile.worlds import World, base_left, live_of, worlds
from umap_bot.model.canon import Geometry
from umap_bot.model.layer import Commit, Feature, Layer, Live
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Policy
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.apply import apply

POINT: Geometry = {"type": "Point", "coordinates": [4.0, 45.0]}


def layer(*keys: str, awaited: str = "") -> Layer:
    rows = {key: Feature({"id": key, "name": key.upper()}, POINT) for key in keys}
    return Layer(
        file="f.csv", key="id", columns=("id", "name"), rows=rows, places=True, awaited=frozenset(awaited)
    )


def sync(desired: Layer, live: Live, before: Sync | None = None, settled: Live | None = None) -> Plan:
    base = base_left(before, settled, None) if before and settled else None
    return Sync(Commit("c2"), desired, Policy()).outcome(live, base).plan


def published() -> tuple[Sync, Live]:
    first = Sync(Commit("c1"), layer("a", "b"), Policy())
    empty = live_of([])
    return first, live_of(list(apply(first.outcome(empty, None).plan, empty).features))


def test_it_stays_and_is_named() -> None:
    first, live = published()
    plan = sync(layer("a", awaited="b"), live, first, live)
    assert (plan.effects.deletes, plan.context.awaited) == ((), ("B",))


def test_it_goes_when_the_other_layer_has_it() -> None:
    first, live = published()
    plan = sync(layer("a"), live, first, live)
    assert ([delete.key for delete in plan.effects.deletes], plan.context.awaited) == (["b"], ())


def test_base_goes_on_knowing_it_so_that_it_goes_later() -> None:
    first, live = published()
    base = base_left(first, live, None)
    waits = Sync(Commit("c2"), layer("a", awaited="b"), Policy())
    base = base_left(waits, live, base)
    later = Sync(Commit("c2"), layer("a"), Policy())
    assert [delete.key for delete in later.outcome(live, base).plan.effects.deletes] == ["b"]
    assert [drift.key for drift in later.outcome(live, base).plan.context.drift] == []


@given(worlds())
def test_whatever_is_awaited_is_not_deleted_and_the_rest_as_ever(world: World) -> None:
    bare = world.sync().outcome(world.live, world.base).plan
    awaited = frozenset(world.base.known) - set(world.desired.rows)
    desired = replace(world.desired, awaited=awaited)
    waits = Sync(Commit("c2"), desired, world.policy).outcome(world.live, world.base).plan
    assert [delete for delete in waits.effects.deletes if delete.why == "row"] == []
    assert waits.effects.creates == bare.effects.creates
    assert waits.effects.updates == bare.effects.updates
