"""What holds for any bytes: decoding gives a layer or a DatasetError, and the same each time."""

from __future__ import annotations

import csv
import io
import json
from unicodedata import category

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from umap_bot.dataset import oddities
from umap_bot.dataset.decode import decode
from umap_bot.dataset.keys import key_text
from umap_bot.dataset.places import points
from umap_bot.dataset.places.position import order_of
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import DatasetError
from umap_bot.model.canon import canonical
from umap_bot.model.layer import Layer

CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "id", "nom", "lat", "lon", "45.7", "4,8", "48.8,2.3", "[2.3,48.8]", "POINT(4 45)", "1e999"]
    ),
)
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=6)
HEADERS = st.lists(
    st.sampled_from(
        ["id", "nom", "lat", "lon", "geopoint", "position", "wkt", "geo_shape", "a.b", "x", "y", ""]
    ),
    max_size=6,
)
RECIPES = st.builds(
    Recipe,
    path=st.sampled_from(["a.csv", "a.tsv", "a.geojson", "a.json"]),
    key=st.sampled_from(["id", "nom"]),
    rename=st.sampled_from([{}, {"nom": "name"}, {"nom": "id"}]),
    seed=st.sampled_from([(), ("geometry",), ("nom",)]),
    encoding=st.sampled_from(["auto", "utf-8", "cp1252", "utf-16"]),
    geometry=st.sampled_from(["", "wkt", "geopoint:lat,lon"]),
    filter=st.sampled_from([{}, {"nom": "x"}]),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "type", "properties", "geometry", "coordinates", "features", "a.b"])
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
TYPES = st.sampled_from(
    ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"]
)
COORDINATES = st.recursive(
    st.floats() | st.integers(), lambda inner: st.lists(inner, max_size=5), max_leaves=20
)
FEATURES = st.fixed_dictionaries(
    {
        "type": st.just("Feature") | JSON,
        "properties": st.dictionaries(st.sampled_from(["id", "nom", "x.y"]), JSON, max_size=3) | JSON,
        "geometry": st.fixed_dictionaries({"type": TYPES, "coordinates": COORDINATES}) | JSON,
    }
)


def outcome(data: bytes, recipe: Recipe) -> Layer | str:
    try:
        return decode(data, recipe)
    except DatasetError as error:
        return str(error)


def check(data: bytes, recipe: Recipe) -> None:
    first = outcome(data, recipe)
    assert first == outcome(data, recipe)
    if isinstance(first, str):
        assert not any(category(char) == "Cc" for char in first.replace("\n", ""))
    else:
        assert list(first.rows) == list(first.lines)
        for key, row in first.rows.items():
            assert key == key_text(row.properties[first.key])
            assert set(row.properties) <= set(first.columns)
            assert first.places or row.geometry is None


@settings(deadline=None)
@given(st.binary(max_size=200), RECIPES)
@example(b'{"type": "FeatureCollection", "features": [' + b"[" * 2000, Recipe(path="a.json"))
@example(b"id\n\xff\xfe", Recipe(path="a.csv"))
@example(b'"', Recipe(path="a.csv"))
def test_any_bytes(data: bytes, recipe: Recipe) -> None:
    check(data, recipe)


@settings(deadline=None)
@given(HEADERS, TABLES, RECIPES, st.sampled_from(",;\t|"), st.booleans())
def test_any_table(
    header: list[str], rows: list[list[str]], recipe: Recipe, delimiter: str, quoted: bool
) -> None:
    def cell(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if quoted else text

    text = "\n".join(delimiter.join(map(cell, row)) for row in [header, *rows])
    check(text.encode("utf-8", errors="replace"), recipe)


@settings(deadline=None)
@given(st.lists(FEATURES | JSON, max_size=4), RECIPES)
def test_any_features(features: list[object], recipe: Recipe) -> None:
    check(json.dumps({"type": "FeatureCollection", "features": features}).encode(), recipe)


NUMBERS = st.sampled_from(
    [
        "",
        " ",
        "45.7",
        "4,8",
        "+4.8",
        "-0",
        ".5",
        "5.",
        ".",
        "--1",
        "1e1",
        "1_0",
        "4 8",
        "\u22124",
        "NA",
        "45.764.043",
        "45764043",
        "٣",
        "nan",
        "inf",
        "91",
        "181",
    ]
) | st.text("0123456789.+-", max_size=6)
ODDITIES = st.sampled_from(
    [
        "",
        "x y",
        "NULL",
        "[object Object]",
        "#REF!",
        "1E+05",
        "Ã©tÃ©",
        "â€™",
        "ï¿½",
        "Ãx",
        "\ufffd",
        "\x07",
        "NA",
        '\u00a0"x"',
        ' "x"',
        "a\nb",
        "\x85",
    ]
) | st.text(max_size=6)


@settings(deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS, ODDITIES, ODDITIES), min_size=1, max_size=5))
def test_what_is_read_at_one_go_says_what_cell_by_cell_would(rows: list[tuple[str, str, str, str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(
        [["id", "lat", "lon", "a", "b"], *([str(number), *row] for number, row in enumerate(rows))]
    )
    data, recipe = text.getvalue().encode("utf-8", errors="replace"), Recipe(path="a.csv", delimiter=",")
    at_one_go = outcome(data, recipe)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(points, "_are_plain", lambda texts: False)
        patch.setattr(oddities, "_may_be_odd", lambda record: True)
        assert outcome(data, recipe) == at_one_go


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-180, 180)), max_size=6))
def test_the_order_does_not_depend_on_which_number_comes_first(pairs: list[tuple[float, float]]) -> None:
    order, against = order_of(pairs)
    other, against_other = order_of([(second, first) for first, second in pairs])
    assert {order, other} in ({""}, {"lat,lon", "lon,lat"})
    assert against == against_other


@given(st.integers() | st.floats(allow_nan=False) | st.text())
def test_a_keys_text_is_its_canonical_form(value: float | str) -> None:
    text = canonical(value)
    assert key_text(value) == (text.strip() if isinstance(text, str) else "")


@pytest.mark.parametrize("path", ["a.csv", "a.geojson"])
def test_the_recipe_is_not_touched(path: str) -> None:
    recipe = Recipe(path=path, rename={"nom": "name"}, filter={"nom": "x"})
    outcome(b"id,nom\na,x\n", recipe)
    assert recipe == Recipe(path=path, rename={"nom": "name"}, filter={"nom": "x"})
