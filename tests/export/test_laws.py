"""What holds for any layer: the file reads back as the map shows it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.dataset.sheets import read_here
from tests.export.made import LAYERS
from umap_bot.dataset.decode import decode
from umap_bot.dataset.keys import key_text
from umap_bot.dataset.naming import STYLES
from umap_bot.dataset.writing.export import Format, Written, write
from umap_bot.dataset.writing.grid import arrange
from umap_bot.dataset.writing.identify import Keyed, keyed
from umap_bot.model.canon import Canon, canonical, canonical_geometry
from umap_bot.model.layer import Feature, Layer

FORMATS: tuple[Format, ...] = get_args(Format)
TEXT_FORMATS = [("csv", False), ("csv", True), ("geojson", False)]
KEYS = st.sampled_from(["id", "id", "code", "a.b", "lat", "geometry"])


@pytest.fixture(scope="module", autouse=True)
def _workbooks_are_read_here() -> Iterator[None]:
    with read_here():
        yield


def expected(one: Keyed, names: dict[str, str], key: str) -> dict[str, Any]:
    """What the file should say of a feature, by properties as the map will have them."""
    found = {names[name]: value for name, value in one.feature.properties.items() if name not in STYLES}
    return {**found, names[key]: one.key}


def told(text: Any) -> Any:
    """Without what no CSV can hold: it is told in a note, and looked at in test_export."""
    if isinstance(text, (list, dict)) or (isinstance(text, int) and abs(text) > 2**53):
        return None
    return text.replace("\r", " ").replace("\0", " ") if isinstance(text, str) else text


def plain(features: list[Feature]) -> list[Feature]:
    return [
        Feature({name: told(value) for name, value in one.properties.items()}, one.geometry, one.umap_id)
        for one in features
    ]


def differences(layer: Layer, features: list[Feature], key: str) -> list[Any]:
    """The rows that a sync of the file would change on the adopted layer."""
    names = arrange(features, key).names
    found = []
    for one in keyed(features, key):
        row = layer.rows.get(one.key)
        assert row is not None
        # What can't be a key has a column of its own: test_every_value_has_a_column.
        read = {name: value for name, value in row.properties.items() if name in names.values()}
        wanted = expected(one, names, key)
        if canonical(read) != canonical(wanted) or canonical_geometry(row.geometry) != canonical_geometry(
            one.feature.geometry
        ):
            found.append((read, wanted))
    assert len(layer.rows) == len(features)
    return found


def read_back(written: Written) -> Layer:
    return decode(written.data, written.recipe)


@pytest.mark.parametrize(("form", "excel"), TEXT_FORMATS)
@settings(deadline=None, max_examples=60)
@given(LAYERS, KEYS)
def test_a_file_reads_back_as_the_map_shows_it(
    form: Format, excel: bool, features: list[Feature], key: str
) -> None:
    features = plain(features) if form == "csv" else features
    written = write(features, form, f"layer.{form}", key=key, excel=excel)
    assert differences(read_back(written), features, key) == []
    assert not [note for note in written.notes if "otherwise" in note or "can't use" in note]


@settings(deadline=None, max_examples=60)
@given(LAYERS)
@example([Feature({"id": "\ufffe"}, None)])
def test_a_workbook_holds_every_text_as_it_is(features: list[Feature]) -> None:
    written = write(features, "xlsx", "layer.xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(written.data)).get_sheet_by_index(0).to_python()
    assert tuple(rows[0]) == written.columns
    found = {row[0]: dict(zip(written.columns, row, strict=True)) for row in rows[1:]}
    assert tuple(found) == written.keys
    names = arrange(features, "id").names
    for one in keyed(features, "id"):
        for name, value in expected(one, names, "id").items():
            if isinstance(value, str) and not any(char in value for char in "\r\ufffe\uffff"):
                assert found[one.key][name] == value
            if isinstance(value, (int, float)) and abs(value) < 2**53:
                assert found[one.key][name] == canonical(value)


@pytest.mark.parametrize("form", FORMATS)
@settings(deadline=None, max_examples=30)
@given(LAYERS, st.randoms(use_true_random=False))
def test_the_order_on_the_map_makes_no_difference(form: Format, features: list[Feature], random: Any) -> None:
    shuffled = random.sample(features, len(features))
    one, other = (write(order, form, f"layer.{form}") for order in (features, shuffled))
    assert one == other


@settings(deadline=None, max_examples=60)
@given(LAYERS, KEYS)
def test_keys_are_unique_and_those_of_the_map_stay(features: list[Feature], key: str) -> None:
    found = keyed(features, key)
    assert len({one.key for one in found}) == len(features)
    assert all(one.key.strip() == one.key != "" for one in found)
    own = {key_text(one.feature.properties.get(key)) for one in found if one.own}
    assert own == {one.key for one in found if one.own}
    assert {one.clash for one in found if one.clash} <= own


@settings(deadline=None, max_examples=60)
@given(LAYERS)
def test_one_who_has_adopted_exports_the_same_keys(features: list[Feature]) -> None:
    first = keyed(features, "id")
    assume(all(one.displaced is None and not one.clash for one in first))
    adopted = [
        Feature({**one.feature.properties, "id": one.key}, one.feature.geometry, one.feature.umap_id)
        for one in first
    ]
    again = keyed(adopted, "id")
    assert [one.key for one in again] == [one.key for one in first]
    assert all(one.own for one in again)


@settings(deadline=None, max_examples=60)
@given(LAYERS)
def test_every_value_has_a_column(features: list[Feature]) -> None:
    grid = arrange(features, "id")
    assert len(set(grid.columns)) == len(grid.columns)
    kept: list[Canon] = [canonical(value) for row in grid.rows for value in row.cells.values()]
    for feature in features:
        for name, value in feature.properties.items():
            held = canonical(value)
            if name not in STYLES and isinstance(held, str) and held.strip() and name != "id":
                assert held in kept
