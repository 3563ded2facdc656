"""Rows that can't be read: their features stay, on the map and in base, and the rest goes as ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.reconcile.test_awaited import POINT
from tests.reconcile.worlds import World, base_left, dump, live_of, worlds
from umap_bot.model.base import Base, Kept, Undone
from umap_bot.model.change import Change, Create, Delete
from umap_bot.model.layer import BadRows, Commit, Feature, Layer, Live
from umap_bot.model.policy import Limits, Policy
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.apply import apply
from umap_bot.reconcile.guard.guard import guard
from umap_bot.reconcile.outcome import Outcome
from umap_bot.text import verbatim

TOLD = (verbatim("f.csv, row 3: lat is empty"),)
NAMES = {"a": "Annonay", "b": "Bron", "c": "Caen", "d": "Dole"}


def layer(*keys: str, bad: str = "", unknown: bool = False, columns: str = "", **names: str) -> Layer:
    """A file of these rows; `bad` are the ids of those that can't be read."""
    own = ("id", "name", *columns.split())
    rows = {
        key: Feature({"id": key, "name": names.get(key, NAMES[key]), **dict.fromkeys(own[2:], "x")}, POINT)
        for key in keys
    }
    bad_rows = BadRows(max(1, len(bad)), TOLD, frozenset(bad), unknown) if bad or unknown else BadRows()
    return Layer(file="f.csv", key="id", columns=own, rows=rows, places=True, bad_rows=bad_rows)


def published(of: Layer, policy: Policy | None = None) -> tuple[Base, Live]:
    first, empty = Sync(Commit("c1"), of, policy or Policy()), live_of([])
    live = live_of(list(apply(first.outcome(empty, None).plan, empty).features))
    base = base_left(first, live, None)
    assert base is not None
    return base, live


def outcome(desired: Layer, live: Live, base: Base, policy: Policy | None = None) -> Outcome:
    return Sync(Commit("c2"), desired, policy or Policy()).outcome(live, base)


def without(live: Live, *places: int) -> Live:
    return live_of([raw for place, raw in enumerate(live.carried.features) if place not in places])


def done(found: Outcome) -> list[tuple[str, str]]:
    return [(type(change).__name__, change.key) for change in found.plan.effects.changes]


def left_by(found: Outcome) -> Base:
    base = found.base_after(found.plan)
    assert base is not None
    return base


def test_its_feature_stays_and_everything_else_goes_on() -> None:
    base, live = published(layer("a", "b", "c"))
    found = outcome(layer("a", "d", bad="b", a="Arras"), live, base)
    assert done(found) == [("Create", "d"), ("Update", "a"), ("Delete", "c")]
    assert (found.plan.context.bad_rows, found.plan.context.bad_row_count) == (TOLD, 1)
    assert found.plan.context.rowless == ()
    assert left_by(found).known["b"] == base.known["b"]


def test_where_an_id_is_not_known_nothing_is_removed() -> None:
    base, live = published(layer("a", "b", "c"))
    found = outcome(layer("a", "d", unknown=True, a="Arras"), live, base)
    assert done(found) == [("Create", "d"), ("Update", "a")]
    assert [(each.key, each.name) for each in found.plan.context.rowless] == [("b", "Bron"), ("c", "Caen")]
    assert {key: left_by(found).known[key] for key in "bc"} == {key: base.known[key] for key in "bc"}


def test_a_row_of_another_layer_is_no_row_that_is_missing() -> None:
    base, live = published(layer("a", "b"))
    desired = replace(layer("a", unknown=True), left_out=frozenset("b"))
    assert done(outcome(desired, live, base)) == [("Delete", "b")]


def test_a_feature_that_somebody_removed_meanwhile_is_no_new_one_later() -> None:
    base, live = published(layer("a", "b"))
    gone = without(live, 1)
    found = outcome(layer("a", bad="b"), gone, base)
    assert done(found) == []
    later = outcome(layer("a", "b"), gone, left_by(found))
    assert [(drift.kind, drift.key) for drift in later.plan.context.drift] == [("deleted", "b")]


def test_what_was_decided_of_a_feature_is_remembered_while_its_row_waits() -> None:
    base, live = published(layer("a", "b", "c"))
    undone = {"b": {"name": Undone(value="Brou", run=1, by=2)}}
    kept = Kept(cells={"b": {"name": "Brou"}}, deleted=frozenset("c"))
    found = outcome(layer("a", bad="bc"), without(live, 2), replace(base, kept=kept, undone=undone))
    assert left_by(found).kept.cells == kept.cells
    assert left_by(found).kept.deleted == kept.deleted
    assert left_by(found).undone == undone


def test_a_column_that_is_gone_goes_from_it_when_its_row_is_read_again() -> None:
    base, live = published(layer("a", "b", columns="tel"))
    found = outcome(layer("a", bad="b"), live, base)
    assert [each.name for each in found.plan.context.gone_columns] == ["tel"]
    settled = live_of(list(apply(found.plan, live).features))
    base = left_by(outcome(layer("a", bad="b"), settled, left_by(found)))
    again = outcome(layer("a", bad="b"), settled, base)
    assert (done(again), again.plan.context.gone_columns) == ([], ())  # told once
    mended = outcome(layer("a", "b"), settled, base)
    assert done(mended) == [("Update", "b")]
    assert '"tel"' not in str(apply(mended.plan, settled).encode())


def test_a_feature_with_the_id_of_such_a_row_is_nobody_elses() -> None:
    """As after an adoption, which base does not know: under SYNC_FOREIGN=remove it would go."""
    base, live = published(layer("a"))
    adopted = dump({"type": "Feature", "properties": {"id": "b", "name": "Bron"}, "geometry": POINT})
    drawn = dump({"type": "Feature", "properties": {"name": "Own"}, "geometry": POINT})
    live = live_of([*live.carried.features, adopted, drawn])
    remove = Policy(foreign="remove")
    assert len(done(outcome(layer("a"), live, base, remove))) == 2
    for desired in (layer("a", bad="b"), layer("a", unknown=True)):
        plan = outcome(desired, live, base, remove).plan
        assert [delete.name for delete in plan.effects.deletes] == ["Own"]


def test_a_new_row_like_a_feature_that_stays_is_asked_about() -> None:
    """Its id changed, and another row can't be read: both would stand on the map."""
    base, live = published(layer("a", "b"))
    plan = guard(outcome(layer("a", "d", unknown=True, d="Bron"), live, base).plan, live, Limits(), ())
    (objection,) = plan.verdict.objections
    assert (objection.rule, objection.features) == ("re-keyed", ("Bron",))
    assert objection.text.startswith(
        "1 feature would be added next to one with the same name or place that no longer has a row"
    )


def effect(changes: tuple[Change, ...], *, spared: set[str], removes: bool = True) -> list[object]:
    """The effects of changes but of these keys. Deletes of people's own have no key of the file."""
    kept = [
        change
        for change in changes
        if (isinstance(change, Delete) and change.why != "row")
        or (change.key not in spared and (removes or not isinstance(change, Delete)))
    ]
    return [change.effect() for change in kept if removes or getattr(change, "why", "") != "foreign"]


@given(worlds(), st.data())
def test_the_others_go_as_ever(world: World, data: st.DataObject) -> None:
    bare = world.sync().outcome(world.live, world.base)
    keys = sorted({*world.base.known, *world.desired.rows})
    bad = set(data.draw(st.lists(st.sampled_from(keys), unique=True)) if keys else [])
    unknown = data.draw(st.booleans())
    rows = {key: row for key, row in world.desired.rows.items() if key not in bad}
    desired = replace(
        world.desired, rows=rows, bad_rows=BadRows(len(bad) + unknown, TOLD, frozenset(bad), unknown)
    )
    found = Sync(Commit("c2"), desired, world.policy).outcome(world.live, world.base)
    wanted = effect(bare.plan.effects.changes, spared=bad, removes=not unknown)
    assert effect(found.plan.effects.changes, spared=set(), removes=not unknown) == wanted
    assert not any(delete.why == "row" for delete in found.plan.effects.deletes) or not unknown
    base, then = left_by(found), left_by(bare)
    waits = {key for key in world.base.known if desired.waits(key) and key not in rows}
    assert waits >= bad & world.base.known.keys()
    for key in waits:
        assert base.known[key] == world.base.known[key]
        assert base.kept.cells.get(key) == world.base.kept.cells.get(key)
    others = set(rows) - waits
    assert {key: base.known.get(key) for key in others} == {key: then.known.get(key) for key in others}
    assert not {change.key for change in found.plan.effects.changes if isinstance(change, Create)} & bad
