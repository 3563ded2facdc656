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
from umap_bot.dataset import rows, sources
from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import DatasetError
from umap_bot.model.base import Base
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
    return {key for key, row in layer.rows._rows.items() if not isinstance(row, rows.Feature)}


def table(count: int) -> list[Row]:
    return [
        (f"k{number}", f"Cité {number}", str(number), f"4{number % 9}.5", "4.25") for number in range(count)
    ]


GOOD = st.tuples(
    st.sampled_from(["a", "b", "c", "d", "e", "é", "7"]),
    st.text("abcé \n,;\"'", max_size=4),
    st.sampled_from(["", "0", "1.50", "007", "x"]),
    st.sampled_from(["45", "45.50", "46", "4"]),
    st.sampled_from(["4", "4.250", "45", "5"]),
)
ODD = st.tuples(
    st.sampled_from(["a", "A", " a", "e\u0301", "\u00e9", "7", "07", "", "#REF!", "b" * 201]),
    st.sampled_from(["x", "NULL", "Ã©tÃ©", "\x07", "1E+05", "-"]) | st.text(max_size=3),
    st.sampled_from(["", "1", "-"]),
    st.sampled_from(["45", "0", "", "91", "4,5", "x", "650000"]),
    st.sampled_from(["4", "0", "", "4", "45"]),
)
TABLES = st.lists(GOOD, unique_by=lambda row: row[0], max_size=7)
RECIPES = st.sampled_from(
    [
        {},
        {},
        {"seed": ("n",)},
        {"seed": ("geometry",)},
        {"keep_coordinates": True},
        {"latitude": "lat", "longitude": "lon"},
        {"filter": {"n": "0"}},
        {"rename": {"n": "rank"}},
        {"rename": {"n": "a.b"}},
    ]
)
HEADS = st.sampled_from(
    [HEAD, HEAD, HEAD, ("id", "position", "n", "lat", "lon"), ("id", "position", "n", "x", "y")]
)


@st.composite
def later(draw: st.DrawFn, old: list[Row]) -> list[Row]:
    """What a table may have become."""
    new = [row for row in old if draw(st.sampled_from([True, True, True, False]))]
    new = [draw(GOOD | ODD) if draw(st.integers(0, 5)) == 0 else row for row in new]
    new += draw(st.lists(GOOD | ODD | st.sampled_from(old or [("", "", "", "", "")]), max_size=2))
    if draw(st.booleans()):
        new.append((*draw(GOOD), "more")[: draw(st.integers(1, 6))])
    return list(draw(st.permutations(new)))


@pytest.mark.parametrize(("recipe", "written"), [(CSV, as_csv), (GEOJSON, as_geojson)])
@settings(deadline=None)
@given(data=st.data())
def test_a_plan_is_the_same_whether_rows_are_taken_from_base_or_read(
    recipe: Recipe, written: Any, data: st.DataObject
) -> None:
    recipe = replace(recipe, **{"rename": recipe.rename} | data.draw(RECIPES))
    head = data.draw(HEADS)
    recipe = replace(recipe, rename={name: to for name, to in recipe.rename.items() if name in head})
    old = data.draw(TABLES)
    before = read(written(old, head), recipe)
    if isinstance(before, str):
        return
    base, live = published(before)
    features = [raw for each in live.standing.features for raw in data.draw(edits(each))]
    file = written(data.draw(later(old)), head)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "_READ_AT_LEAST", WITNESSES)
        taken = read(file, recipe, base)
    whole = read(file, recipe)
    assert taken == whole
    if isinstance(taken, str) or isinstance(whole, str):
        return
    assert (list(taken.rows), list(taken.lines), list(taken.sources)) == (
        list(whole.rows),
        list(whole.lines),
        list(whole.sources),
    )
    live = live_of(features, "v3")
    one, other = (Sync(Commit("c2"), layer, Policy()).outcome(live, base) for layer in (taken, whole))
    assert one.plan == other.plan
    assert one.base_after(one.plan) == other.base_after(other.plan)
