"""A property is one, whatever form of Unicode its name has on the map; the map's own spelling stays."""

from __future__ import annotations

import json
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from msgspec.structs import replace

from tests.reconcile.test_recovery import AT
from tests.reconcile.test_rollback import carried_out, rows
from tests.reconcile.worlds import World, dump, live_of, worlds
from umap_bot.dataset.decode import decode as read
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.writing.export import write
from umap_bot.model.base import Base, Known, Origin
from umap_bot.model.canon import compared
from umap_bot.model.layer import Commit, Layer, Live, Save
from umap_bot.model.policy import Policy
from umap_bot.reconcile.aims import Adopt, Sync
from umap_bot.reconcile.apply import apply
from umap_bot.reconcile.guard.usage import uses
from umap_bot.reconcile.lost.likeness import Likeness, keyed
from umap_bot.reconcile.lost.rebuilt import rebuilt
from umap_bot.reconcile.lost_saves import carry
from umap_bot.reconcile.slices import decode
from umap_bot.reconcile.undo.rollback import Rollback
from umap_bot.report.popup import shown_nowhere

NFC = "Téléphone"
NFD = normalize("NFD", NFC)
KEY = normalize("NFD", "numéro")


def feature(umap_id: str, **properties: Any) -> bytes:
    return dump({"type": "Feature", "properties": properties, "geometry": AT, "id": umap_id})


def file(*lines: str, key: str = "id", **recipe: Any) -> Layer:
    text = f"{key},name,{NFC},lat,lon\n" + "".join(f"{line},45,4\n" for line in lines)
    return read(text.encode(), Recipe(path="f.csv", key=key, **recipe))


ONE, TWO = feature("aaaaa", id="a", name="A", **{NFD: "1"}), feature("bbbbb", id="b", name="B", **{NFD: "2"})
FILE = file("a,A,1", "b,B,2")
LIVE = live_of([ONE, TWO])


def synced(desired: Layer, live: Live, base: Base | None, policy: Policy | None = None) -> tuple[Live, Base]:
    """What stands, and base, after a sync that settles."""
    aim = Sync(Commit("c2"), desired, policy or Policy())
    done, _, _ = carried_out(aim.outcome(live, base).plan, live, base, 1)
    settled = aim.outcome(done, base)
    assert settled.plan.effects.changes == ()
    after = settled.base_after(settled.plan)
    assert after is not None
    return done, after


def properties(live: Live) -> list[dict[str, Any]]:
    return [json.loads(raw)["properties"] for raw in live.standing.features]


def test_a_layer_that_is_only_spelled_otherwise_is_as_the_file_says() -> None:
    done, base = synced(FILE, LIVE, None)
    assert done.standing == LIVE.standing
    assert Sync(Commit("c2"), FILE, Policy()).outcome(LIVE, base).plan.effects.changes == ()
    assert (
        Sync(Commit("c2"), FILE, Policy(), skip_unchanged=False).outcome(LIVE, base).plan.effects.changes
        == ()
    )


def test_what_changes_or_is_new_is_spelled_as_on_the_map() -> None:
    _, base = synced(FILE, LIVE, None)
    done, _ = synced(file("a,A,9", "b,B,2", "c,C,3"), LIVE, base)
    assert properties(done) == [
        {"id": "a", "name": "A", NFD: "9"},
        {"id": "b", "name": "B", NFD: "2"},
        {"id": "c", "name": "C", NFD: "3"},
    ]
    assert done.standing.features[1] == TWO


def test_a_feature_that_lacks_the_property_gets_it_as_the_others_have_it() -> None:
    live = live_of([feature("aaaaa", id="a", name="A"), TWO])
    assert properties(synced(FILE, live, None)[0])[0] == {"id": "a", "name": "A", NFD: "1"}


def test_where_the_map_does_not_know_the_property_the_files_spelling_is_written() -> None:
    live = live_of([feature("aaaaa", id="a", name="A"), feature("bbbbb", id="b", name="B", **{NFC: "2"})])
    assert [list(each) for each in properties(synced(FILE, live, None)[0])] == [["id", "name", NFC]] * 2
    assert properties(synced(FILE, live_of([]), None)[0])[0] == {"id": "a", "name": "A", NFC: "1"}


def test_where_a_feature_has_both_the_one_in_nfc_is_the_files_and_nothing_is_lost() -> None:
    both = {NFD: "mine", NFC: "1"}
    live = live_of([feature("aaaaa", id="a", name="A", **both), TWO])
    _, base = synced(FILE, live, None)
    done, _ = synced(file("a,A,9", "b,B,9"), live, base)
    assert properties(done) == [
        {"id": "a", "name": "A", NFD: "mine", NFC: "9"},
        {"id": "b", "name": "B", NFD: "9"},
    ]


def test_an_edit_on_the_map_is_told_and_put_back_where_it_stands() -> None:
    _, base = synced(FILE, LIVE, None)
    edited = live_of([feature("aaaaa", id="a", name="A", **{NFD: "by hand"}), TWO])
    (drift,) = Sync(Commit("c2"), FILE, Policy()).outcome(edited, base).plan.context.drift
    assert (drift.field, drift.base, drift.live) == (NFC, "1", "by hand")
    assert synced(FILE, edited, base)[0].standing.features == (ONE, TWO)


def test_a_column_that_is_gone_is_gone_from_the_map() -> None:
    _, base = synced(FILE, LIVE, None)
    text = b"id,name,lat,lon\na,A,45,4\nb,B,45,4\n"
    done, _ = synced(read(text, Recipe(path="f.csv")), LIVE, base)
    assert properties(done) == [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]


def test_the_layers_settings_that_use_a_column_are_told_in_either_spelling() -> None:
    settings: dict[str, Any] = {
        "labelKey": NFD,
        "popupContentTemplate": f"# {{{NFD}}}",
        "rules": [{"condition": f"{NFD}=1"}],
        "choropleth": {"property": NFD},
    }
    assert uses(settings, NFC) == tuple(settings)
    nothing_else = Layer(file="f", key="id", columns=("id", NFC), rows=FILE.rows, places=True)
    assert shown_nowhere(nothing_else, {"popupContentTemplate": f"{{{NFD}}}"}, {}) == ()


def test_a_rollback_puts_back_what_stood_there() -> None:
    _, base = synced(FILE, LIVE, None)
    aim = Sync(Commit("c2"), file("a,A,9", "c,C,3"), Policy())
    done, after, run = carried_out(aim.outcome(LIVE, base).plan, LIVE, base, 1)
    undone, back, _ = carried_out(Rollback(run, Policy()).outcome(done, after).plan, done, after, 2)
    assert undone.standing.features == (ONE, TWO)
    assert rows(back) == rows(base)


def test_the_key_may_be_spelled_otherwise() -> None:
    live = live_of([
        dump({"type": "Feature", "properties": {KEY: key, "name": key.upper(), NFD: "1"}, "geometry": AT,
              "id": key * 5})
        for key in "ab"
    ])  # fmt: skip
    for spelled in (KEY, normalize("NFC", KEY)):
        desired = file("a,A,1", "b,B,1", "c,C,1", key=spelled)
        done, base = synced(desired, live, None)
        assert done.standing.features[:2] == live.standing.features
        assert properties(done)[2] == {KEY: "c", "name": "C", NFD: "1"}
        assert set(base.known) == {"a", "b", "c"}


def test_a_rename_meets_the_property_that_stands() -> None:
    text = b"id,name,tel,lat,lon\na,A,1,45,4\nb,B,3,45,4\n"
    for target in (NFC, NFD):
        desired = read(text, Recipe(path="f.csv", rename={"tel": target}))
        assert properties(synced(desired, LIVE, None)[0])[1] == {"id": "b", "name": "B", NFD: "3"}


def test_an_export_has_one_column_and_an_adoption_writes_one_key() -> None:
    drawn = live_of([feature("aaaaa", name="A", **{NFD: "1"}), feature("bbbbb", name="B", **{NFC: "2"})])
    written = write([decode(raw) for raw in drawn.standing.features], "csv", "f.csv", key=KEY)
    assert written.columns == (normalize("NFC", KEY), "name", NFC, "lat", "lon")
    assert not any("renamed" in note for note in written.notes)
    desired = read(written.data, written.recipe)
    plan = Adopt(Commit("c1"), desired, Policy()).outcome(drawn, None).plan
    adopted, _, _ = carried_out(plan, drawn, None, 1)
    done, _ = synced(desired, adopted, None)
    assert done.standing == adopted.standing
    assert [list(each) for each in properties(done)] == [
        ["name", NFD, normalize("NFC", KEY)],
        ["name", NFC, normalize("NFC", KEY)],
    ]


def test_an_adoption_may_go_by_a_name_spelled_otherwise() -> None:
    plan = (
        Adopt(Commit("c1"), file("a,X,1", "b,Y,2"), Policy(), (NFD,))
        .outcome(live_of([feature("aaaaa", **{NFD: "1"}), feature("bbbbb", **{NFD: "2"})]), None)
        .plan
    )
    assert [change.key for change in plan.effects.changes] == ["a", "b"]


def test_a_state_that_was_lost_is_found_by_what_stands() -> None:
    likeness = Likeness(keyed(LIVE, "id"))
    assert likeness.look(Commit("c1"), FILE)
    origin = likeness.nearest()
    assert origin is not None
    assert (origin.differing, origin.cells) == (0, 8)
    base = rebuilt(FILE, Origin(how="likeness", commit=Commit("c1")), LIVE, None)
    plan = Sync(Commit("c2"), file("a,A,9", "b,B,2"), Policy()).outcome(LIVE, base).plan
    assert [(drift.field, drift.kind) for drift in plan.context.drift] == []
    assert [field.name for update in plan.effects.updates for field in update.fields] == [NFC]


def test_a_lost_save_is_put_back_where_it_stood() -> None:
    changed = live_of([feature("aaaaa", id="a", name="A", **{NFD: "9"}), TWO])
    lost = live_of([feature("aaaaa", id="a", name="A", **{NFC: "by hand"}), TWO])
    save = Save("v1", LIVE.standing, changed.standing, lost.standing)
    carried = carry([save], changed, "id").carried.features
    assert json.loads(carried[0])["properties"] == {"id": "a", "name": "A", NFD: "by hand"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a", NFC], ["a", NFC]),
        ([NFD], [NFC]),
        ([NFD, NFC], [NFD, NFC]),
        ([NFC, NFD], [NFC, NFD]),
        (["Te\u0301léphone", NFD, "a"], [NFC, NFD, "a"]),
    ],
)
def test_of_several_spellings_one_is_the_name(names: list[str], expected: list[str]) -> None:
    assert list(compared(names).values()) == expected
    assert list(compared(expected).values()) == expected


def _renamed(cells: dict[str, Any]) -> dict[str, Any]:
    return {NFC if name == "q" else name: value for name, value in cells.items()}


def _layer(layer: Layer) -> Layer:
    return replace(
        layer,
        columns=tuple(_renamed(dict.fromkeys(layer.columns))),
        seeds=tuple(_renamed(dict.fromkeys(layer.seeds))),
        rows={key: replace(row, properties=_renamed(row.properties)) for key, row in layer.rows.items()},
    )


def _spelled(live: Live, name: str) -> Live:
    found = [json.loads(raw) for raw in live.standing.features]
    for each in found:
        each["properties"] = {name if own == "q" else own: value for own, value in each["properties"].items()}
    return live_of([dump(each) for each in found], live.version)


@given(worlds())
def test_whatever_people_did_the_plan_is_the_same_in_either_spelling(world: World) -> None:
    base = replace(
        world.base,
        columns=tuple(_renamed(dict.fromkeys(world.base.columns))),
        known={key: Known.of(_renamed(known.properties), known.geometry, known.umap_id)
               for key, known in world.base.known.items()},
    )  # fmt: skip
    aim = Sync(Commit("c2"), _layer(world.desired), world.policy)
    composed, decomposed = (_spelled(world.live, name) for name in (NFC, NFD))
    plans = [aim.outcome(live, base).plan for live in (composed, decomposed)]
    assert plans[0].digest == plans[1].digest
    assert plans[0].context.drift == plans[1].context.drift
    one, other = (apply(plan, live) for plan, live in zip(plans, (composed, decomposed), strict=True))
    stands = any(NFC in json.loads(raw)["properties"] for raw in composed.standing.features)
    assert [json.loads(raw) for raw in other.features] == [
        json.loads(raw.replace(NFC.encode(), NFD.encode()) if stands else raw) for raw in one.features
    ]
    after = [aim.outcome(live_of(list(done.features), "v3"), base).plan for done in (one, other)]
    assert after[0].digest == after[1].digest
