"""GeoJSON, read strictly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import DatasetError
from umap_bot.model.layer import Layer

LYON = {"type": "Point", "coordinates": [4.86806, 45.73472]}


def collection(*features: object, **members: object) -> str:
    return json.dumps({"type": "FeatureCollection", **members, "features": features})


def feature(geometry: object = LYON, **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {"id": "a", **properties}}


def read(content: str | bytes, **settings: Any) -> Layer:
    data = content.encode() if isinstance(content, str) else content
    return decode(data, Recipe(path="cites.geojson", **settings))


def problems(content: str | bytes, **settings: Any) -> str:
    with pytest.raises(DatasetError) as caught:
        read(content, **settings)
    return str(caught.value)


def test_columns_are_the_union_of_properties_in_order_of_appearance() -> None:
    layer = read(
        collection(feature(b=1), {**feature(c=None, b=2), "properties": {"id": "z", "c": None, "b": 2}})
    )
    assert layer.columns == ("id", "b", "c")
    assert layer.lines == {"a": 1, "z": 2}
    assert layer.rows["z"].properties == {"id": "z", "c": None, "b": 2}
    assert layer.rows["a"].geometry == LYON
    assert layer.places


def test_json_files_and_a_byte_order_mark_are_taken() -> None:
    data = b"\xef\xbb\xbf" + collection(feature()).encode()
    assert list(decode(data, Recipe(path="x.JSON")).rows) == ["a"]


def test_only_type_and_coordinates_of_a_geometry_count() -> None:
    layer = read(collection(feature({**LYON, "bbox": [1, 2, 3, 4]}, nom="x"), bbox=[0, 0, 1, 1]))
    assert layer.rows["a"].geometry == LYON


def test_number_keys_are_spelt_as_javascript_does() -> None:
    layer = read(collection(feature(id=7.0), feature(id=8)))
    assert list(layer.rows) == ["7", "8"]
    assert layer.rows["7"].properties == {"id": 7.0}


def test_the_features_own_id_serves_if_the_property_is_missing() -> None:
    layer = read(collection({"type": "Feature", "id": 12, "properties": {"nom": "A"}, "geometry": None}))
    assert layer.rows["12"].properties == {"id": 12, "nom": "A"}
    assert layer.columns == ("id", "nom")
    assert 'no property "id" in feature 1: the feature\'s own id is used' in layer.warnings[1]


def test_a_null_geometry_is_a_feature_without_a_place_yet() -> None:
    layer = read(collection(feature(None)))
    assert layer.rows["a"].geometry is None
    assert layer.warnings == (
        (
            "cites.geojson: no coordinates in feature 1: not added to the map; features that "
            "are already there stay where they are"
        ),
    )


def test_an_empty_collection_is_an_empty_layer() -> None:
    layer = read(collection(), rename={"nom": "name"}, seed=("note",), filter={"x": "1"})
    assert (layer.rows, layer.columns, layer.key) == ({}, ("id",), "id")


def test_numbers_that_browsers_round_are_warned_of() -> None:
    layer = read(collection(feature(siret=2**53 + 1)))
    assert layer.warnings == (
        'cites.geojson: feature 1: "siret" is a number so large that browsers round it; write it as text',
    )


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (
            {"type": "GeometryCollection", "geometries": [LYON]},
            "a GeometryCollection, which uMap does not keep",
        ),
        ({"type": "Point", "coordinates": []}, "its Point has no coordinates"),
        ({"type": "Point"}, "its Point has no coordinates"),
        ({"type": "Point", "coordinates": ["4", "45"]}, 'not a valid Point: "4" is not a number'),
        ({"type": "Point", "coordinates": [True, 45]}, "not a valid Point"),
        ({"type": "Point", "coordinates": [None, 45]}, "not a valid Point"),
        ({"type": "Point", "coordinates": [4]}, "not a valid Point"),
        ({"type": "Point", "coordinates": [10**400, 45]}, "not a valid Point"),
        ({"type": "Point", "coordinates": [4, 95, 3, 4]}, "look swapped"),
        ({"type": "Point", "coordinates": {"a": 1}}, "not a valid Point"),
        ({"type": "LineString", "coordinates": [[4, 45]]}, "not a valid LineString"),
        ({"type": "Polygon", "coordinates": [[]]}, "not a valid Polygon"),
        ({"type": "Polygon", "coordinates": [[[4, 45], [5, 45], [5, 46], [4, 46]]]}, "not closed"),
        ({"type": "MultiPolygon", "coordinates": [[[[4, 45], [5, 45], [5, 46], [4, 46]]]]}, "not closed"),
        ({"type": "Point", "coordinates": [842666, 6519234]}, "Lambert 93"),
        ({"type": "LineString", "coordinates": [[4, 45], [-21, 165]]}, "look swapped"),
        ({"type": "Feature"}, 'its geometry\'s type is "Feature"; it must be one of'),
        ({"type": ["Point"], "coordinates": [4, 45]}, "its geometry's type is missing"),
        ({}, "its geometry's type is missing"),
        ([4, 45], "its geometry is not an object"),
        ("POINT", "its geometry is not an object"),
    ],
)
def test_bad_geometries_are_named(geometry: object, said: str) -> None:
    message = problems(collection(feature(id="z"), feature(geometry)))
    assert message.startswith("cites.geojson, feature 2: ")
    assert said in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"{", "invalid JSON at line 1, column 2: "),
        (b'{\n "a": 1,\n}', "invalid JSON at line 3, column 1: "),
        (b'{"type": "FeatureCollection", "features": [NaN]}', "NaN is not a JSON number"),
        (b'{"type": "FeatureCollection", "features": [-Infinity]}', "-Infinity is not a JSON number"),
        (b'{"a": 1e400}', '"a" is a number that is too large (1e400); write it as text'),
        (b'{"a": ' + b"1" * 5000 + b"}", '"a" is a number that is too large (1111'),
        (b"[1e400]", "contains a number that is too large"),
        (b'{"a": ' + b"1" * 5000 + b",}", "invalid JSON at line 1, column "),
        (b'{"a": 1e400, "b": NaN}', "NaN is not a JSON number"),
        (b'{"a": ' + b"1" * 5000 + b', "b": ' + b"[" * 100_000, "is nested too deeply"),
        (b'{"a": 1e400, "b": "\\ud800"}', '"a" is a number that is too large (1e400)'),
        (b'{"a": "\\ud800"}', "half a character"),
        (b'{"a": "\\ud800 then more of it"}', "half a character"),
        (b'{\n"a": "\xe9"}', "line 2 is not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "line 1 is not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "is UTF-16, but GeoJSON must be UTF-8"),
        (b"[" * 100_000, "is nested too deeply"),
        (b"<html>", "holds a web page"),
        (b"PK\x03\x04", "the file is really a spreadsheet"),
        (b"[]", "is a list, not a FeatureCollection"),
        (b'{"type": "Feature"}', "is a Feature, not a FeatureCollection"),
        (b'{"type": "Topology"}', "is TopoJSON, not GeoJSON"),
        (b'{"type": ["x"]}', "is not a GeoJSON FeatureCollection"),
        (b'{"type": "FeatureCollection"}', 'has no "features" list'),
        (b'{"type": "FeatureCollection", "features": {}}', 'has no "features" list'),
        (b'{"type": "FeatureCollection", "features": [null]}', 'feature 1: its "type" is not "Feature"'),
        (
            b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": []}]}',
            "must be an object or null",
        ),
        (b'{"type": "FeatureCollection", "features": [], "x": "\\u0000"}', "a NUL character"),
    ],
)
def test_what_is_no_geojson_is_called_by_its_name(content: bytes, said: str) -> None:
    message = problems(content)
    assert message.startswith("cites.geojson")
    assert said in message
    assert "\n" not in message


def test_numbers_that_are_too_large_are_named_with_feature_and_field() -> None:
    text = collection(
        feature(pop="@1"),
        {**feature({"type": "Point", "coordinates": ["@1", 45]}), "id": "@2"},
        feature(list=[{"n": "@2"}]),
    )
    text = text.replace('"@1"', "1e400").replace('"@2"', "-" + "9" * 4400)
    assert problems(text) == (
        "cites.geojson has 4 problems:\n"
        'cites.geojson, feature 1: "pop" is a number that is too large (1e400); write it as text\n'
        f'cites.geojson, feature 2: "id" is a number that is too large (-{"9" * 58}…); write it as text\n'
        "cites.geojson, feature 2: its coordinates contain a number that is too large (1e400); "
        "write degrees\n"
        f'cites.geojson, feature 3: "list" is a number that is too large (-{"9" * 58}…); write it as text'
    )


@pytest.mark.parametrize(
    ("geometry", "left"),
    [
        ({"type": "Point", "coordinates": [4, 45, 200, 7, 8]}, [4, 45, 200]),
        ({"type": "Point", "coordinates": [4, 45, None]}, [4, 45]),
        ({"type": "Point", "coordinates": [4, 45, None, 7]}, [4, 45]),
        ({"type": "LineString", "coordinates": [[4, 45, 1, 0], [5, 46]]}, [[4, 45, 1], [5, 46]]),
        ({"type": "MultiPoint", "coordinates": [[4, 45, None]]}, [[4, 45]]),
    ],
)
def test_what_a_position_has_beyond_the_altitude_is_left_out(geometry: object, left: object) -> None:
    layer = read(collection(feature(geometry), feature(id="b"), feature(geometry, id="c")))
    assert (layer.rows["a"].geometry or {})["coordinates"] == left
    [warning] = layer.warnings
    assert warning == (
        "cites.geojson: positions in features 1, 3 have a null altitude or more than three numbers; "
        "the rest is ignored (RFC 7946, 3.1.1)"
    )


def test_points_of_a_multipoint_must_be_features() -> None:
    many = {"type": "MultiPoint", "coordinates": [[5, 46], [5.6, 46.3]]}
    assert problems(collection(feature(many), feature(many, id="b"))) == (
        "cites.geojson, feature 1: its geometry is a MultiPoint, which uMap does not keep; "
        "make one feature per point (also in feature 2)"
    )


def test_names_that_stand_twice_in_an_object_are_problems() -> None:
    good = json.dumps(feature(id="z", texte='no "name": here, {"a": 1, "a": 2}'))
    double = '{"type": "Feature", "properties": {"id": "a", "nom" : "A", "nom": "B"}, "geometry": null}'
    text = f'{{"type": "FeatureCollection", "features": [{good}, {double}]}}'
    assert problems(text) == (
        'cites.geojson, feature 2: duplicate name "nom" in one object; remove one of them'
    )
    outside = '{"type": "FeatureCollection", "features": [], "features": []}'
    assert problems(outside).startswith('cites.geojson: duplicate name "features"')
    assert list(read(f'{{"type": "FeatureCollection", "features": [{good}]}}').rows) == ["z"]


@pytest.mark.parametrize(
    "name",
    [
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        "urn:ogc:def:crs:OGC::CRS84h",
        "urn:ogc:def:crs:OGC:2:84",
        "urn:ogc:def:crs:EPSG::4326",
        "urn:x-ogc:def:crs:EPSG:6.9:4326",
        "EPSG:4326",
        "epsg:4979",
        "CRS:84",
        "WGS84",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "https://www.opengis.net/def/crs/EPSG/0/4326",
        "http://www.opengis.net/gml/srs/epsg.xml#4326",
    ],
)
def test_degrees_may_be_named(name: str) -> None:
    assert read(collection(feature(), crs={"type": "name", "properties": {"name": name}})).rows


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "EPSG", "properties": {"code": 4326}},
        {"type": "EPSG", "properties": {"code": "4326", "coordinate_order": [1, 0]}},
        {"type": "OGC", "properties": {"urn": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
        {
            "type": "link",
            "properties": {"href": "http://spatialreference.org/ref/epsg/4326/proj4/", "type": "proj4"},
        },
        "EPSG:4326",
    ],
)
def test_degrees_may_be_named_as_old_writers_do(crs: object) -> None:
    assert read(collection(feature(), crs=crs)).rows


@pytest.mark.parametrize(
    "crs",
    [
        {"properties": {"name": "urn:ogc:def:crs:EPSG::2154"}},
        {"properties": {"name": "WGS 84 / UTM zone 31N"}},
        {"properties": {"name": "4326"}},
        {"properties": {"name": ""}},
        {"type": "EPSG", "properties": {"code": 2154}},
        {"type": "EPSG", "properties": {"code": True}},
        {"properties": {"href": "http://spatialreference.org/ref/epsg/2154/proj4/"}},
        {},
        "EPSG:2154",
        2154,
    ],
)
def test_other_coordinates_are_refused(crs: object) -> None:
    assert "export the file in WGS 84 (EPSG:4326)" in problems(collection(feature(), crs=crs))


def test_keys_that_are_no_text_are_problems() -> None:
    assert problems(collection(feature(id=["x"]))) == (
        "cites.geojson, feature 1: id is a list or an object; write text or a number"
    )
    assert "feature 1: id is empty; write lyon" in problems(collection(feature(id=None, nom="Lyon")))


def test_deep_values_are_refused() -> None:
    deep: object = "x"
    for _ in range(40):
        deep = [deep]
    assert 'feature 1: "deep" is nested too deeply' in problems(collection(feature(deep=deep)))
    assert read(collection(feature(list=[1, {"a": [2]}], empty=[]))).rows


def test_coordinate_settings_are_not_for_geojson() -> None:
    assert read(collection(feature(lat=1)), latitude="lat", longitude="lon").warnings == (
        (
            "cites.geojson: DATASET_LATITUDE has no effect, because GeoJSON has its own "
            "geometries; remove the setting"
        ),
        (
            "cites.geojson: DATASET_LONGITUDE has no effect, because GeoJSON has its own "
            "geometries; remove the setting"
        ),
    )


def test_names_have_one_unicode_form() -> None:
    decomposed = {**feature(), "properties": {"id": "a", "cite\u0301": 1}}
    assert read(collection(decomposed)).rows["a"].properties == {"id": "a", "cité": 1}
    decomposed["properties"]["cité"] = 2
    assert "look the same" in problems(collection(decomposed))


def test_empty_names_and_control_characters_are_refused() -> None:
    assert "a property has an empty name" in problems(collection(feature(**{"": 1})))
    assert '"a\\tb" contains a line break or another control character' in problems(
        collection(feature(**{"a\tb": 1}))
    )
