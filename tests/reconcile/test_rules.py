"""Every rule of the guard at its limit and one beyond, with what it says."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from tests.plans import but, flat
from umap_bot.model.change import Change, Create, Delete, Field, Move, Update, distance
from umap_bot.model.drift import Drift, Duplicate, GoneColumn, Renumbered, Strayed, Unmanaged
from umap_bot.model.layer import GEOMETRY, Collection, Commit, Entry, Live, Reading
from umap_bot.model.part import Part, parts_of
from umap_bot.model.plan import Objection, Plan
from umap_bot.model.policy import Area, Limit, Limits, Policy
from umap_bot.model.run import Run
from umap_bot.model.undo import Redo
from umap_bot.reconcile.guard import amounts, jumps, suspicions
from umap_bot.reconcile.guard.guard import guard
from umap_bot.reconcile.guard.question import Question, Rule
from umap_bot.reconcile.guard.scope import scoped
from umap_bot.reconcile.slices import content, decode
from umap_bot.reconcile.strayed import strayed
from umap_bot.text import verbatim

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIMITS = Limits()
AREA = Limits(area=Area(west=2.0, south=44.1, east=7.2, north=46.9))
BRON, GRENOBLE = (4.9117, 45.73467), (5.72133, 45.18217)
PLAN = flat(
    layer_id="l1",
    layer_name="Cités",
    map_name="Carte",
    map_url="http://127.0.0.1/m",
    version="v1",
    commit=Commit("c1"),
    file="cites.csv",
    key="id",
    policy=Policy(),
    first=False,
    ours=18,
    total=18,
    rows=18,
)


def plan(*changes: Change, **members: Any) -> Plan:
    return but(PLAN, changes=changes, **members)


def live(**settings: Any) -> Live:
    entry = Entry(
        map_id="1",
        map_name="Carte",
        map_url="http://127.0.0.1/m",
        layer_id="l1",
        name="Cités",
        version="v1",
        release="3.8.1",
        editable=True,
        settings=settings,
    )
    standing = Collection((), ())
    return Live(entry, "v1", standing, standing)


def asked(
    rule: Rule, of: Plan, limits: Limits = LIMITS, *history: Run, on: Live | None = None
) -> list[Objection]:
    return list(rule(Question(of, on or live(), limits, history)))


def only(rule: Rule, of: Plan, limits: Limits = LIMITS, *history: Run, on: Live | None = None) -> Objection:
    (objection,) = asked(rule, of, limits, *history, on=on)
    return objection


def create(name: str, at: tuple[float, float] | None = None) -> Create:
    geometry: Any = {"type": "Point", "coordinates": list(at)} if at else None
    return Create(key=name, name=name, properties={"name": name}, geometry=geometry, at=at)


def creates(count: int) -> list[Create]:
    return [create(f"n{number}") for number in range(count)]


def update(name: str, *fields: Field, move: Move | None = None) -> Update:
    return Update(key=name, name=name, fields=fields or (Field("q", "a", "b"),), move=move)


def updates(count: int) -> list[Update]:
    return [update(f"u{number}") for number in range(count)]


def delete(name: str, at: tuple[float, float] | None = None, why: str = "row") -> Delete:
    return Delete(key=name, name=name, raw="{}", at=at, why=why)


def deletes(count: int, why: str = "row") -> list[Delete]:
    return [delete(f"d{number}", why=why) for number in range(count)]


def drift(name: str, **members: Any) -> Drift:
    return Drift(**{"key": name, "name": name, "field": "q", "kind": "drift", "outcome": "keep", **members})


def run(*applied: Change, number: int = 41) -> Run:
    return Run(number=number, layer="l", kind="sync", commit=Commit("c0"), started=NOON, applied=applied)


# The first sync of a layer


def test_a_first_sync_asks_if_the_layer_holds_a_single_feature() -> None:
    found = only(amounts.first_contact, plan(create("Bron"), first=True, total=1, ours=0))
    assert (found.rule, found.count) == ("first", 1)
    assert found.text == "This is the first sync of this layer, which already contains 1 feature."


def test_a_first_sync_says_how_many_features_the_layer_holds() -> None:
    found = only(amounts.first_contact, plan(create("Bron"), first=True, total=18, ours=0))
    assert found.text == "This is the first sync of this layer, which already contains 18 features."


def test_a_first_sync_of_a_layer_with_ids_of_the_file_asks_whether_the_state_was_lost() -> None:
    found = only(amounts.first_contact, plan(create("Bron"), first=True, total=18, ours=3))
    assert found.rule == "lost"
    assert found.text.endswith(
        "3 of them have ids of rows in the file. The state has no record of a run that "
        "added them. If the state was lost, name the version that was published last: "
        "umap-bot sync --base COMMIT"
    )


def test_a_first_sync_after_an_adoption_does_not_ask_whether_the_state_was_lost() -> None:
    adopted = replace(run(update("Bron")), kind="adopt")
    of = plan(create("Caen"), first=True, total=18, ours=3)
    found = only(amounts.first_contact, of, LIMITS, adopted)
    assert found.rule == "first"
    assert found.text == (
        "This is the first sync of this layer, which already contains 18 features. 3 of "
        "them have ids of rows in the file."
    )


@pytest.mark.parametrize(
    "of",
    [
        plan(create("Bron"), first=True, total=0),
        plan(create("Bron"), first=False, total=18),
        plan(first=True, total=18),
    ],
    ids=["empty layer", "with a base", "nothing to do"],
)
def test_a_first_sync_does_not_ask_where_nothing_can_be_lost(of: Plan) -> None:
    assert asked(amounts.first_contact, of) == []


# Nothing of ours left


@pytest.mark.parametrize("ours", [1, 4, 9])
def test_nothing_left_is_asked_however_small_the_map_is(ours: int) -> None:
    found = only(amounts.nothing_left, plan(*deletes(ours), ours=ours))
    assert (found.rule, found.count) == ("nothing-left", ours)
    assert found.text == "No feature of the file would be left on the map."


@pytest.mark.parametrize("of", [plan(*deletes(3), ours=4), plan(ours=0)], ids=["one is left", "none was"])
def test_nothing_left_is_not_asked_if_something_is_left_or_nothing_was(of: Plan) -> None:
    assert asked(amounts.nothing_left, of) == []


def test_nothing_left_counts_rows_that_moved_to_another_layer() -> None:
    moved = tuple(f"d{number}" for number in range(4))
    assert asked(amounts.nothing_left, plan(*deletes(4), ours=4, moved=moved)) != []


def test_nothing_left_is_not_asked_where_what_people_removed_comes_back() -> None:
    back = replace(create("Bron"), recreates=True)
    assert asked(amounts.nothing_left, plan(back, *deletes(1), ours=1)) == []


def test_nothing_left_does_not_count_doubles_and_unmanaged() -> None:
    assert asked(amounts.nothing_left, plan(*deletes(2, "double"), *deletes(2, "foreign"), ours=4)) == []


# Deletes


@pytest.mark.parametrize(
    ("ours", "percent", "most"),
    [
        (1, 10, 1),
        (4, 10, 1),
        (9, 10, 1),
        (18, 10, 1),
        (20, 10, 2),
        (30, 10, 3),
        (18, 50, 9),
        (4, 0, 1),
    ],
)
def test_deletes_are_asked_beyond_the_share_and_one(ours: int, percent: int, most: int) -> None:
    limits = Limits(deletes=Limit(Decimal(percent)))
    assert asked(amounts.deletes, plan(*deletes(most), ours=ours), limits) == []
    assert only(amounts.deletes, plan(*deletes(most + 1), ours=ours), limits).count == most + 1


def test_deletes_say_count_share_limit_and_setting() -> None:
    found = only(amounts.deletes, plan(*deletes(17)))
    assert found.text == "17 of 18 features (94 %) would be removed. Limit: 10 % (at least 1)."
    assert (found.rule, found.count, found.total) == ("deletes", 17, 18)
    assert (found.limit, found.setting) == ("10 %", "GUARD_DELETES")
    assert found.features == tuple(f"d{number}" for number in range(17))


def test_deletes_do_not_count_doubles() -> None:
    assert asked(amounts.deletes, plan(*deletes(9, "double"), delete("x"))) == []


def test_deletes_count_what_people_added_and_policy_removes() -> None:
    assert only(amounts.deletes, plan(*deletes(9, "foreign"))).count == 9


def test_deletes_do_not_count_rows_that_another_layer_has() -> None:
    moved = tuple(f"d{number}" for number in range(9))
    assert asked(amounts.deletes, plan(*deletes(9), moved=moved)) == []
    assert only(amounts.deletes, plan(*deletes(11), moved=moved)).features == ("d9", "d10")
    # An id may be that of a feature which people added, too.
    assert only(amounts.deletes, plan(*deletes(9, "foreign"), moved=moved)).count == 9


def test_a_share_is_one_of_what_stood_before_people_removed_some_by_hand() -> None:
    """2 of 20 rows are gone: 10 %, whether or not somebody removed one of the others meanwhile."""
    by_hand = (drift("Bron", kind="deleted", field=""),)
    assert asked(amounts.deletes, plan(*deletes(2), ours=19, drift=by_hand)) == []
    found = only(amounts.deletes, plan(*deletes(3), ours=19, drift=by_hand))
    assert found.text == "3 of 20 features (15 %) would be removed. Limit: 10 % (at least 1)."
    assert asked(amounts.updates, plan(*updates(10), ours=19, drift=by_hand)) == []
    assert asked(amounts.creates, plan(*creates(30), ours=29, drift=by_hand)) == []
    # What they removed long ago and a person agreed to is no part of the map any more.
    settled = (drift("Bron", kind="deleted", field="", standing=True),)
    assert asked(amounts.deletes, plan(*deletes(2), ours=19, drift=settled)) != []


# A number of features in place of a share


@pytest.mark.parametrize("ours", [1, 20, 100_000])
@pytest.mark.parametrize("most", [0, 1, 20])
def test_a_number_is_meant_as_it_is_written_however_large_the_map_is(most: int, ours: int) -> None:
    number = Limit(Decimal(most), "features")
    limits = Limits(deletes=number, updates=number, creates=number, creates_floor=1000)
    for rule, changes in ((amounts.deletes, deletes), (amounts.updates, updates), (amounts.creates, creates)):
        assert asked(rule, plan(*changes(most), ours=ours), limits) == []
        assert only(rule, plan(*changes(most + 1), ours=ours), limits).count == most + 1


def test_a_number_is_said_as_it_was_set() -> None:
    number = Limit(Decimal(20), "features")
    limits = Limits(deletes=number, updates=number, creates=Limit(Decimal(1), "features"))
    found = only(amounts.deletes, plan(*deletes(21), ours=400), limits)
    assert found.text == "21 of 400 features would be removed. Limit: 20 features."
    assert (found.limit, found.setting) == ("20 features", "GUARD_DELETES")
    found = only(amounts.updates, plan(*updates(21), ours=400), limits)
    assert found.text == "21 of 400 features would be changed. Limit: 20 features."
    found = only(amounts.creates, plan(*creates(2), ours=400), limits)
    assert found.text == "2 features would be added to 400. Limit: 1 feature."


# Updates


@pytest.mark.parametrize(("ours", "percent", "most"), [(2, 50, 1), (4, 50, 2), (18, 50, 9), (18, 100, 18)])
def test_updates_are_asked_beyond_the_share(ours: int, percent: int, most: int) -> None:
    limits = Limits(updates=Limit(Decimal(percent)))
    assert asked(amounts.updates, plan(*updates(most), ours=ours), limits) == []
    assert only(amounts.updates, plan(*updates(most + 1), ours=ours), limits).count == most + 1


def test_updates_say_count_share_limit_and_setting() -> None:
    found = only(amounts.updates, plan(*updates(12)))
    assert found.text == "12 of 18 features (67 %) would be changed. Limit: 50 % (at least 1)."
    assert (found.rule, found.count, found.total) == ("updates", 12, 18)
    assert (found.limit, found.setting) == ("50 %", "GUARD_UPDATES")
    assert found.features == tuple(f"u{number}" for number in range(12))


# Creates


@pytest.mark.parametrize(
    ("ours", "percent", "floor", "most"),
    [(4, 100, 20, 20), (0, 100, 20, 20), (25, 100, 20, 25), (10, 50, 3, 5)],
)
def test_creates_are_asked_beyond_share_and_floor(ours: int, percent: int, floor: int, most: int) -> None:
    limits = Limits(creates=Limit(Decimal(percent)), creates_floor=floor)
    assert asked(amounts.creates, plan(*creates(most), ours=ours), limits) == []
    assert only(amounts.creates, plan(*creates(most + 1), ours=ours), limits).count == most + 1


def test_creates_say_count_limit_and_setting() -> None:
    found = only(amounts.creates, plan(*creates(21), ours=4))
    assert found.text == "21 features would be added to 4. Limit: 100 % (at least 20)."
    drawn = only(amounts.creates, plan(*creates(21), ours=0, total=25, first=True))
    assert drawn.text == (
        "21 features would be added to a layer that has none from the file yet. Limit: 20 features."
    )
    assert (found.rule, found.count, found.total) == ("creates", 21, 4)
    assert (found.limit, found.setting) == ("100 %", "GUARD_CREATES")
    assert found.features == tuple(f"n{number}" for number in range(21))


def test_creates_do_not_count_what_people_removed_and_comes_back() -> None:
    back = [replace(each, recreates=True) for each in creates(30)]
    assert asked(amounts.creates, plan(*back, ours=4)) == []
    more = [create(f"more {number}") for number in range(21)]
    assert only(amounts.creates, plan(*back, *more, ours=4)).count == 21


def test_creates_do_not_count_rows_that_come_from_another_layer() -> None:
    moved = tuple(f"n{number}" for number in range(30))
    assert asked(amounts.creates, plan(*creates(30), ours=4, moved=moved)) == []
    assert only(amounts.creates, plan(*creates(51), ours=4, moved=moved)).count == 21


def test_creates_may_fill_an_empty_layer_at_first_contact_only() -> None:
    assert asked(amounts.creates, plan(*creates(500), ours=0, total=0, first=True)) == []
    assert asked(amounts.creates, plan(*creates(500), ours=0, total=1, first=True)) != []
    assert asked(amounts.creates, plan(*creates(500), ours=0, total=0, first=False)) != []


# Look-alikes


def test_a_create_by_the_name_of_a_delete_is_a_row_with_another_id() -> None:
    found = only(suspicions.rekeyed, plan(create("Lyon 8e"), delete("LYON  8é")))
    assert (found.rule, found.count, found.features) == ("re-keyed", 1, ("Lyon 8e",))
    assert found.text == (
        "1 feature would be removed and added again with another id, at the same place or "
        "with the same name. Its style and notes would be lost. Was its id changed by "
        "mistake?"
    )


def test_a_create_by_the_name_of_a_theirs_is_a_look_alike() -> None:
    there = (Unmanaged("Vénissieux / Saint-Fons", "c"), Unmanaged("Bron", "d"))
    found = only(
        suspicions.look_alikes,
        plan(create("venissieux-saint fons"), create("bron"), create("Caen"), unmanaged=there),
    )
    assert (found.rule, found.count) == ("look-alike", 2)
    assert found.features == ("venissieux-saint fons", "bron")
    assert found.text == (
        "2 rows look like features that are already on the map but have no id, and would be "
        "on the map twice. To match them: umap-bot adopt"
    )


@pytest.mark.parametrize(
    ("metres", "alike"), [(0.0, True), (0.9, True), (1.1, False)], ids=["same", "within a metre", "beyond"]
)
def test_one_place_is_within_a_metre(metres: float, alike: bool) -> None:
    there = (BRON[0], BRON[1] + metres / 111_195)
    by_theirs = plan(create("a", BRON), unmanaged=(Unmanaged("b", "c", at=there),))
    by_delete = plan(create("a", BRON), delete("b", there))
    assert [found.rule for found in asked(suspicions.look_alikes, by_theirs)] == ["look-alike"] * alike
    assert [found.rule for found in asked(suspicions.rekeyed, by_delete)] == ["re-keyed"] * alike


def test_names_without_letters_are_nobodys() -> None:
    """Folded they are empty, and all alike."""
    assert (
        asked(suspicions.look_alikes, plan(create("–"), unmanaged=(Unmanaged("…", "c"), Unmanaged("", "d"))))
        == []
    )


def test_look_alikes_need_a_create_and_a_row_that_goes() -> None:
    there = (Unmanaged("Bron", "c"),)
    assert asked(suspicions.look_alikes, plan(update("Bron"), delete("Bron"), unmanaged=there)) == []
    assert asked(suspicions.look_alikes, plan(create("Bron"), delete("Bron", why="double"))) == []


# Ids numbered again


def test_rows_under_the_ids_of_others_are_named_with_both_ids() -> None:
    found = only(
        suspicions.renumbered,
        plan(*updates(2), renumbered=(Renumbered("14", "15", "Bron"), Renumbered("15", "16"))),
    )
    assert (found.rule, found.count, found.features) == ("renumbered", 2, ("15", "16"))
    assert found.text == (
        "2 rows have ids that used to belong to other rows, as if the ids had been "
        "renumbered after rows were inserted, removed or sorted. Each id belongs to one "
        "feature on the map, whose style, notes and edits would move to another place. "
        "Restore the old ids; only new rows get new ids."
    )
    assert found.details == ("14 → 15 Bron", "15 → 16")


def test_rows_that_a_rollback_undid_are_no_reason_of_their_own() -> None:
    """What it undid is asked about by itself; the rest of the plan must not wait for it twice."""
    undone = Redo(key="1", name="Bron", field="q", run=1, by=2)
    of = plan(*updates(1), renumbered=(Renumbered("2", "1"), Renumbered("5", "6")), undone=(undone,))
    of = but(of, changes=(update("1", Field("q", "a", "b")),))
    rest = of.asking([part for change in of.effects.changes for part in parts_of(change)])
    assert rest.context.renumbered == (Renumbered("5", "6"),)


def test_a_renumbered_row_needs_something_to_push() -> None:
    assert asked(suspicions.renumbered, plan(renumbered=(Renumbered("1", "2"),))) == []


# Columns


def test_coordinates_that_are_gone_are_asked_about_though_nothing_is_to_push() -> None:
    found = only(suspicions.places_gone, plan(places_gone=True))
    assert found.rule == "coordinates"
    assert found.text.startswith("The file no longer has coordinates. ")
    assert asked(suspicions.places_gone, plan(*updates(1))) == []


def test_a_column_that_is_gone_is_named() -> None:
    found = only(suspicions.columns_gone, plan(*updates(1), gone_columns=(GoneColumn("quartiers"),)))
    assert (found.rule, found.features) == ("column", ("quartiers",))
    assert found.text == 'The column "quartiers" is no longer in the file.'


def test_a_column_that_was_renamed_is_told_with_the_way_back() -> None:
    found = only(
        suspicions.columns_gone,
        plan(*updates(1), gone_columns=(GoneColumn("name", "Nom", "Nom de la cité", 17, 18),)),
    )
    assert found.text == (
        'The column "name" is no longer in the file. The column "Nom de la cité" is new and '
        "has the same values (17 of 18), so it may have been renamed. Rename it back, or "
        "add Nom de la cité=name to DATASET_RENAME."
    )


def test_a_column_that_the_layers_settings_use_is_told_so() -> None:
    on = live(labelKey="quartiers", popupContentTemplate="# {name}\n{quartiers}", sortKey="name")
    found = only(suspicions.columns_gone, plan(*updates(1), gone_columns=(GoneColumn("quartiers"),)), on=on)
    assert found.text == (
        'The column "quartiers" is no longer in the file. The layer\'s settings use it: '
        "labelKey, popupContentTemplate."
    )


def test_a_column_that_the_group_and_the_map_use_is_told_so() -> None:
    on = live()
    entry = replace(on.entry, group_settings={"sortKey": "q"}, map_settings={"labelKey": "q"})
    found = only(
        suspicions.columns_gone,
        plan(*updates(1), gone_columns=(GoneColumn("q"),)),
        on=replace(on, entry=entry),
    )
    assert found.text == (
        'The column "q" is no longer in the file. The settings of the layer\'s group use '
        "it: sortKey. The map's settings use it: labelKey."
    )


def test_a_column_that_is_left_out_is_told_with_the_features_that_lose_it() -> None:
    gone = (GoneColumn("tel", header="Téléphone", left_out=True),)
    losing = [update(f"u{number}", Field("tel", "04", UNSET)) for number in range(27)]
    found = only(suspicions.columns_gone, plan(*losing, *updates(1), gone_columns=gone))
    assert (found.rule, found.count, found.features) == ("column", 27, ("tel",))
    assert found.text == (
        'The column "Téléphone" is no longer published and would be removed from 27 features.'
    )


def test_a_column_that_is_left_out_and_goes_from_no_feature_is_no_reason() -> None:
    gone = (GoneColumn("tel", header="Téléphone", left_out=True),)
    assert asked(suspicions.columns_gone, plan(*updates(1), gone_columns=gone)) == []


def test_each_column_is_a_reason_of_its_own() -> None:
    gone = (GoneColumn("a"), GoneColumn("b"))
    assert [
        found.features for found in asked(suspicions.columns_gone, plan(*updates(1), gone_columns=gone))
    ] == [
        ("a",),
        ("b",),
    ]
    assert asked(suspicions.columns_gone, plan(*updates(3))) == []


# The area


def moved(name: str, to: tuple[float, float]) -> Update:
    before: Any = {"type": "Point", "coordinates": list(BRON)}
    return update(name, move=Move(before, {**before, "coordinates": list(to)}))


def test_a_point_outside_the_area_is_asked_about() -> None:
    found = only(
        suspicions.outside_area, plan(create("Cherbourg", (-1.62, 49.64)), moved("Bron", (7.3, 45.0))), AREA
    )
    assert (found.rule, found.count, found.setting) == ("area", 2, "SYNC_AREA")
    assert found.features == ("Cherbourg", "Bron")
    assert found.text == "2 features would be outside the expected area. The first: Cherbourg."


def test_a_point_with_swapped_coordinates_is_told_so() -> None:
    swapped = (BRON[1], BRON[0])
    found = only(
        suspicions.outside_area, plan(create("Bron", swapped), create("Cherbourg", (-1.62, 49.64))), AREA
    )
    assert found.text == (
        "2 features would be outside the expected area. The first: Bron. With latitude and longitude "
        "swapped, 1 would be inside."
    )
    alone = only(suspicions.outside_area, plan(create("Bron", swapped)), AREA)
    assert alone.text == (
        "1 feature would be outside the expected area: Bron. With latitude and longitude "
        "swapped, it would be inside."
    )


HULL = Area(west=3.0, south=44.0, east=6.5, north=47.0)


def test_a_point_that_jumps_out_of_the_layer_is_told_with_from_to_and_distance() -> None:
    found = only(jumps.far_jumps, plan(moved("Bron", (4.9117, 4.573467)), *updates(1), area=HULL))
    assert (found.rule, found.count, found.setting, found.features) == ("jump", 1, "SYNC_AREA", ("Bron",))
    assert found.text == (
        '"Bron" would move 4577 km away from the other features: from latitude 45.73467, longitude 4.9117 to '
        "latitude 4.573467, longitude 4.9117."
    )


def test_new_points_far_away_wait_by_themselves_if_they_are_few() -> None:
    """A decimal point of a new row is as wrong as that of an old one."""
    far = [create(f"Cherbourg {number}", (-1.62, 49.64)) for number in range(5)]
    found = only(jumps.far_jumps, plan(far[0], create("Lyon", (4.8, 45.7)), area=HULL))
    assert found.features == ("Cherbourg 0",)
    assert found.text == (
        '"Cherbourg 0" would be added at latitude 49.64, longitude -1.62, far from the other features.'
    )
    few, many = (
        guard(plan(*far[:count], update("Bron"), area=HULL, ours=20), live(), Limits(), ())
        for count in (3, 4)
    )
    assert [len(objection.parts) for objection in few.verdict.objections] == [3]
    assert [(one.rule, one.parts) for one in many.verdict.objections if one.rule == "jump"] == [("jump", ())]


def test_the_places_of_a_jump_are_written_as_in_the_file() -> None:
    far = plan(moved("Bron", (4.9117, 4.573467)), area=HULL, decimal=",")
    assert only(jumps.far_jumps, far).text.endswith(
        ": from latitude 45,73467, longitude 4,9117 to latitude 4,573467, longitude 4,9117."
    )


def test_a_point_whose_coordinates_are_swapped_is_told_so_moved_or_added() -> None:
    hint = (
        "With latitude and longitude swapped, it would be among them. If they are swapped "
        "in the file, correct them there."
    )
    swapped = (GRENOBLE[1], GRENOBLE[0])
    found = only(jumps.far_jumps, plan(create("Grenoble", swapped), moved("Bron", swapped), area=HULL))
    assert found.features == ("Grenoble", "Bron")
    assert found.text == "2 features would be far from the other features:"
    added, far = found.details
    assert added == (
        '"Grenoble" would be added at latitude 5.72133, longitude 45.18217, far from the other features. '
        f"{hint}"
    )
    assert far.startswith('"Bron" would move 5')
    assert far.endswith(hint)


@pytest.mark.parametrize("rule", [jumps.far_jumps, suspicions.outside_area])
def test_where_renumbered_rows_lie_is_no_reason_of_its_own(rule: Rule) -> None:
    """Neither of the features under the ids that these rows have now, nor of those that they had."""
    limits, area = (LIMITS, HULL) if rule is jumps.far_jumps else (AREA, None)
    of = plan(moved("a", (0.0, 0.0)), moved("b", (0.0, 0.0)), moved("c", (0.0, 0.0)), area=area)
    alone = but(of, renumbered=(Renumbered("a", "b"),))
    assert only(rule, of, limits).features == ("a", "b", "c")
    assert only(rule, alone, limits).features == ("c",)


@pytest.mark.parametrize(
    ("of", "limits"),
    [
        (plan(moved("Bron", GRENOBLE), area=HULL), LIMITS),
        (plan(create("Cherbourg", (-1.62, 49.64)), area=HULL), AREA),
        (plan(create("Marseille", (5.37, 43.3)), area=HULL), LIMITS),
        (plan(moved("Bron", (0.0, 0.0)), area=HULL), AREA),
        (plan(moved("Bron", (9.0, 9.0)), area=Area(west=0.0, south=0.0, east=1.0, north=1.0)), LIMITS),
        (plan(moved("Bron", (0.0, 0.0))), LIMITS),
        (plan(update("Bron"), delete("Lyon", (0.0, 0.0)), area=HULL), LIMITS),
        (
            plan(update("x", move=Move({"type": "Point", "coordinates": [4.0, 45.0]}, None)), area=HULL),
            LIMITS,
        ),
    ],
    ids=[
        "within",
        "a new place, SYNC_AREA rules",
        "a new place at the edge",
        "SYNC_AREA rules",
        "outside before",
        "no area",
        "nothing placed",
        "taken away",
    ],
)
def test_what_is_no_jump(of: Plan, limits: Limits) -> None:
    assert asked(jumps.far_jumps, of, limits) == []


@pytest.mark.parametrize("corner", [(2.0, 44.1), (7.2, 46.9), (2.0, 46.9), (7.2, 44.1)])
def test_the_edge_belongs_to_the_area(corner: tuple[float, float]) -> None:
    assert asked(suspicions.outside_area, plan(create("x", corner)), AREA) == []
    west, south = corner[0] - 0.000001, corner[1]
    beyond = (west, south) if corner[0] == 2.0 else (corner[0] + 0.000001, south)
    assert asked(suspicions.outside_area, plan(create("x", beyond)), AREA) != []


def test_an_area_may_cross_the_date_line() -> None:
    limits = Limits(area=Area(west=170.0, south=-25.0, east=-170.0, north=0.0))
    assert (
        asked(
            suspicions.outside_area,
            plan(create("Fidji", (178.0, -18.0)), create("Tonga", (-175.0, -21.0))),
            limits,
        )
        == []
    )
    assert asked(suspicions.outside_area, plan(create("Bron", BRON)), limits) != []


def test_the_area_is_asked_of_what_is_placed_anew_only() -> None:
    far = (-1.62, 49.64)
    assert asked(suspicions.outside_area, plan(create("Cherbourg", far))) == []
    assert asked(suspicions.outside_area, plan(delete("Cherbourg", far), update("Cherbourg")), AREA) == []
    assert asked(suspicions.outside_area, plan(create("nowhere")), AREA) == []


def test_the_area_looks_at_the_first_position_of_a_shape() -> None:
    line: Any = {"type": "LineString", "coordinates": [[-1.62, 49.64], list(BRON)]}
    shape = Create(key="x", name="x", properties={}, geometry=line)
    assert only(suspicions.outside_area, plan(shape), AREA).features == ("x",)


# Drift, deletions and strangers under hold


def test_a_change_on_the_map_is_asked_about_under_hold_only() -> None:
    edits = (drift("Bron", outcome="hold"), drift("Bron", field="name", outcome="hold", kind="conflict"))
    others = (drift("Caen", outcome="keep"), drift("Lille", outcome="overwrite"))
    written = (update("Bron", Field("q"), Field("name"), Field("rest")), update("Caen"), update("Lille"))
    found = only(suspicions.drift_held, plan(*written, drift=(*edits, *others)))
    assert (found.rule, found.count, found.setting) == ("drift", 1, "SYNC_DRIFT")
    assert [(part.key, part.cell) for part in found.parts] == [("Bron", "q"), ("Bron", "name")]
    assert (found.text, found.features) == ("1 feature of the file was edited on the map.", ("Bron",))
    assert asked(suspicions.drift_held, plan(*written, drift=others)) == []


def test_a_row_gone_while_edited_is_asked_about_under_hold() -> None:
    found = only(
        suspicions.drift_held, plan(delete("Bron"), drift=(drift("Bron", outcome="hold", kind="edited"),))
    )
    assert found.rule == "drift"
    assert [(part.key, part.cell) for part in found.parts] == [("Bron", "")]


def test_a_deletion_on_the_map_is_asked_about_under_hold_only() -> None:
    gone = [drift(name, outcome="hold", kind="deleted", field="") for name in ("Bron", "Caen")]
    back = (create("Bron"), create("Caen"), create("Lille"))
    found = only(suspicions.drift_held, plan(*back, drift=tuple(gone)))
    assert [part.key for part in found.parts] == ["Bron", "Caen"]
    assert (found.rule, found.count, found.setting) == ("deleted", 2, "SYNC_DELETED")
    assert found.text == "2 features of the file were removed on the map, perhaps on purpose."
    assert found.features == ("Bron", "Caen")
    assert asked(suspicions.drift_held, plan(*back, drift=(replace(gone[0], outcome="keep"),))) == []


def test_changes_and_deletions_are_two_reasons() -> None:
    both = (drift("Bron", outcome="hold"), drift("Caen", outcome="hold", kind="deleted", field=""))
    assert [
        found.rule for found in asked(suspicions.drift_held, plan(update("Bron"), create("Caen"), drift=both))
    ] == ["drift", "deleted"]


def test_unmanaged_are_asked_about_under_hold_only() -> None:
    going = (delete("Siège", why="foreign"), Delete(key="aB3dE", name="", raw="{}", why="foreign"))
    found = only(suspicions.unmanaged_held, plan(*going, policy=Policy(foreign="hold")))
    assert (found.rule, found.count, found.setting) == ("foreign", 2, "SYNC_FOREIGN")
    assert found.text == ("2 features that were added on the map and are not in the file would be removed.")
    assert found.features == ("Siège", "aB3dE")
    assert asked(suspicions.unmanaged_held, plan(*going, policy=Policy(foreign="remove"))) == []
    rows = plan(*deletes(3), *deletes(3, "double"), policy=Policy(foreign="hold"))
    assert asked(suspicions.unmanaged_held, rows) == []


# An old copy saved over the last run


LANDED = (
    update("Bron", Field("q", "old", "new")),
    create("Caen"),
    Update(key="Lille", name="Lille", move=Move(None, {"type": "Point", "coordinates": [3.0, 50.0]})),
)
UNDONE = (
    drift("Bron", live="old"),
    drift("Caen", field="", kind="deleted"),
    drift("Lille", field=GEOMETRY, live=None),
)
KEEP = Policy(drift="keep")


def test_an_old_copy_is_three_changes_undone_and_all_of_them() -> None:
    found = only(suspicions.reverted, plan(drift=UNDONE, policy=KEEP), LIMITS, run(*LANDED), run(number=40))
    assert (found.rule, found.count, found.features) == ("reverted", 3, ("Bron", "Caen", "Lille"))
    assert found.text == (
        "All 3 changes of run 41 have disappeared from the map, as if someone had saved an old copy of it."
    )


def test_a_value_that_was_not_there_counts_as_undone_when_it_is_gone() -> None:
    applied = [update(name, Field("q", after="new")) for name in "abc"]
    undone = tuple(drift(name, live=None) for name in "abc")
    assert only(suspicions.reverted, plan(drift=undone, policy=KEEP), LIMITS, run(*applied)).count == 3


def test_deleted_rows_that_are_back_count_as_undone() -> None:
    raw = '{"type":"Feature","properties":{"id":"x","name":"X"},"geometry":null,"id":"aaaaa"}'
    back = content(decode(raw.replace("aaaaa", "other").encode()))
    applied = (*LANDED[:2], Delete(key="x", name="X", raw=raw))
    again = (Unmanaged("X", back),)
    asking = plan(drift=UNDONE[:2], unmanaged=again, policy=KEEP)
    assert only(suspicions.reverted, asking, LIMITS, run(*applied)).count == 3
    seen_before = plan(drift=UNDONE[:2], unmanaged=(Unmanaged("X", back, standing=True),), policy=KEEP)
    assert asked(suspicions.reverted, seen_before, LIMITS, run(*applied)) == []


@pytest.mark.parametrize(
    ("applied", "undone", "policy"),
    [
        (LANDED[:2], UNDONE[:2], KEEP),
        (LANDED, UNDONE[:2], KEEP),
        (LANDED, (replace(UNDONE[0], live="other"), *UNDONE[1:]), KEEP),
        (LANDED, (replace(UNDONE[0], standing=True), *UNDONE[1:]), KEEP),
        (LANDED, UNDONE, Policy(drift="overwrite")),
        (LANDED, UNDONE, Policy(drift="hold")),
    ],
    ids=["two only", "not all", "another value", "known before", "overwrite", "hold"],
)
def test_less_than_that_is_people_at_work(
    applied: tuple[Change, ...], undone: tuple[Drift, ...], policy: Policy
) -> None:
    assert asked(suspicions.reverted, plan(drift=undone, policy=policy), LIMITS, run(*applied)) == []


def test_without_a_run_before_nothing_can_be_undone() -> None:
    assert asked(suspicions.reverted, plan(drift=UNDONE, policy=KEEP)) == []


# Clones


def test_a_duplicate_is_named_with_both_ids() -> None:
    duplicate = Duplicate("bron", ("Bron", "Bron bis"), ("aaaaa", None))
    found = only(suspicions.duplicates, plan(update("Caen"), update("bron"), duplicates=(duplicate,)))
    assert [part.key for part in found.parts] == ["bron"]
    assert (found.rule, found.count, found.features) == ("clone", 2, ("Bron", "Bron bis"))
    assert found.text == (
        'The id "bron" is on the map 2 times: "Bron" (aaaaa) and "Bron bis" (no uMap id). '
        "Give the copy another id."
    )


def test_a_duplicate_holds_nothing_where_nothing_is_to_be_written_to_it() -> None:
    duplicate = Duplicate("bron", ("a", "b"), (None, None))
    assert asked(suspicions.duplicates, plan(update("Caen"), duplicates=(duplicate,))) == []
    assert asked(suspicions.duplicates, plan(update("Caen"))) == []


# All together


def test_every_rule_is_asked_and_all_reasons_come_at_once() -> None:
    """Each of the twelve functions has its say; without one of them its name is missing here."""
    going = [*deletes(3), delete("Siège", why="foreign"), delete("Bron")]
    of = plan(
        *(create(f"n{number}", (-1.62, 49.64)) for number in range(21)),
        create("Bron"),
        create("Parc"),
        *updates(4),
        *(update(key) for key in ("a", "x")),
        create("b"),
        *going,
        drift=(
            drift("a", outcome="hold"),
            drift("b", outcome="hold", kind="deleted", field=""),
            *UNDONE,
        ),
        unmanaged=(Unmanaged("Parc", "c"),),
        duplicates=(Duplicate("x", ("a", "b"), (None, None)),),
        gone_columns=(GoneColumn("q"),),
        places_gone=True,
        renumbered=(Renumbered("1", "2"),),
        guess=Reading("cp1252", ("Vénissieux",)),
        policy=Policy(drift="keep", foreign="hold"),
        first=True,
        ours=5,
    )
    guarded = guard(of, live(), AREA, (run(*LANDED),))
    assert [objection.rule for objection in guarded.verdict.objections] == [
        "first",
        "renumbered",
        "deletes",
        "updates",
        "creates",
        "encoding",
        "re-keyed",
        "look-alike",
        "column",
        "coordinates",
        "area",
        "drift",
        "deleted",
        "foreign",
        "reverted",
        "clone",
    ]
    assert but(guarded, objections=()) == of
    none_left = guard(plan(*deletes(2), ours=2), live(), Limits(), ())
    assert [objection.rule for objection in none_left.verdict.objections] == ["nothing-left", "deletes"]


def test_a_guessed_encoding_is_shown_by_its_words_and_answered_by_its_setting() -> None:
    guess = Reading("cp1252", ("Vénissieux", "Cités", "éducatives"))
    found = only(suspicions.encoding_guessed, plan(*updates(1), guess=guess))
    assert (found.rule, found.setting) == ("encoding", "DATASET_ENCODING")
    assert "Are these words correct: Vénissieux, Cités, éducatives?" in found.text
    assert asked(suspicions.encoding_guessed, plan(guess=guess)) == []
    assert asked(suspicions.encoding_guessed, plan(*updates(1))) == []


def test_a_plan_within_all_limits_meets_no_objection() -> None:
    of = plan(create("Caen", BRON), moved("Bron", GRENOBLE), *updates(8), delete("Lille"))
    assert guard(of, live(), AREA, (run(*LANDED),)).verdict.objections == ()


def test_a_jump_holds_a_sync() -> None:
    guarded = guard(plan(moved("Bron", (0.0, 0.0)), area=HULL), live(), LIMITS, ())
    assert [objection.rule for objection in guarded.verdict.objections] == ["jump"]


def test_the_names_of_the_reasons_are_in_the_digest_and_their_texts_are_not() -> None:
    """A new reason is a new digest; another count of the same reason comes with other effects anyway."""
    of = plan(*deletes(3))
    one, two = Objection("deletes", verbatim("x")), Objection("deletes", verbatim("y"), count=3)
    assert but(of, objections=(one,)).digest == but(of, objections=(two,)).digest
    assert but(of, objections=(one,)).digest != of.digest
    assert (
        but(of, objections=(one, Objection("area", verbatim("z")))).digest
        != but(of, objections=(one,)).digest
    )


def test_an_adoption_is_always_asked_about() -> None:
    found = only(amounts.adoption, plan(*updates(2)))
    assert (found.rule, found.count, found.features) == ("adopt", 2, ("u0", "u1"))
    assert found.text == (
        "2 features drawn on the map would be matched with rows and get their ids. Nothing else would change."
    )
    assert asked(amounts.adoption, plan()) == []


def test_what_a_person_decided_to_keep_is_one_to_look_like() -> None:
    """It stays, though policy would remove it: a row of its name would stand beside it."""
    drawn = delete("Caen", why="foreign")
    of = plan(create("Caen"), drawn, policy=Policy(foreign="remove")).leaving(parts_of(drawn))
    (found,) = guard(of, live(), LIMITS, ()).verdict.objections
    assert (found.rule, found.parts) == ("look-alike", parts_of(create("Caen")))


def test_what_goes_as_a_row_like_it_comes_waits_with_it() -> None:
    """Whatever uMap id it has: it is known by what it holds."""
    drawn = delete("Caen", why="foreign")
    same_name = replace(drawn, key="b", raw='{"a":1}')
    other = replace(delete("Lyon", why="foreign"), raw='{"a":2}')
    found = only(suspicions.look_alikes, plan(create("Caen"), drawn, same_name, other))
    assert found.parts == (*parts_of(create("Caen")), *parts_of(drawn), *parts_of(same_name))


def test_what_somebody_moved_here_waits_with_no_key_but_its_umap_id() -> None:
    """Else it would be removed from the map, and stand nowhere."""
    moved = replace(delete("Bron", why="foreign"), key="aBcDe", umap_id="aBcDe")
    found = only(strayed, plan(moved, strayed=(Strayed("aBcDe", "Bron"),)))
    assert (found.rule, found.parts) == ("strayed", parts_of(moved))


def test_what_comes_back_waits_if_it_stands_on_another_layer() -> None:
    back = replace(create("Bron"), recreates=True)
    found = only(strayed, plan(back, create("Caen"), strayed=(Strayed("Bron", "Bron", "Parks"),)))
    assert (found.rule, found.parts) == ("strayed", parts_of(back))


# What of it waits

ONE_PART = parts_of(Update(key="a", name="A", fields=(Field("q", "1", "2"),)))


@pytest.mark.parametrize(
    ("rule", "count", "ours", "of_features"),
    [
        *((rule, 1_000, 10, True) for rule in ("redo", "deleted", "drift", "foreign", "clone")),
        *(
            (rule, count, ours, few)
            for rule in ("re-keyed", "look-alike", "area", "jump")
            for count, ours, few in ((3, 0, True), (4, 39, False), (4, 40, True), (11, 109, False))
        ),
        *(
            (rule, 1, 1_000, False)
            for rule in (
                "first",
                "nothing-left",
                "renumbered",
                "deletes",
                "updates",
                "creates",
                "encoding",
                "column",
                "coordinates",
                "reverted",
                "a rule of tomorrow",
            )
        ),
    ],
)
def test_what_is_about_single_features_waits_alone(
    rule: str, count: int, ours: int, *, of_features: bool
) -> None:
    """The doubts of a first sync, a rollback or an adoption are of the whole, whatever they are about."""
    objection = Objection(rule, verbatim("x"), count, parts=ONE_PART)

    def parts(**members: Any) -> tuple[Part, ...]:
        return scoped(objection, Question(plan(ours=ours, **members), live(), LIMITS, ())).parts

    assert parts() == (ONE_PART if of_features else ())
    assert parts(first=True, total=0) == parts()
    assert parts(first=True, total=1) == ()
    assert parts(kind="rollback") == parts(kind="adopt") == ()


@pytest.mark.parametrize("apart", [0.0, 0.01], ids=["all at one place", "each at its own"])
def test_where_all_ids_changed_no_row_is_measured_from_each(
    apart: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many pairs of points are looked at grows with the rows, not with their square."""
    looked_at = 0

    def counted(here: tuple[float, float], there: tuple[float, float]) -> float:
        nonlocal looked_at
        looked_at += 1
        return distance(here, there)

    monkeypatch.setattr("umap_bot.reconcile.nearby.distance", counted)
    places = [(4 + number * apart, 45.0) for number in range(300)]
    gone = [delete(f"old {number}", place) for number, place in enumerate(places)]
    come = [create(f"new {number}", place) for number, place in enumerate(places)]
    assert only(suspicions.rekeyed, plan(*gone, *come)).count == 300
    assert looked_at <= 2 * 300
