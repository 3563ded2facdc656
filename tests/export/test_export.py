"""What is in an exported file, and what is said of it."""

from __future__ import annotations

import csv
import io
import json
import sys
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from tests.export.made import marked, point
from umap_bot.dataset.decode import decode
from umap_bot.dataset.writing.export import Written, write
from umap_bot.errors import DatasetError, UsageError
from umap_bot.model.layer import Feature

LINE: dict[str, Any] = {"type": "LineString", "coordinates": [[4.8, 45.7], [4.9, 45.8]]}


def rows_of(written: Written, delimiter: str = ",") -> list[dict[str, str]]:
    text = written.data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def csv_of(*features: Feature, **more: Any) -> Written:
    return write(features, "csv", "layer.csv", **more)


def test_key_and_name_come_first_and_the_place_last() -> None:
    written = csv_of(point(commune="Bron", name="Parilly", code="069"))
    assert written.data.decode() == "id,name,commune,code,lat,lon\nparilly,Parilly,Bron,069,45.75,4.85\n"
    assert (written.keys, written.made, written.notes) == (("parilly",), 1, ())


def test_an_empty_layer_is_a_header_to_begin_with() -> None:
    written = csv_of()
    assert written.data == b"id,name,lat,lon\n"
    assert decode(written.data, written.recipe).rows == {}
    empty = write([], "geojson", "layer.geojson")
    assert json.loads(empty.data) == {"type": "FeatureCollection", "features": []}
    assert decode(empty.data, empty.recipe).rows == {}


def test_two_of_one_name_are_told_apart_by_their_places() -> None:
    north, south = point(4.85, 46.5, name="Bron"), point(4.85, 45.5, name="Bron")
    assert [row["lat"] for row in rows_of(csv_of(north, south))] == ["45.5", "46.5"]
    assert csv_of(north, south).keys == ("bron", "bron-2")


def test_a_feature_without_a_name_is_called_by_its_place() -> None:
    assert csv_of(point(-4.86806, 45.73472)).keys == ("feature-n45-7347-w4-8681",)
    assert csv_of(point(name="東京")).keys == ("feature-n45-7500-e4-8500",)
    assert csv_of(point(nom="Église")).keys == ("eglise",)
    assert csv_of(Feature({}, LINE)).keys == ("feature-n45-7000-e4-8000",)


def test_a_made_key_never_takes_that_of_the_map() -> None:
    written = csv_of(point(name="Bron"), point(name="Parilly", id="bron"), point(name="Lyon", id="LYON-1"))
    assert written.keys == ("bron", "bron-2", "LYON-1")
    assert written.made == 1


def test_beside_numbers_a_made_key_is_the_next_number() -> None:
    written = csv_of(
        point(name="Bron"), point(name="Lyon", id=7), point(name="Oullins", id="3"), point(name="A")
    )
    assert [row["id"] for row in rows_of(written)] == ["3", "7", "8", "9"]
    assert [row["name"] for row in rows_of(written)] == ["Oullins", "Lyon", "A", "Bron"]


def test_of_two_with_one_key_both_are_kept_and_it_is_said() -> None:
    written = csv_of(point(id="x", note="1"), point(id="x", note="2"))
    assert written.keys == ("x", "x-2")
    assert written.notes == (
        'several features had the same id on the map; they got different ids in the file: "x" → "x-2"',
    )


def test_what_can_be_no_key_gets_a_column() -> None:
    written = csv_of(point(id=["a"], name="Bron"))
    assert rows_of(written)[0]["id_on_map"] == '["a"]'
    assert "id_on_map" in written.notes[0]


def test_ids_are_sorted_as_people_count() -> None:
    assert csv_of(*(point(id=number) for number in (10, 9, 100, 1))).keys == ("1", "9", "10", "100")


def test_a_dot_becomes_what_umap_makes_of_it() -> None:
    written = csv_of(marked({"id": "a", "b.c": "1", "b_c": "2"}))
    assert rows_of(written)[0] | {"b_c_2": "1", "b_c": "2"} == rows_of(written)[0]
    assert written.notes == (
        'renamed, because uMap does not allow dots and a header must be one line: "b.c" → "b_c_2"',
    )


def test_styles_are_left_out() -> None:
    assert "_umap_options" not in csv_of(point(id="a", _umap_options={"color": "Red"})).columns


@pytest.mark.parametrize(
    ("beside", "columns", "named"),
    [
        ({"lat": "x"}, ("latitude", "longitude"), {}),
        ({"latitude": "x"}, ("lat", "lon"), {}),
        ({"geometry": "x", "position": "y", "x": "1", "y": "2"}, ("lat", "lon"), {}),
        (
            {"lat": "1", "lon": "2"},
            ("latitude", "longitude"),
            {"DATASET_LATITUDE": "latitude", "DATASET_LONGITUDE": "longitude"},
        ),
    ],
)
def test_the_columns_of_places_are_found_again(
    beside: dict[str, str], columns: tuple[str, ...], named: dict[str, str]
) -> None:
    written = csv_of(marked({"id": "a", **beside}))
    assert (written.columns[-2:], written.named) == (columns, named)
    row = decode(written.data, written.recipe).rows["a"]
    assert row.geometry == {"type": "Point", "coordinates": [4.85, 45.75]}
    assert {name: row.properties[name] for name in beside} == beside


def test_with_a_line_all_places_are_geojson_text() -> None:
    written = csv_of(point(id="a"), Feature({"id": "b"}, LINE))
    assert [json.loads(row["geometry"])["type"] for row in rows_of(written)] == ["Point", "LineString"]
    high = Feature({"id": "a"}, {"type": "Point", "coordinates": [4.85, 45.75, 1200]})
    assert json.loads(rows_of(csv_of(high))[0]["geometry"])["coordinates"] == [4.85, 45.75, 1200]


def test_nested_values_are_json_text_and_it_is_said() -> None:
    written = csv_of(point(id="a", tags=["x", 1]), point(id="b", tags=["y"]))
    assert rows_of(written)[0]["tags"] == '["x",1]'
    assert written.notes == (
        (
            "lists and objects, written as JSON text (GeoJSON keeps them, unless they are "
            'nested too deeply): "tags" (2)'
        ),
    )


@pytest.mark.parametrize("form", ["csv", "geojson", "xlsx"])
def test_a_nul_is_taken_away_and_it_is_said(form: Any) -> None:
    written = write([point(id="a", note="b\0c")], form, f"layer.{form}")
    assert b"bc" in written.data or form == "xlsx"
    assert 'removed: "note" (1)' in written.notes[0]


def test_digits_beyond_what_browsers_hold_are_kept() -> None:
    written = csv_of(point(id="a", code=9007199254740993, half=0.5, whole=2.0))
    assert (
        rows_of(written)[0] | {"code": "9007199254740993", "half": "0.5", "whole": "2"} == rows_of(written)[0]
    )
    assert "2^53" in written.notes[0]


def test_old_line_breaks_are_said() -> None:
    written = csv_of(point(id="a", note="b\r\nc"))
    assert rows_of(written)[0]["note"] == "b\nc"
    assert "line breaks" in written.notes[0]


def test_a_formula_stays_as_it_is_and_is_told() -> None:
    texts = ["=1+1", "@x", "+33 4 72", "-5", "- liste"]
    written = csv_of(*(point(id=str(number), note=text) for number, text in enumerate(texts)))
    assert [row["note"] for row in rows_of(written)] == texts
    assert written.notes == ("4 cells begin like formulas (=, +, -, @), and a spreadsheet may run them",)


def test_for_excel_there_are_a_mark_semicolons_and_decimal_commas() -> None:
    written = csv_of(point(id="a", note="b;c", price=1.5), excel=True)
    assert written.data == '\ufeffid;note;price;lat;lon\na;"b;c";1.5;45,75;4,85\n'.encode()


def test_a_file_that_could_be_read_in_two_ways_gets_quotes() -> None:
    written = csv_of(*(marked({"id": n, "a;b;c;d;e;f;g": "1;2;3;4;5;6;7"}) for n in range(3)))
    assert decode(written.data, written.recipe).columns == ("id", "a;b;c;d;e;f;g")


def test_geojson_has_a_feature_a_line() -> None:
    written = write([point(id="b", n=1), point(id="a", on=True)], "geojson", "layer.geojson")
    place = '"geometry":{"type":"Point","coordinates":[4.85,45.75]}}'
    assert written.data.decode().splitlines()[1:3] == [
        f'{{"type":"Feature","properties":{{"id":"a","on":true}},{place},',
        f'{{"type":"Feature","properties":{{"id":"b","n":1}},{place}',
    ]


def test_a_workbook_has_only_text() -> None:
    texts = ["=1+1", "007", "https://example.org", "deux\nlignes", "😀", "2026-01-02"]
    features = [point(id=str(number), note=text) for number, text in enumerate(texts)]
    written = write(features, "xlsx", "layer.xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(written.data)).get_sheet_by_index(0)
    assert sheet.to_python() == [
        ["id", "note", "lat", "lon"],
        *([str(number), text, "45.75", "4.85"] for number, text in enumerate(texts)),
    ]
    assert write(features, "xlsx", "layer.xlsx") == written


def test_what_no_cell_of_excel_holds_is_refused() -> None:
    with pytest.raises(DatasetError, match=r'"note" of "a" has 40000 characters.*--format csv'):
        write([point(id="a", note="😀" * 20_000)], "xlsx", "layer.xlsx")


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(UsageError, match=r"pip install XlsxWriter"):
        write([], "xlsx", "layer.xlsx")


@pytest.mark.parametrize("key", ["", " ", "_umap_options"])
def test_a_key_that_can_be_none_is_refused(key: str) -> None:
    with pytest.raises(UsageError, match="--key"):
        csv_of(point(), key=key)


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "GeometryCollection", "geometries": [LINE]},
        {"type": "MultiPoint", "coordinates": [[4, 45], [5, 46]]},
    ],
    ids=lambda odd: odd["type"],
)
def test_a_geometry_that_no_file_may_have_is_written_and_told(odd: dict[str, Any]) -> None:
    written = write([Feature({"id": "a"}, odd)], "geojson", "layer.geojson")
    assert json.loads(written.data)["features"][0]["geometry"] == odd
    assert not written.readable
    assert odd["type"] in written.notes[0]
