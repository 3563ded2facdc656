"""The changes as GeoJSON: valid by RFC 7946 whatever a map holds, and each change in its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reconcile.worlds import geometries
from tests.report.told import done, failed, held, plan, point, run, texts
from umap_bot.model.canon import Geometry
from umap_bot.model.change import Create, Move, Update
from umap_bot.report.formats.changes_geojson import render, valid

DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}


def is_position(found: Any) -> bool:
    return isinstance(found, list) and len(found) in {2, 3} and all(type(n) in {int, float} for n in found)


def check_geometry(found: Any) -> None:
    """RFC 7946, 3.1, read again here without the code that is tested."""
    if found["type"] == "GeometryCollection":
        assert set(found) == {"type", "geometries"}
        for one in found["geometries"]:
            check_geometry(one)
        return
    assert set(found) == {"type", "coordinates"}
    parts = [found["coordinates"]]
    for _ in range(DEPTH[found["type"]]):
        parts = [part for list_ in parts for part in list_]
    assert parts
    assert all(map(is_position, parts))


def check(text: str) -> list[dict[str, Any]]:
    collection = json.loads(text)
    assert set(collection) == {"type", "features"}
    assert collection["type"] == "FeatureCollection"
    for feature in collection["features"]:
        assert set(feature) == {"type", "geometry", "properties"}
        assert feature["type"] == "Feature"
        if feature["geometry"] is not None:
            check_geometry(feature["geometry"])
    features: list[dict[str, Any]] = collection["features"]
    return features


def short(features: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    found = [(feature["properties"], feature["geometry"]) for feature in features]
    return [
        (about["by"], about["change"], about["role"], place["type"] if place else "")
        for about, place in found
    ]


def test_each_kind_of_change_in_its_place() -> None:
    features = check(render(done(plan())))
    assert short(features) == [
        ("people", "changed", "here", ""),
        ("people", "changed", "here", ""),
        ("people", "changed", "here", ""),
        ("people", "moved", "before", "Point"),
        ("people", "moved", "after", "Point"),
        ("people", "moved", "way", "LineString"),
        ("people", "deleted", "here", ""),
        ("people", "created", "here", "Point"),
        ("file", "created", "here", "Point"),
        ("file", "moved", "before", "Point"),
        ("file", "moved", "after", "Point"),
        ("file", "moved", "way", "LineString"),
        ("file", "changed", "here", "Point"),
        ("file", "deleted", "here", "Point"),
    ]


def test_what_is_said_of_a_change() -> None:
    (moved, *_) = [each for each in check(render(done(plan()))) if each["properties"]["key"] == "both"]
    assert moved["properties"] == {
        "key": "both",
        "name": "Bron",
        "by": "file",
        "change": "moved",
        "role": "before",
        "text": 'q "Parilly3" → "Parilly4"; n "before" → "after"; moved 39 m to the east',
        "fields": [
            {"name": "q", "before": "Parilly3", "after": "Parilly4"},
            {"name": "n", "before": "before", "after": "after"},
        ],
        "run": 42,
        "commit": "3f9c2ab" * 5 + "01234",
        "done": True,
    }


@pytest.mark.parametrize(("told", "is_done"), [(plan(), False), (held(plan()), False), (done(plan()), True)])
def test_what_would_be_is_not_told_as_done(told: Any, is_done: bool) -> None:
    assert {each["properties"]["done"] for each in check(render(told))} == {is_done}


def test_a_run_without_a_plan_has_no_features() -> None:
    assert check(render(failed())) == check(render(run(None, "nothing"))) == []


def test_only_points_have_a_way_between_them() -> None:
    line: Geometry = {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}
    moves = (Move(point(1, 2), line), Move(None, point(1, 2)), Move(line, None), Move(None, None))
    changes = tuple(Update(key=f"{n}", name="n", move=move) for n, move in enumerate(moves))
    features = check(render(plan(changes=changes, drift=(), unmanaged=())))
    assert [(feature["properties"]["key"], feature["properties"]["role"]) for feature in features] == [
        ("0", "before"), ("0", "after"), ("1", "after"), ("2", "before"), ("3", "after"),
    ]  # fmt: skip
    assert features[-1]["geometry"] is None


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-200, 200), st.floats(-200, 200), st.text(max_size=3)),
    lambda inner: st.lists(inner, max_size=4),
)
anything = st.fixed_dictionaries(
    {"type": st.sampled_from([*DEPTH, "GeometryCollection", "Circle", 7, None])},
    optional={
        "coordinates": json_values,
        "geometries": st.lists(geometries, max_size=2),
        "crs": st.just({"type": "name"}),
        "bbox": st.just([0, 0, 1, 1]),
    },
)


@given(texts, st.one_of(anything, geometries))
def test_it_is_valid_whatever_a_map_holds(name: str, geometry: Geometry) -> None:
    changes = (
        Create(key="a", name=name, properties={name: name}, geometry=geometry),
        Update(key="b", name=name, move=Move(geometry, point(1, 2))),
        Update(key="c", name=name, move=Move(point(1, 2), geometry)),
    )
    features = check(render(plan(name, changes=changes)))
    assert features[-1]["properties"]["name"] == name


@given(geometries)
def test_a_good_geometry_stays_as_it_is(geometry: Geometry) -> None:
    assert valid({**geometry, "bbox": [0, 0, 1, 1]}) == geometry


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": [1]},
        {"type": "Point", "coordinates": [1, True]},
        {"type": "Point", "coordinates": [1, 2, 3, 4]},
        {"type": "LineString", "coordinates": [[1, 2]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]},
        {"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [0, 0]]]]},
        {"type": "GeometryCollection", "geometries": []},
        {"coordinates": [1, 2]},
        {},
    ],
)
def test_a_broken_geometry_is_none(geometry: Geometry) -> None:
    assert valid(geometry) is None
