"""DATASET_BAD_ROWS=wait: rows that can't be read wait, and the rest reads as if they were not there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.dataset.sheets import read_here, workbook
from umap_bot.dataset.decode import decode
from umap_bot.dataset.findings import FileError
from umap_bot.dataset.recipe import Recipe
from umap_bot.model.layer import BadRows, Layer

GOOD: Final = [f"k{number},Nom {number},45.{number},4.{number}" for number in range(1, 41)]
HEAD: Final = "id,nom,lat,lon"
WAIT: Final = Recipe(path="cites.csv", rename={"nom": "name"}, bad_rows="wait")
KNOWN, UNKNOWN = False, True

FAULTS: Final[dict[str, tuple[list[str], set[str], bool, str]]] = {
    # the rows that wait, the ids that stand in them, whether one is not known, and what is said
    "a wrong latitude": (["a,A,here,4.8"], {"a"}, KNOWN, 'lat "here" is not a number'),
    "a latitude beyond the pole": (["a,A,95.5,4.8"], {"a"}, KNOWN, "look swapped"),
    "one coordinate of two": (["a,A,45.7,"], {"a"}, KNOWN, "lon is empty but lat is not"),
    "no id": ([",A,45.7,4.8"], set(), UNKNOWN, "id is empty; write a"),
    "an id of a formula that failed": (["#REF!,A,45.7,4.8"], {"#REF!"}, UNKNOWN, "spreadsheet error"),
    "an id that nobody can read": (["a\u0085b,A,45.7,4.8"], {"a\u0085b"}, UNKNOWN, "control character"),
    "a line that is too long": (["a,A,45.7,4.8,more"], set(), UNKNOWN, "5 cells, but the header has 4"),
    "a line that is too short": (["a,A"], set(), UNKNOWN, "2 cells, but the header has 4"),
    "an id twice": (["a,A,45.7,4.8", "a,B,45.8,4.9"], {"a"}, UNKNOWN, "change one of them"),
    "an id twice, once without a place": (
        ["a,A,45.7,4.8", "a,B,x,4.9"],
        {"a"},
        UNKNOWN,
        "change one of them",
    ),
    "two kinds": (["a,A,x,4.8", ",B,45.8,4.9"], {"a"}, UNKNOWN, "id is empty; write b"),
}


def csv(rows: Sequence[str], head: str = HEAD) -> bytes:
    return "\n".join([head, *rows, ""]).encode()


def refused(data: bytes, recipe: Recipe) -> FileError:
    with pytest.raises(FileError) as caught:
        decode(data, recipe)
    return caught.value


def read(data: bytes, recipe: Recipe) -> Layer | FileError:
    try:
        return decode(data, recipe)
    except FileError as error:
        return error


def without_lines(layer: Layer) -> Layer:
    """The layer but for what tells where a row stands, and what is told of the file."""
    same = replace(layer, lines={}, rows=dict(layer.rows), sources={}, bad_rows=BadRows())
    return replace(same, warnings=(), reading=replace(layer.reading, words=()))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("place", [0, 20, 40])
def test_they_wait_and_the_rest_is_as_without_them(fault: str, place: int) -> None:
    bad, keys, unknown, said = FAULTS[fault]
    data = csv([*GOOD[:place], *bad, *GOOD[place:]])
    layer = decode(data, WAIT)
    assert without_lines(layer) == without_lines(decode(csv(GOOD), WAIT))
    assert layer.bad_rows.count == len(bad)
    assert (set(layer.bad_rows.keys), layer.bad_rows.unknown) == (keys, unknown)
    assert said in "\n".join(layer.bad_rows.told)
    # Each is told just as the refusal tells it, and the rows that stand in it are those of the file.
    error = refused(data, replace(WAIT, bad_rows="refuse"))
    assert all(told in error.text for told in layer.bad_rows.told)
    assert layer.lines["k40"] == 41 + (len(bad) if place < 40 else 0)


def test_it_is_as_ever_where_nothing_is_wrong() -> None:
    layer, as_ever = decode(csv(GOOD), WAIT), decode(csv(GOOD), replace(WAIT, bad_rows="refuse"))
    assert replace(layer, rows={}, sources={}) == replace(as_ever, rows={}, sources={})
    assert dict(layer.rows) == dict(as_ever.rows)


def test_what_is_said_of_all_rows_is_not_said_of_them() -> None:
    """A row whose place can't be read is none without coordinates."""
    layer = decode(csv([*GOOD, "a,A,here,4.8"]), WAIT)
    assert layer.warnings == ()
    assert layer.columns == ("id", "name")


@pytest.mark.parametrize(
    ("rows", "bad", "waits"),
    [(1, 1, True), (0, 1, False), (1, 2, False), (19, 1, True), (38, 2, True), (37, 2, False), (95, 5, True)],
)
def test_a_twentieth_may_wait_and_one_in_any_case(rows: int, bad: int, waits: bool) -> None:
    good = [f"k{number},Nom,45.7,4.8" for number in range(rows)]
    data = csv([*good, *(f"b{number},Nom,x,4.8" for number in range(bad))])
    if waits:
        assert decode(data, WAIT).bad_rows.count == bad
        return
    error, as_ever = refused(data, WAIT), refused(data, replace(WAIT, bad_rows="refuse"))
    assert error.message == as_ever.message
    assert "DATASET_BAD_ROWS=wait allows at most 5 % of the rows to wait" in error.text


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("nom,lat,lon", "A,45.7,4.8"),
        ("id,id,lat,lon", "a,A,x,4.8"),
        ("id,,lat,lon", "a,A,45.7,4.8"),
        ("id,nom,lat,lon", '"a,A,45.7,4.8'),
        ("id,nom,lat,lon", "a,A,45.7,\x00"),
    ],
    ids=["no key column", "a name twice", "a column without a name", "an open quote", "a NUL"],
)
def test_a_fault_of_the_file_is_refused_as_ever(head: str, row: str) -> None:
    rows = [row.replace("a,", f"a{number},", 1) for number in range(40)] if "id" not in head else [*GOOD, row]
    data = csv(rows, head)
    assert refused(data, WAIT).text == refused(data, replace(WAIT, bad_rows="refuse")).text


def test_a_place_whose_order_nothing_proves_is_a_fault_of_the_file() -> None:
    """It is told of the first row, and is true of all."""
    rows = [f"k{number},5.{number} ; 10.{number}" for number in range(100, 140)]
    data = csv(rows, "id,position").replace(b" ; ", b";")
    assert "whether latitude or longitude comes first" in refused(data, WAIT).text


def test_a_row_that_waits_is_of_no_part_of_the_file() -> None:
    """Whoever's it is: the cell that the filter asks for may be what can't be read."""
    head = f"{HEAD},annee"
    rows = [f"{row},{2019 + number % 2}" for number, row in enumerate(GOOD)]
    data = csv([*rows, "a,A,45.7,4.8,2019,more"], head)
    for year in ("2019", "2020"):
        layer = decode(data, replace(WAIT, filter={"annee": year}))
        assert (len(layer.rows), len(layer.left_out), layer.bad_rows.count) == (20, 20, 1)
    # What only this part reads is this part's alone.
    data = csv([*rows, "a,A,here,4.8,2019"], head)
    assert decode(data, replace(WAIT, filter={"annee": "2019"})).bad_rows.keys == {"a"}
    other = decode(data, replace(WAIT, filter={"annee": "2020"}))
    assert (other.bad_rows.count, "a" in other.left_out) == (0, True)


CELLS: Final = st.tuples(
    st.sampled_from(["a", "b", " a ", "A", "k3", "", "#N/A", "0", "é", "x" * 201, "\u200b"]),
    st.sampled_from(["A", "", "-", '"q, r"', "#N/A", "Ã©"]),
    st.sampled_from(["45.7", "45,7", "95", "", "here", "0", "1e9", "654321"]),
    st.sampled_from(["4.8", "", "there", "181", "0"]),
)
LINES: Final = st.one_of(
    CELLS.map(",".join),
    CELLS.map(lambda cells: ",".join((*cells, "more"))),
    st.sampled_from(["", "a", ",,,"]),
)


@given(st.lists(st.tuples(st.integers(0, 40), LINES), max_size=4))
def test_whatever_is_wrong_the_rest_reads_as_if_it_were_not_there(added: list[tuple[int, str]]) -> None:
    lines = [*GOOD]
    for place, line in added:
        lines.insert(place, line)
    layer = read(csv(lines), WAIT)
    if isinstance(layer, FileError):
        assert layer.message == refused(csv(lines), replace(WAIT, bad_rows="refuse")).message
        return
    good = [line for number, line in enumerate(lines, 2) if number in layer.lines.values()]
    assert len(good) == len(layer.rows)
    strict = decode(csv(good), replace(WAIT, bad_rows="refuse"))
    assert without_lines(layer) == without_lines(strict)
    empty = sum(not line.strip(",") for line in lines)
    assert layer.bad_rows.count == len(lines) - len(good) - empty
    assert bool(layer.bad_rows.told) == bool(layer.bad_rows.count)


def features(*more: Any) -> bytes:
    place = {"type": "Point", "coordinates": [4.8, 45.7]}
    made = [
        {"type": "Feature", "properties": {"id": f"k{number}", "n": number}, "geometry": place}
        for number in range(40)
    ]
    return json.dumps({"type": "FeatureCollection", "features": [*made, *more]}).encode()


PLACE: Final = {"type": "Point", "coordinates": [4.8, 45.7]}
OFF: Final = {"type": "Point", "coordinates": [4.8, 95.7]}


@pytest.mark.parametrize(
    ("feature", "keys", "unknown"),
    [
        ({"type": "Feature", "properties": {"id": "a", "n": 1}, "geometry": OFF}, {"a"}, KNOWN),
        ({"type": "Feature", "properties": {"n": 1}, "geometry": PLACE}, set(), UNKNOWN),
        ({"type": "Feature", "properties": {"id": "k3", "n": 1}, "geometry": PLACE}, {"k3"}, UNKNOWN),
        ({"type": "Feature", "properties": [], "geometry": PLACE}, set(), UNKNOWN),
        ({"type": "Place", "properties": {"id": "a"}, "geometry": PLACE}, set(), UNKNOWN),
        (3, set(), UNKNOWN),
    ],
)
def test_features_of_geojson_wait_too(feature: Any, keys: set[str], unknown: bool) -> None:
    layer = decode(features(feature), Recipe(path="cites.geojson", bad_rows="wait"))
    assert (set(layer.bad_rows.keys), layer.bad_rows.unknown) == (keys, unknown)
    assert layer.rows.keys() == {f"k{number}" for number in range(40)} - keys
    assert "feature 41" in "\n".join(layer.bad_rows.told)


@pytest.mark.parametrize(
    ("row", "keys", "unknown"),
    [
        (["a", "A", "here", 4.8], {"a"}, KNOWN),
        ([None, "A", 45.7, 4.8], set(), UNKNOWN),
        (["=NA()", "A", 45.7, 4.8], set(), UNKNOWN),
        (["a", "=NA()", 45.7, 4.8], {"a"}, KNOWN),
        (["id", "nom", "lat", "lon"], set(), UNKNOWN),
    ],
    ids=["a wrong latitude", "no id", "an error as the id", "an error elsewhere", "repeats the header"],
)
def test_rows_of_sheets_wait_too(row: list[Any], keys: set[str], unknown: bool) -> None:
    good = [[f"k{number}", "Nom", 45.7, 4.8] for number in range(40)]
    failed = [column for column, cell in enumerate(row) if cell == "=NA()"]

    def fail(_: Any, page: Any) -> None:
        for column in failed:
            page.write_formula(41, column, "=NA()", None, "#N/A")

    row = [None if cell == "=NA()" else cell for cell in row]
    with read_here():
        data = workbook([HEAD.split(","), *good, row], fail)
        layer = decode(data, replace(WAIT, path="cites.xlsx"))
    assert (set(layer.bad_rows.keys), layer.bad_rows.unknown) == (keys, unknown)
    assert (len(layer.rows), layer.bad_rows.count) == (40, 1)
