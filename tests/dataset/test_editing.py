"""Cells, places and records of the files that people keep: what is edited changes, and no other byte."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dataset.sheets import cell, document, inline, raw_workbook, table, workbook
from tests.dataset.test_ids import changed_parts, parts
from umap_bot.dataset.editing.edits import Edits, NewRecord
from umap_bot.dataset.editing.file import edited, table_of
from umap_bot.dataset.places.coordinate_columns import GeometryColumn, LatLonColumns
from umap_bot.dataset.places.spelling import spelled_place
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import DatasetError
from umap_bot.model.canon import Geometry, Value, canonical

CSV = 'id;nom;note;lat;lon\r\na;Écully;"dit ""x""; y";45,7700;4,78\r\nb;Bron;;45,73;4,90\r\n'
LINES = 'id,nom,note\n"a","Br\non",\nb,Lyon,\n'
PRETTY = (
    '{\n  "type": "FeatureCollection",\n  "features": [\n    {\n      "type": "Feature",\n'
    '      "properties": {\n        "id": "a", "nom": "Bron", "n": 1.5\n      },\n'
    '      "geometry": {"type": "Point", "coordinates": [4.90, 45.7300]}\n    },\n    {\n'
    '      "type": "Feature",\n      "properties": {"id": "b", "nom": null, "n": 2},\n'
    '      "geometry": null\n    }\n  ]\n}\n'
)
COMPACT = (
    '{"features":[{"type":"Feature","properties":{"id":"a","nom":"Bron"},"geometry":null},'
    '{"type":"Feature","properties":{"id":"b"},"geometry":null}],"type":"FeatureCollection"}'
)
XLSX = workbook(
    [["Titre"], ["id", "nom", "n"], ["a", "Bron", 1.5], ["b", None, 2], ["c", " Ly\non ", 3]], Autre=[["x"]]
)
ODS = document(
    '<table:table table:name="F"><table:table-row>'
    + cell("id")
    + cell("nom")
    + cell("n")
    + '</table:table-row><table:table-row table:number-rows-repeated="1">'
    + cell("a")
    + cell("Bron")
    + cell(1.5)
    + "</table:table-row><table:table-row>"
    + cell("b")
    + '<table:table-cell table:style-name="ce1" table:number-columns-repeated="2"/></table:table-row>'
    + '<table:table-row table:number-rows-repeated="1000"><table:table-cell '
    'table:number-columns-repeated="9"/></table:table-row></table:table>',
    table(cell("x"), name="Autre"),
)
FILES: dict[str, tuple[str, bytes]] = {
    "cp1252, semicolons, decimal commas, CRLF": ("csv", CSV.encode("cp1252")),
    "UTF-8 with a byte order mark": ("csv", b"\xef\xbb\xbf" + CSV.encode()),
    "quoted line breaks": ("csv", LINES.encode()),
    "TSV": ("tsv", b"id\tnom\tn\na\tBron\t1\nb\t\t2"),
    "GeoJSON, indented": ("geojson", PRETTY.encode()),
    "GeoJSON, on one line": ("geojson", COMPACT.encode()),
    "XLSX": ("xlsx", XLSX),
    "ODS": ("ods", ODS),
}
CELLS = st.one_of(
    st.none(),
    st.sampled_from(["x", 'a "b"; c, d', "deux\nlignes", "  bord ", "12,5", "45", "_x0041_", "a  b"]),
)


ARCHIVES = {name: FILES.pop(name) for name in ("XLSX", "ODS")}


@pytest.mark.parametrize(("ending", "data"), FILES.values(), ids=FILES)
@settings(max_examples=15, deadline=None)
@given(draw=st.data())
def test_any_edit_of_any_cell_changes_that_cell_alone(ending: str, data: bytes, draw: st.DataObject) -> None:
    after, was = edited_somewhere(ending, data, draw)
    start = next(
        (at for at, (one, two) in enumerate(zip(data, after, strict=False)) if one != two), len(data)
    )
    end = min(len(data), len(after)) - start
    tail = next((at for at in range(end) if data[-1 - at] != after[-1 - at]), end)
    encoding = "cp1252" if b"\xc9" in data else "utf-8"
    changed = data[start : len(data) - tail].decode(encoding).replace('"', "")
    assert changed in (was or "null").replace('"', "")


@pytest.mark.parametrize(("ending", "data"), ARCHIVES.values(), ids=ARCHIVES)
@settings(max_examples=3, deadline=None)  # each is read by a process of its own
@given(draw=st.data())
def test_any_edit_of_a_sheet_changes_its_part_alone(ending: str, data: bytes, draw: st.DataObject) -> None:
    after, _ = edited_somewhere(ending, data, draw)
    assert set(changed_parts(data, after)) <= {"xl/worksheets/sheet1.xml", "content.xml"}


def edited_somewhere(ending: str, data: bytes, draw: st.DataObject) -> tuple[bytes, str]:
    """The file with another value in any cell but an id, and what it said there; nothing else is changed."""
    recipe = Recipe(path=f"f.{ending}")
    before = table_of(data, recipe)
    record = draw.draw(st.sampled_from(before.records))
    column = draw.draw(st.sampled_from([name for name in before.columns if name != "id"]))
    value: Value = draw.draw(CELLS)
    after = edited(data, recipe, Edits(cells={record.number: {column: value}}))
    for was, now in zip(before.records, table_of(after, recipe).records, strict=True):
        wanted = {**was.cells, **({column: value} if was is record else {})}
        assert canonical(now.cells) == canonical(wanted)
    return after, str(record.cells.get(column) or "")


TEXTS: dict[str, tuple[str, str, Edits, str]] = {
    "a row goes": (
        "csv", "id,nom\r\na,x\r\nb,y\r\n", Edits(removed=frozenset({2})), "id,nom\r\nb,y\r\n",
    ),
    "the last row goes": ("csv", "id,nom\na,x\nb,y", Edits(removed=frozenset({3})), "id,nom\na,x\n"),
    "a row comes": (
        "csv", '"id";"nom"\r\n"a";"x"\r\n', Edits(added=(NewRecord({"nom": "y", "id": "b"}),)),
        '"id";"nom"\r\n"a";"x"\r\n"b";"y"\r\n',
    ),
    "a row comes where no line end was": (
        "csv", "id,nom\na,x", Edits(added=(NewRecord({"id": "b"}),)), "id,nom\na,x\nb,",
    ),
    "a feature goes": (
        "geojson", COMPACT, Edits(removed=frozenset({1})),
        COMPACT.replace(COMPACT[13 : COMPACT.index('{"type":"Feature","properties":{"id":"b"}')], ""),
    ),
    "the last feature goes": (
        "geojson", COMPACT, Edits(removed=frozenset({2})),
        COMPACT.replace(',{"type":"Feature","properties":{"id":"b"},"geometry":null}', ""),
    ),
    "all features go, one comes": (
        "geojson", COMPACT, Edits(removed=frozenset({1, 2}), added=(NewRecord({"id": "c"}),)),
        '{"features":[{"type":"Feature","properties":{"id":"c"},"geometry":null}],"type":"FeatureCollection"}',
    ),
    "a feature comes, indented as the others": (
        "geojson", PRETTY, Edits(added=(NewRecord({"id": "c"}),)),
        PRETTY.replace(
            "    }\n  ]",
            '    },\n    {\n      "type": "Feature",\n      "properties": {\n        "id": "c"\n      },\n'
            '      "geometry": null\n    }\n  ]',
        ),
    ),
    "half of a point": (
        "geojson", PRETTY, Edits(places={1: {"type": "Point", "coordinates": [4.912345678, 45.73]}}),
        PRETTY.replace("4.90", "4.912346"),
    ),
    "a point becomes a line": (
        "geojson", COMPACT, Edits(places={2: {"type": "LineString", "coordinates": [[1, 2], [3, 4.5]]}}),
        COMPACT.replace(
            '"b"},"geometry":null', '"b"},"geometry":{"type":"LineString","coordinates":[[1,2],[3,4.5]]}'
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("ending", "before", "edits", "after"), TEXTS.values(), ids=TEXTS)
def test_rows_and_features_come_and_go(ending: str, before: str, edits: Edits, after: str) -> None:
    assert edited(before.encode(), Recipe(path=f"f.{ending}"), edits).decode() == after


@pytest.mark.parametrize(("ending", "data"), ARCHIVES.values(), ids=ARCHIVES)
def test_rows_of_a_sheet_are_emptied_and_come_last(ending: str, data: bytes) -> None:
    first, *_, last = table_of(data, Recipe(path=f"f.{ending}")).records
    edits = Edits(removed=frozenset({first.number}), added=(NewRecord({"id": "z", "n": "7", "nom": "Z"}),))
    after = edited(data, Recipe(path=f"f.{ending}"), edits)
    records = table_of(after, Recipe(path=f"f.{ending}")).records
    assert (records[-1].number, records[-1].cells) == (last.number + 1, {"id": "z", "n": 7, "nom": "Z"})
    assert first.number not in {record.number for record in records}


def test_a_comment_and_the_style_of_a_cell_stay() -> None:
    note = "<office:annotation><text:p>ask</text:p></office:annotation>"
    styled = f'<table:table-cell table:style-name="ce1" office:value-type="string">{note}<text:p>x</text:p>'
    data = document(
        f'<table:table table:name="F"><table:table-row>{cell("id")}{cell("nom")}</table:table-row>'
        f"<table:table-row>{cell('a')}{styled}</table:table-cell></table:table-row></table:table>"
    )
    after = parts(edited(data, Recipe(path="f.ods"), Edits(cells={2: {"nom": "y"}})))["content.xml"]
    assert after == parts(data)["content.xml"].replace(b"<text:p>x<", b"<text:p>y<")


FORMULAS = {
    "xlsx": raw_workbook(
        f'<sheetData><row r="1">{inline("A1", "id")}{inline("B1", "n")}</row>'
        f'<row r="2">{inline("A2", "a")}<c r="B2"><f>1+1</f><v>2</v></c></row></sheetData>'
    ),
    "ods": document(
        f'<table:table table:name="F"><table:table-row>{cell("id")}{cell("n")}</table:table-row>'
        f'<table:table-row>{cell("a")}<table:table-cell table:formula="of:=1+1&gt;0" office:value="2" '
        'office:value-type="float"><text:p>2</text:p></table:table-cell></table:table-row></table:table>'
    ),
}


@pytest.mark.parametrize(("ending", "data"), FORMULAS.items(), ids=FORMULAS)
def test_a_formula_is_not_overwritten(ending: str, data: bytes) -> None:
    with pytest.raises(DatasetError, match=r"row 2: the cell to be changed belongs to the formula of B2"):
        edited(data, Recipe(path=f"f.{ending}"), Edits(cells={2: {"n": 3}}))


def test_a_value_that_would_be_read_as_another_is_refused() -> None:
    """The comma would decide on the delimiter of a file that has but one column."""
    with pytest.raises(DatasetError, match=r"f\.csv can't be changed without changing other parts of it"):
        edited(b"id\na\n", Recipe(path="f.csv"), Edits(cells={2: {"id": None}}))


def test_an_archive_keeps_its_other_parts_and_their_order() -> None:
    after = edited(XLSX, Recipe(path="f.xlsx"), Edits(cells={3: {"nom": "x"}}))
    with zipfile.ZipFile(BytesIO(after)) as archive:
        assert archive.testzip() is None
    assert changed_parts(XLSX, after) == ["xl/worksheets/sheet1.xml"]


def point(longitude: float, latitude: float) -> Geometry:
    return {"type": "Point", "coordinates": [longitude, latitude]}


PAIR, ONE = LatLonColumns("lat", "lon"), GeometryColumn("lieu")
LINE: Geometry = {"type": "LineString", "coordinates": [[1, 2], [3.5, 4]]}
PLACES: dict[str, tuple[Any, dict[str, Value], Geometry, dict[str, Value]]] = {
    "two columns": (PAIR, {"lat": "45.7300", "lon": "4.90"}, point(4.91, 45.73), {"lon": "4.91"}),
    "decimal commas": (PAIR, {"lat": "45,73", "lon": "4,9"}, point(4.9, 45.123456789), {"lat": "45,123457"}),
    "nothing moved": (PAIR, {"lat": "45,7300", "lon": "4,9"}, point(4.9, 45.73), {}),
    "a pair": (ONE, {"lieu": "45.73, 4.90"}, point(4.91, 45.73), {"lieu": "45.73, 4.91"}),
    "longitude first": (ONE, {"lieu": "4.90,45.730"}, point(4.91, 45.73), {"lieu": "4.91,45.730"}),
    "brackets and commas": (ONE, {"lieu": "[45,73 ; 4,90]"}, point(4.91, 45.7), {"lieu": "[45,7 ; 4,91]"}),
    "WKT": (
        ONE, {"lieu": "SRID=4326;POINT(4.90 45.73)"}, point(4.9, 45), {"lieu": "SRID=4326;POINT(4.90 45)"},
    ),
    "WKT of another shape": (ONE, {"lieu": "POINT (4.9 45.73)"}, LINE, {"lieu": "LINESTRING (1 2, 3.5 4)"}),
    "GeoJSON text": (
        ONE, {"lieu": '{"type": "Point", "coordinates": [4.90, 45.73]}'}, point(4.9, 45),
        {"lieu": '{"type": "Point", "coordinates": [4.90, 45]}'},
    ),
    "an object": (
        ONE, {"lieu": '{"lon": 4.9, "lat": 45.73}'}, point(4.9, 45), {"lieu": '{"lon": 4.9, "lat": 45}'},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "cells", "place", "written"), PLACES.values(), ids=PLACES)
def test_a_moved_point_is_written_as_its_row_writes_places(
    source: Any, cells: dict[str, Value], place: Geometry, written: dict[str, Value]
) -> None:
    assert spelled_place(source, cells, point(4.9, 45.73), place) == written


@pytest.mark.parametrize("source", [PAIR, ONE])
def test_a_line_does_not_fit_where_points_are_written(source: Any) -> None:
    with pytest.raises(ValueError, match="point"):
        spelled_place(source, {"lat": "1", "lon": "2", "lieu": "45.73, 4.9"}, point(4.9, 45.73), LINE)
