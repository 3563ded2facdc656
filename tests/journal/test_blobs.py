"""What goes into the database comes out equal."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.journal.made import plan
from umap_bot.errors import StateError
from umap_bot.journal import blobs
from umap_bot.model.base import Base, Kept, Known
from umap_bot.model.canon import Geometry, Value
from umap_bot.model.change import Create, Delete, Field, Move, Update
from umap_bot.model.drift import Drift
from umap_bot.model.layer import Collection, Push, Save
from umap_bot.model.plan import Plan

values: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
properties = st.dictionaries(st.text(), values, max_size=4)
geometries: st.SearchStrategy[Geometry | None] = st.none() | st.fixed_dictionaries(
    {"type": st.just("Point"), "coordinates": st.lists(st.floats(-180, 180), min_size=2, max_size=3)}
)
known = st.builds(Known.of, properties, geometries, st.none() | st.text(), st.text(), st.text(), st.text())
kept = st.builds(
    Kept,
    st.dictionaries(st.text(), st.dictionaries(st.text(), st.none() | st.text(), max_size=2), max_size=2),
    st.frozensets(st.text(), max_size=2),
    st.frozensets(st.text(), max_size=2),
)
bases = st.builds(
    Base,
    layer_id=st.text(),
    commit=st.text(),
    key=st.text(),
    columns=st.lists(st.text(), max_size=3).map(tuple),
    places=st.booleans(),
    known=st.dictionaries(st.text(), known, max_size=4),
    kept=kept,
)
collections = st.builds(
    Collection,
    st.lists(st.tuples(st.text(), st.binary()), max_size=3).map(tuple),
    st.lists(st.binary(), max_size=4).map(tuple),
)
pushes = st.builds(Push, st.text(), collections, collections, st.lists(st.text(), max_size=3).map(tuple))
saves = st.builds(Save, st.text(), collections, collections, st.none() | collections)
fields = st.builds(Field, st.text(), values, values) | st.builds(Field, st.text(), after=values)
changes = st.one_of(
    st.builds(Create, key=st.text(), name=st.text(), properties=properties, geometry=geometries),
    st.builds(
        Update,
        key=st.text(),
        name=st.text(),
        fields=st.lists(fields, max_size=3).map(tuple),
        move=st.none() | st.builds(Move, geometries, geometries),
    ),
    st.builds(Delete, key=st.text(), name=st.text(), raw=st.text()),
)
drifts = st.builds(
    Drift,
    key=st.text(),
    name=st.text(),
    field=st.text(),
    kind=st.just("conflict"),
    outcome=st.just("keep"),
    base=values,
    desired=values,
    live=values,
)
plans = st.builds(
    lambda changes, drift: plan(*changes, drift=tuple(drift)),
    st.lists(changes, max_size=3),
    st.lists(drifts, max_size=3),
)


@settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(bases | collections | pushes | saves | plans)
def test_a_blob_is_read_back_equal(value: blobs.Blob) -> None:
    assert blobs.decode(blobs.encode(value), type(value)) == value


def test_a_row_of_base_from_before_it_had_a_source_is_read() -> None:
    row = Known.of(
        {"id": "a"}, {"type": "Point", "coordinates": [4.5, 45.5]}, "AAAAA", "row", "raw", "source"
    )
    base = Base(layer_id="1", commit="c", key="id", columns=("id",), places=True, known={"a": row})
    content = zlib.decompress(blobs.encode(base))
    assert content.count(b',"source"') == 1
    before = blobs.decode(zlib.compress(content.replace(b',"source"', b"")), Base)
    assert before.known == {"a": replace(row, source="")}


@pytest.mark.parametrize("data", [b"", b"no zlib", zlib.compress(b"{}"), zlib.compress(b"\xff")])
@pytest.mark.parametrize("kind", [Base, Plan, Collection])
def test_a_damaged_blob_is_told(data: bytes, kind: type[Base] | type[Plan] | type[Collection]) -> None:
    with pytest.raises(StateError, match="damaged"):
        blobs.decode(data, kind)
