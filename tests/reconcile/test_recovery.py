"""What of an unfinished push stands on the map, told by the next read alone."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from tests.reconcile.worlds import base_left, dump, live_of
from umap_bot.model.base import Base
from umap_bot.model.change import Change, Create, Delete, Update
from umap_bot.model.layer import Collection, Commit, Feature, Layer
from umap_bot.model.policy import Policy
from umap_bot.model.run import Applied, Intent
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.apply import apply
from umap_bot.reconcile.recovery import recover

AT = {"type": "Point", "coordinates": [4, 45]}
THERE = {"type": "Point", "coordinates": [5, 46]}


def layer(**rows: dict[str, Any]) -> Layer:
    """Rows by key; a row's `at` is its place."""
    found = {}
    for key, cells in rows.items():
        own = {name: value for name, value in cells.items() if name != "at"}
        found[key] = Feature({"id": key, **own}, cells.get("at", AT))
    return Layer(file="f.csv", key="id", columns=("id", "name", "q"), rows=found, places=True)


def settled(file: Layer) -> tuple[Collection, Base]:
    empty = live_of([])
    aim = Sync(Commit("c1"), file, Policy())
    stands = apply(aim.outcome(empty, None).plan, empty)
    live = live_of(list(stands.features))
    base = base_left(aim, live, None)
    assert base is not None
    return stands, base


BEFORE, BASE = settled(layer(a={"name": "A", "q": "1"}, b={"name": "B"}))
NEXT = layer(a={"name": "A2", "q": "2", "at": THERE}, c={"name": "C"})
LIVE = live_of(list(BEFORE.features))
PLAN = Sync(Commit("c2"), NEXT, Policy()).outcome(LIVE, BASE).plan
PUSHED = apply(PLAN, LIVE)
INTENT = Intent(7, PLAN, PUSHED.digest, BEFORE, "v1")


def applied(standing: Collection, base: Base | None = BASE, intent: Intent = INTENT) -> Applied:
    (found,) = recover((intent,), base, standing)
    assert found.run == 7
    return found


def features(*changed: bytes) -> Collection:
    return msgspec.structs.replace(PUSHED, features=changed)


def kinds(changes: tuple[Change, ...]) -> list[tuple[type[Change], str]]:
    return [(type(change), change.key) for change in changes]


def test_what_was_pushed_stands_whole() -> None:
    assert applied(PUSHED).changes == PLAN.effects.changes
    base = applied(PUSHED).base
    assert base is not None
    assert (set(base.known), base.commit) == ({"a", "c"}, "c2")
    assert (base.known["a"].properties["q"], base.known["a"].geometry) == ("2", THERE)
    assert base.known["c"].properties["name"] == "C"


def test_what_never_came_to_stand_is_not_there() -> None:
    found = applied(BEFORE)
    assert found.changes == ()
    assert found.base == msgspec.structs.replace(BASE, commit="c2")


def test_the_order_and_spelling_on_the_map_do_not_matter() -> None:
    spelled = [json.dumps(json.loads(raw), indent=1).encode() for raw in reversed(PUSHED.features)]
    assert kinds(applied(features(*spelled)).changes) == [(Create, "c"), (Update, "a"), (Delete, "b")]


def test_a_part_of_it_may_stand() -> None:
    """A person saved meanwhile: their name stands, our q and place do."""
    a, c = (json.loads(raw) for raw in PUSHED.features)
    a["properties"]["name"] = "theirs"
    found = applied(features(dump(a), dump(c), BEFORE.features[1]))
    assert kinds(found.changes) == [(Create, "c"), (Update, "a")]
    (update,) = [change for change in found.changes if isinstance(change, Update)]
    assert [field.name for field in update.fields] == ["q"]
    assert update.move is not None
    assert found.base is not None
    assert found.base.known["a"].properties == {"id": "a", "name": "A", "q": "2"}
    assert "b" in found.base.known, "the deletion does not stand"


def test_a_place_that_does_not_stand_did_not_move() -> None:
    a, c = (json.loads(raw) for raw in PUSHED.features)
    a["geometry"] = AT
    (update,) = [one for one in applied(features(dump(a), dump(c))).changes if isinstance(one, Update)]
    assert update.move is None


def test_a_copy_of_a_deleted_feature_is_not_the_feature() -> None:
    b = json.loads(BEFORE.features[1])
    copy = {**b, "id": "other", "properties": {**b["properties"], "name": "copy"}}
    found = applied(features(*PUSHED.features, dump(copy)))
    assert (Delete, "b") in kinds(found.changes)


@pytest.mark.parametrize("own", [{"id": "other"}, {"properties": {"id": "b", "name": "changed"}}])
def test_a_deleted_feature_that_only_got_another_id_or_name_still_stands(own: dict[str, Any]) -> None:
    b = {**json.loads(BEFORE.features[1]), **own}
    assert (Delete, "b") not in kinds(applied(features(*PUSHED.features, dump(b))).changes)


def test_a_feature_of_the_same_key_that_a_person_made_is_not_ours() -> None:
    theirs = {
        "type": "Feature",
        "properties": {"id": "c", "name": "theirs"},
        "geometry": THERE,
        "id": "their",
    }
    assert (Create, "c") not in kinds(applied(features(PUSHED.features[0], dump(theirs))).changes)


def test_a_double_is_gone_when_its_text_is() -> None:
    raw = BEFORE.features[0].decode()
    going = Delete(key="a", name="A", raw=raw, place=1, why="double")
    intent = Intent(7, PLAN.doing((going,)), "other", BEFORE, "v1")
    assert applied(BEFORE, intent=intent).changes == ()
    gone = applied(features(BEFORE.features[1]), intent=intent)
    assert gone.changes == (going,)
    assert gone.base is not None
    assert "a" in gone.base.known, "of a double only the copy goes"


def test_without_a_base_none_is_made() -> None:
    found = applied(PUSHED, None)
    assert (found.changes, found.base) == (PLAN.effects.changes, None)


def test_a_held_plan_did_nothing() -> None:
    held = Intent(7, PLAN.holding(), PUSHED.digest, BEFORE, "v1")
    assert applied(PUSHED, intent=held).changes == ()


def test_a_new_column_is_owned_from_the_moment_it_stands() -> None:
    wider = msgspec.structs.replace(NEXT, columns=("id", "name", "q", "new"))
    rows = {key: Feature({**row.properties, "new": "x"}, row.geometry) for key, row in wider.rows.items()}
    plan = Sync(Commit("c2"), msgspec.structs.replace(wider, rows=rows), Policy()).outcome(LIVE, BASE).plan
    pushed = apply(plan, LIVE)
    found = applied(pushed, intent=Intent(7, plan, pushed.digest, BEFORE, "v1"))
    assert found.base is not None
    assert found.base.columns == ("id", "name", "q", "new")


def test_an_id_that_another_feature_keeps_is_not_remembered() -> None:
    """One uMap id for a feature of the file and one of a person's: ours gets another in the push, and base
    must not take the person's feature for it.
    """
    theirs, ours = (
        json.dumps(
            {
                "type": "Feature",
                "properties": {"id": key, "name": "old"},
                "geometry": {"type": "Point", "coordinates": [3, 2]},
                "id": "00000",
            }
        ).encode()
        for key in ("zz", "b")
    )
    live = live_of([theirs, ours])
    file = Layer(file="f.csv", key="id", columns=("id", "name"), rows={}, places=False)
    file = replace(file, rows={"b": Feature({"id": "b", "name": "new"})})
    base = Base(layer_id="layer-1", commit="c1", key="id", columns=("id", "name"), places=False, known={})
    sync = Sync(Commit("c2"), file, Policy())
    plan = sync.outcome(live, base).plan
    assert [(change.key, change.umap_id) for change in plan.effects.changes] == [("b", None)]
    pushed = apply(plan, live)
    assert pushed.features[0] == theirs
    (applied,) = recover((Intent(1, plan, pushed.digest, live.standing, "v1"),), base, pushed)
    assert applied.base
    again = sync.outcome(replace(live, standing=pushed, carried=pushed), applied.base).plan
    assert again.effects.changes == ()
