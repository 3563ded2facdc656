"""A row that the file gives to another layer: its feature stays here until that one has it."""

from __future__ import annotations

from hypothesis import given
from msgspec.structs import replace

from tests.reconcile.worlds import World, live_of, worlds
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
    base = before.base(before.plan(settled, None), settled, None) if before and settled else None
    return Sync(Commit("c2"), desired, Policy()).plan(live, base)


def published() -> tuple[Sync, Live]:
    first = Sync(Commit("c1"), layer("a", "b"), Policy())
    empty = live_of([])
    return first, live_of(list(apply(first.plan(empty, None), empty).features))


def test_it_stays_and_is_named() -> None:
    first, live = published()
    plan = sync(layer("a", awaited="b"), live, first, live)
    assert (plan.deletes, plan.waiting) == ((), ("B",))


def test_it_goes_when_the_other_layer_has_it() -> None:
    first, live = published()
    plan = sync(layer("a"), live, first, live)
    assert ([delete.key for delete in plan.deletes], plan.waiting) == (["b"], ())


def test_base_goes_on_knowing_it_so_that_it_goes_later() -> None:
    first, live = published()
    base = first.base(first.plan(live, None), live, None)
    waits = Sync(Commit("c2"), layer("a", awaited="b"), Policy())
    base = waits.base(waits.plan(live, base), live, base)
    later = Sync(Commit("c2"), layer("a"), Policy())
    assert [delete.key for delete in later.plan(live, base).deletes] == ["b"]
    assert [drift.key for drift in later.plan(live, base).drift] == []


@given(worlds())
def test_whatever_is_awaited_is_not_deleted_and_the_rest_as_ever(world: World) -> None:
    bare = world.sync().plan(world.live, world.base)
    awaited = frozenset(world.base.known) - set(world.desired.rows)
    desired = replace(world.desired, awaited=awaited)
    waits = Sync(Commit("c2"), desired, world.policy).plan(world.live, world.base)
    assert [delete for delete in waits.deletes if delete.why == "row"] == []
    assert waits.creates == bare.creates
    assert waits.updates == bare.updates
