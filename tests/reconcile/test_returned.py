"""A row comes back to a feature that had stayed since a person edited it: the rest of it is no edit."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from tests.reconcile.test_recovery import THERE, layer
from tests.reconcile.test_rollback import carried_out, published
from tests.reconcile.worlds import base_left, live_of
from umap_bot.model.base import Base, Known
from umap_bot.model.change import Create
from umap_bot.model.layer import GEOMETRY, Commit, Feature, Layer, Live
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Policy
from umap_bot.model.run import Run
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.undo.rollback import Rollback

KEEP = Policy("keep")
BEFORE = layer(a={"name": "A", "q": "1"}, b={"name": "B"})
THEN = layer(a={"name": "A", "q": "2"}, b={"name": "B"})
GONE = layer(b={"name": "B"})
BACK = layer(a={"name": "A3", "q": "3", "at": THERE}, b={"name": "B"})


def edited(live: Live, key: str, **cells: Any) -> Live:
    features = [json.loads(raw) for raw in live.standing.features]
    for feature in features:
        if feature["properties"].get("id") == key:
            feature["properties"].update(cells)
    return live_of([json.dumps(feature).encode() for feature in features], "v9")


def synced(file: Layer, live: Live, base: Base, number: int) -> tuple[Live, Base, Run]:
    sync = Sync(Commit(f"c{number}"), file, KEEP)
    done, after, run = carried_out(sync.outcome(live, base).plan, live, base, number)
    settled = base_left(sync, done, after)
    assert settled is not None
    return done, settled, run


def stayed() -> tuple[Live, Base, Run]:
    """A feature that stays with a person's name, its row gone; and the run that had written its `q`."""
    live, base, _ = published(BEFORE)
    live, base, run = synced(THEN, live, base, 2)
    live, base, _ = synced(GONE, edited(live, "a", name="mine"), base, 3)
    assert "a" not in base.known, "it is not counted as ours"
    return live, base, run


def planned(live: Live, base: Base, file: Layer = BACK, policy: Policy = KEEP) -> Plan:
    return Sync(Commit("c4"), file, policy).outcome(live, base).plan


def told(plan: Plan) -> list[tuple[str, str, Any]]:
    return [(drift.field, drift.kind, drift.base) for drift in plan.context.drift]


def test_what_nobody_touched_follows_the_file_and_the_edit_stays() -> None:
    live, base, _ = stayed()
    plan = planned(live, base)
    (update,) = plan.effects.updates
    assert ([field.name for field in update.fields], update.move is not None) == (["q"], True)
    assert told(plan) == [("name", "conflict", "A")]


def test_an_unfinished_run_forgets_nothing_of_it() -> None:
    live, base, _ = stayed()
    plan = planned(live, base)
    (update,) = plan.effects.updates
    half = plan.doing((msgspec.structs.replace(update, move=None),))
    live, advanced, _ = carried_out(half, live, base, 4)
    assert advanced is not None
    assert told(planned(live, advanced)) == [("name", "conflict", "A")], "its place is nobody's edit"


def test_it_is_forgotten_when_the_row_is_back_or_the_feature_gone() -> None:
    live, base, _ = stayed()
    assert set(base.kept.rows) == {"a"}
    _, settled, _ = synced(BACK, live, base, 4)
    assert settled.kept.rows == {}
    only_b = live_of([raw for raw in live.standing.features if b"mine" not in raw], "v9")
    assert synced(GONE, only_b, base, 4)[1].kept.rows == {}


def test_it_is_remembered_while_the_row_is_gone() -> None:
    live, base, _ = stayed()
    for number in (4, 5):
        live, base, _ = synced(GONE, edited(live, "a", q=f"mine {number}"), base, number)
    assert told(planned(live, base)) == [("name", "conflict", "A"), ("q", "conflict", "2")]


def test_a_feature_that_a_person_removed_meanwhile_is_added() -> None:
    live, base, _ = stayed()
    (change,) = planned(
        live_of([raw for raw in live.standing.features if b"mine" not in raw]), base
    ).effects.changes
    assert isinstance(change, Create)
    assert not change.recreates


def test_another_feature_of_that_key_was_never_published() -> None:
    live, base, _ = stayed()
    features = [json.loads(raw) for raw in live.standing.features]
    redrawn = [{**one, "id": "drawn"} if one["properties"]["id"] == "a" else one for one in features]
    plan = planned(live_of([json.dumps(one).encode() for one in redrawn]), base)
    assert plan.effects.updates == ()
    assert told(plan) == [(GEOMETRY, "conflict", None), ("name", "conflict", None), ("q", "conflict", None)]


def test_what_a_rollback_put_back_meanwhile_is_no_edit() -> None:
    live, base, run = stayed()
    live, after, _ = carried_out(Rollback(run, KEEP).outcome(live, base).plan, live, base, 4)
    assert after is not None
    assert b'"q":"1"' in b"".join(live.standing.features).replace(b" ", b"")
    assert told(planned(live, after)) == [("name", "conflict", "A")]


@pytest.mark.parametrize(("other", "of_b", "rows"), [("code", "β", {"α"}), ("none", "n", set())])
def test_another_key_column_finds_it_if_it_tells_it_apart(other: str, of_b: str, rows: set[str]) -> None:
    live, base, _ = stayed()
    row = base.kept.rows["a"]
    coded = Known.of({**row.properties, "code": "α"}, row.geometry, row.umap_id)
    known = {"b": Known.of({"id": "b", "code": "β", "none": "n"}, None, base.known["b"].umap_id)}
    kept = msgspec.structs.replace(base.kept, rows={"a": coded})
    before = msgspec.structs.replace(base, known=known, kept=kept, columns=(*base.columns, "code", "none"))
    file = Layer(file="f.csv", key=other, columns=(other,), rows={of_b: Feature({other: of_b})}, places=False)
    sync = Sync(Commit("c4"), file, KEEP)
    after = base_left(sync, live, before)
    assert after is not None
    assert set(after.kept.rows) == rows
