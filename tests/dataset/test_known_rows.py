"""Rows that are as base has them are not read again; neither the layer nor the plan shows it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.reconcile.worlds import base_left, edits, live_of
from umap_bot.dataset import delimited, known_rows, limits, rows
from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import DatasetError
from umap_bot.model.base import Base, Known
from umap_bot.model.layer import Commit, Layer, Live
from umap_bot.model.policy import Policy
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.apply import apply

HEAD = ("id", "nom", "n", "lat", "lon")
CSV = Recipe(path="a.csv", rename={"nom": "name"})
GEOJSON = Recipe(path="a.geojson", rename={"nom": "name"})
WITNESSES = 3

Row = tuple[str, ...]


def as_csv(table: list[Row], head: Row = HEAD) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([head, *table])
    return text.getvalue().encode("utf-8", "replace")


def as_geojson(table: list[Row], head: Row = HEAD) -> bytes:
    return json.dumps(
        {"type": "FeatureCollection", "name": "x", "features": [feature(row, head) for row in table]},
        ensure_ascii=False,
    ).encode("utf-8", "replace")


FORMS = [(CSV, as_csv), (GEOJSON, as_geojson)]


def feature(row: Row, head: Row = HEAD) -> dict[str, Any]:
    cells = dict(zip(head, row, strict=False))
    latitude, longitude = (_number(cells.pop(name, "")) for name in ("lat", "lon"))
    place = {"type": "Point", "coordinates": [longitude, latitude]}
    properties = {name: value for name, value in cells.items() if value != "-"}
    return {"type": "Feature", "properties": properties, "geometry": place if latitude != "" else None}


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def read(data: bytes, recipe: Recipe, base: Base | None = None) -> Layer | str:
    try:
        return decode(data, recipe, base)
    except DatasetError as error:
        return str(error)


def published(layer: Layer) -> tuple[Base, Live]:
    """What a sync of a file leaves: base, and the map."""
    empty, first = live_of([]), Sync(Commit("c1"), layer, Policy())
    live = live_of(list(apply(first.outcome(empty, None).plan, empty).features), "v2")
    base = base_left(first, live, None)
    assert base is not None
    return base, live


def unread(layer: Layer | str) -> set[str]:
    """The keys of the rows that were taken from base."""
    assert isinstance(layer, Layer)
    assert isinstance(layer.rows, rows.Rows)
    return {key for key, row in layer.rows._rows.items() if isinstance(row, Known)}


def table(count: int) -> list[Row]:
    """Rows of places that differ, with the key k0, k1, …"""
    return [(f"k{number}", "Cité", str(number), f"4{number % 9}.5", "4.25") for number in range(count)]


CELLS = st.tuples(
    st.text("abcé \n,;\"'", max_size=4),
    st.sampled_from(["0", "1.50", "007", "x"]),
    st.sampled_from(["45", "45.50", "46", "4"]),
    st.sampled_from(["4", "4.250", "45", "5"]),
)
GOOD = st.tuples(st.sampled_from(["a", "é", "7"]), CELLS).map(lambda row: (row[0], *row[1]))
ODD = st.tuples(
    st.sampled_from(["a", "A", " a", "e\u0301", "\u00e9", "7", "07", "", "#REF!", "b" * 201]),
    st.sampled_from(["x", "NULL", "Ã©tÃ©", "\x07", "1E+05", "-"]),
    st.sampled_from(["", "1", "-"]),
    st.sampled_from(["45", "45", "0", "", "91", "4,5", "x", "650000"]),
    st.sampled_from(["4", "4", "0", "", "45"]),
)
SOME: list[Row] = [("a", "x", "0", "45", "4"), ("b", "x", "0", "46", "4"), ("c", "y", "1", "45", "45")]
TABLES = st.lists(CELLS, min_size=5, max_size=5).map(
    lambda cells: [*SOME, *((key, *each) for key, each in zip("def7é", cells, strict=True))]
)
RECIPES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        *[{}] * 5,
        {"seed": ("n",)},
        {"seed": ("geometry",)},
        {"keep_coordinates": True},
        {"latitude": "lat", "longitude": "lon"},
        {"rename": {"n": "rank"}},
    ]
)


@st.composite
def later(draw: st.DrawFn, old: list[Row]) -> list[Row]:
    """What a table may have become."""
    new = list(old)
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(new)))
        row = draw(st.sampled_from([*old, (*old[0], ""), (*old[0], "more"), old[0][:3]]) | GOOD | ODD | ODD)
        new[place : place + draw(st.integers(0, 1))] = [row]
    alike = draw(st.sampled_from([9, 8, 7, 6, 5, *range(1, len(HEAD))]))  # in which column all say the same
    new = [row for row in new if row[alike:][:1] == new[0][alike:][:1]]
    return list(draw(st.permutations(new))) if draw(st.booleans()) else new


@pytest.mark.parametrize(("recipe", "written"), FORMS)
@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_a_plan_is_the_same_whether_rows_are_taken_from_base_or_read(
    recipe: Recipe, written: Any, data: st.DataObject
) -> None:
    recipe = replace(recipe, **data.draw(RECIPES))
    old = data.draw(TABLES)
    before = read(written(old), recipe)
    if isinstance(before, str):
        return
    base, live = published(before)
    features = [raw for each in live.standing.features for raw in data.draw(edits(each))]
    file = written(data.draw(later(old)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known_rows, "_READ_AT_LEAST", WITNESSES)
        taken = read(file, recipe, base)
    whole = read(file, recipe)
    assert taken == whole
    if isinstance(taken, str) or isinstance(whole, str):
        return
    assert (list(taken.rows), list(taken.lines)) == (
        list(whole.rows),
        list(whole.lines),
    )
    live = live_of(features, "v3")
    one, other = (Sync(Commit("c2"), layer, Policy()).outcome(live, base) for layer in (taken, whole))
    assert one.plan == other.plan
    assert one.base_after(one.plan) == other.base_after(other.plan)


def taken_and_whole(recipe: Recipe, old: bytes, new: bytes) -> tuple[Layer | str, set[str]]:
    """Read a file with the base of another one: what comes out, as without, and the keys taken from base."""
    before = read(old, recipe)
    assert isinstance(before, Layer)
    found = read(new, recipe, published(before)[0])
    taken = set() if isinstance(found, str) else unread(found)
    assert found == read(new, recipe)
    return found, taken


@pytest.mark.parametrize(("recipe", "written"), FORMS)
def test_only_rows_that_changed_are_read_and_ten_more(recipe: Recipe, written: Any) -> None:
    old = table(30)
    new = [*old[:15], ("k15", "Bron", "15", "45", "4"), *old[16:], ("new", "Lyon", "16", "46", "5")]
    found, taken = taken_and_whole(recipe, written(old), written(new))
    assert taken == {row[0] for row in old[10:] if row[0] != "k15"}
    assert isinstance(found, Layer)
    assert found.rows["k20"].properties == {"id": "k20", "name": "Cité", "n": "20"}
    assert found.lines["new"] == 32 - (recipe is GEOJSON)


@pytest.mark.parametrize(("recipe", "written"), FORMS)
@pytest.mark.parametrize(
    "changed",
    [
        {"rename": {"nom": "title"}},
        {"key": "n"},
        {"seed": ("n",)},
        {"keep_coordinates": True},
        {"filter": {"nom": "Cité"}},
    ],
)
def test_with_other_settings_every_row_is_read(recipe: Recipe, written: Any, changed: dict[str, Any]) -> None:
    before = decode(written(table(30)), recipe)
    again = decode(written(table(30)), replace(recipe, **changed), published(before)[0])
    assert unread(again) == set()


@pytest.mark.parametrize(("recipe", "written"), FORMS)
def test_with_another_version_of_the_program_every_row_is_read(
    recipe: Recipe, written: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, _ = published(decode(written(table(30)), recipe))
    monkeypatch.setattr(known_rows, "_reader", lambda: "another")
    assert unread(decode(written(table(30)), recipe, base)) == set()


@pytest.mark.parametrize(
    ("head", "recipe"),
    [
        pytest.param(("id", "nom", "m", "lat", "lon"), CSV, id="a column of another name"),
        pytest.param(
            ("id", "position", "n", "x", "y"), replace(CSV, rename={}), id="a vague name beside x and y"
        ),
        pytest.param(("id", "nom", "geo", "n", "m"), CSV, id="a vague name"),
        pytest.param(("id", "nom", "n", "a", "b"), CSV, id="no places"),
    ],
)
def test_where_rows_need_others_every_row_is_read(head: Row, recipe: Recipe) -> None:
    rows = [(*row[:2], f"{row[3]},{row[4]}", *row[3:]) if "geo" in head else row for row in table(30)]
    first = HEAD if "m" in head and "lat" in head else head
    base, _ = published(decode(as_csv(rows, first), replace(recipe, geometry="")))
    assert unread(decode(as_csv(rows, head), recipe, base)) == set()


@pytest.mark.parametrize(("recipe", "written"), FORMS)
@pytest.mark.parametrize(
    ("also", "says"),
    [
        (("k20", "Cité", "20", "42.5", "4.25"), "k20"),
        (("k20", "another", "1", "42.5", "4.25"), "k20"),
        (("K20", "another", "1", "42.5", "4.25"), "look the same"),
        (("new", "NULL", "1", "42.5", "4.25"), "NULL"),
        (("new", "x", "1", "0", "0"), "0, 0"),
        (("", "x", "1", "45", "4"), "id is empty"),
        (("new", "x", "1", "95", "4"), "swapped"),
    ],
)
def test_a_row_that_is_wrong_or_odd_is_told_as_ever(
    recipe: Recipe, written: Any, also: Row, says: str
) -> None:
    found, taken = taken_and_whole(recipe, written(table(30)), written([*table(30), also]))
    assert says in (found if isinstance(found, str) else str(found.warnings[0]))
    assert taken == set()


@pytest.mark.parametrize(("recipe", "written"), FORMS)
@pytest.mark.parametrize(
    ("left", "says"),
    [
        (("45", "4"), "all points are at the same place"),
        (("5", "5"), "equal in every row"),
        (("4", "48"), "off the coast of Somalia"),
    ],
)
def test_what_is_odd_of_all_rows_together_is_told_as_ever(
    recipe: Recipe, written: Any, left: tuple[str, str], says: str
) -> None:
    """The rows that are left are as they were; only the others are gone."""
    step = 0 if "same place" in says else 0.1
    odd = [
        (f"o{number}", "Cité", "1", *(str(float(degree) + step * number) for degree in left))
        for number in range(30)
    ]
    old = [*table(30), *odd]
    found, taken = taken_and_whole(recipe, written(old), written(odd))
    assert isinstance(found, Layer)
    assert says in str(found.warnings[0])
    assert taken == set()


def test_what_stands_in_another_cell_is_another_row() -> None:
    new = [*table(20), ("k20", "ab", "c", "45", "4")]
    found, taken = taken_and_whole(CSV, as_csv([*table(20), ("k20", "a", "bc", "45", "4")]), as_csv(new))
    assert isinstance(found, Layer)
    assert taken
    assert found.rows["k20"].properties == {"id": "k20", "name": "ab", "n": "c"}


def test_a_base_without_sources_gets_them_by_a_run_that_has_nothing_to_do() -> None:
    """So it is with a state that an earlier program left."""
    layer = decode(as_csv(table(20)), CSV)
    base, live = published(layer)
    before = replace(base, known={key: replace(row, source="") for key, row in base.known.items()})
    assert unread(decode(as_csv(table(20)), CSV, before)) == set()
    assert base_left(Sync(Commit("c1"), layer, Policy()), live, before) == base


def test_rows_that_base_has_are_not_even_decoded_where_the_map_is_as_it_was() -> None:
    base, live = published(decode(as_csv(table(20)), CSV))
    layer = decode(as_csv(table(20)), CSV, base)
    taken = unread(layer)
    outcome = Sync(Commit("c1"), layer, Policy()).outcome(live, base)
    assert outcome.base_after(outcome.plan) == base
    assert unread(layer) == taken != set()


def test_a_file_of_which_only_some_rows_count_leaves_no_sources() -> None:
    assert decode(as_csv(table(3)), replace(CSV, filter={"nom": "Cité"})).sources == {}


def test_a_file_with_a_warning_leaves_no_sources() -> None:
    assert decode(as_csv([*table(3), ("k3", "", "", "", "")]), CSV).sources == {}
    assert set(decode(as_csv(table(3)), CSV).sources) == {"k0", "k1", "k2"}


def test_more_rows_and_cells_than_may_be_are_refused_whether_they_are_read_or_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    base, _ = published(decode(as_csv(table(30)), CSV))
    for most, count in (("MOST_ROWS", 30), ("MOST_CELLS", 30 * len(HEAD))):
        with monkeypatch.context() as patch:
            patch.setattr(limits, most, count)
            patch.setattr(delimited, most, count)
            assert isinstance(read(as_csv(table(30)), CSV, base), Layer)
            assert "more than" in str(
                read(as_csv([*table(29), ("x", "1", "1", "45", "4"), *table(30)[29:]]), CSV, base)
            )


def test_a_feature_that_brings_a_column_is_a_reason_to_read_all() -> None:
    base, _ = published(decode(as_geojson(table(30)), GEOJSON))
    new = feature(("new", "x", "1", "45", "4")) | {"properties": {"id": "new", "more": 1}}
    file = {"type": "FeatureCollection", "features": [*map(feature, table(30)), new]}
    data = json.dumps(file, ensure_ascii=False).encode()
    layer = decode(data, GEOJSON, base)
    assert layer == decode(data, GEOJSON)
    assert layer.columns == ("id", "name", "n", "more")
    assert unread(layer) == set()
    assert layer.sources == {}


@pytest.mark.parametrize(
    "body",
    [
        '{"type": "FeatureCollection", "also": [%s], "features": [%s]}',
        '{"type": "FeatureCollection", "features": [%s], "features": [%s]}',
        '{"features": [%s], "type": "FeatureCollection", "also": {"features": [%s]}}',
        '{"type": "FeatureCollection", "features": [%s], "also": "\\ud800", "more": [%s]}',
        '{"type": "FeatureCollection", "features": [%s], "name": "a", "name": "b", "more": [%s]}',
        '{"type": "FeatureCollection", "features": [%s], "crs": {"type": "name"}, "more": [%s]}',
        "[%s, %s]",
        '{"type": "FeatureCollection", "features": [%s,], "more": [%s]}',
        '{"type": "Feature", "features": [%s], "more": [%s]}',
    ],
)
def test_what_stands_around_the_features_is_looked_at_as_ever(body: str) -> None:
    features = ", ".join(json.dumps(feature(row), ensure_ascii=False) for row in table(30))
    base, _ = published(decode(as_geojson(table(30)), GEOJSON))
    file = (body % (features, features)).encode()
    assert read(file, GEOJSON, base) == read(file, GEOJSON)


@pytest.mark.parametrize(("recipe", "form"), FORMS)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mails beyond a share", [(20, "n", f"a{number}@example.org") for number in range(8)]),
        ("mails below it", [(20, "n", f"a{number}@example.org") for number in range(2)]),
        ("a swapped row", [(3, "lat", "4.25"), (3, "lon", "44.5")]),
        (
            "the others moved to where the known rows would be",
            [each for row in range(17) for each in ((row, "lat", "4.3"), (row, "lon", f"4{row % 9}.5"))],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_odd_only_among_all_rows_is_looked_for_among_all(
    recipe: Recipe, form: Any, old: str, new: list[tuple[int, str, str]]
) -> None:
    before = table(20)
    base, _ = published(decode(form(before), recipe))
    after = [dict(zip(HEAD, row, strict=True)) for row in before]
    for number, (row, column, value) in enumerate(new):
        after[row if row < len(after) else 19 - number][column] = value
    data = form([tuple(row.values()) for row in after])
    whole = decode(data, recipe)
    assert decode(data, recipe, base).warnings == whole.warnings
    assert bool(whole.warnings) == (old != "mails below it"), whole.warnings


@pytest.mark.parametrize(
    ("before", "after"),
    [("4.5", "4.25"), ("4", "4.25")],
    ids=["proved by rows that are not read", "proved by the row that changed"],
)
def test_columns_that_only_all_rows_prove_to_be_places_are_read_whole(before: str, after: str) -> None:
    head = ("id", "nom", "pos_x", "pos_y")
    old: list[Row] = [(f"k{number}", "n", "4" if number < 12 else before, "45") for number in range(20)]
    base, _ = published(decode(as_csv(old, head), CSV))
    new = as_csv([("k0", "other", "4", "45"), *old[1:19], ("k19", "n", after, "45")], head)
    assert decode(new, CSV, base) == decode(new, CSV)


def test_points_among_shapes_are_looked_at_all_together() -> None:
    def collection(last: float) -> bytes:
        points = [[4.5, 45.5]] * 5 + [[4.5, last]]
        ring = [[4.0, 45.0], [5.0, 45.0], [5.0, 46.0], [4.0, 45.0]]
        shapes = [{"type": "Polygon", "coordinates": [ring]}] * 12
        places: list[Any] = [*shapes, *({"type": "Point", "coordinates": point} for point in points)]
        features = [
            {"type": "Feature", "properties": {"id": f"k{number}", "nom": "n"}, "geometry": place}
            for number, place in enumerate(places)
        ]
        return json.dumps({"type": "FeatureCollection", "features": features}).encode()

    base, _ = published(decode(collection(46.5), GEOJSON))
    whole = decode(collection(45.5), GEOJSON)
    assert whole.warnings
    assert decode(collection(45.5), GEOJSON, base).warnings == whole.warnings


def test_members_in_another_order_are_kept_in_that_order() -> None:
    def collection(properties: dict[str, str]) -> bytes:
        place = {"type": "Point", "coordinates": [4.5, 45.5]}
        others = [feature(row) for row in table(12)]
        one = {"type": "Feature", "properties": properties, "geometry": place}
        return json.dumps({"type": "FeatureCollection", "features": [*others, one]}).encode()

    old, new = {"id": "z", "nom": "n", "n": "1"}, {"n": "1", "nom": "n", "id": "z"}
    layer = decode(collection(old), GEOJSON)
    base, live = published(layer)
    later = base_left(Sync(Commit("c2"), decode(collection(new), GEOJSON, base), Policy()), live, base)
    assert later is not None
    assert list(later.known["z"].properties) == ["n", "name", "id"]
