"""Generated worlds for the laws: a published dataset, what people did to the map, what the file says now."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from umap_bot.model.base import Base
from umap_bot.model.canon import Geometry, Value
from umap_bot.model.layer import GEOMETRY, Collection, Commit, Entry, Feature, Layer, Live
from umap_bot.model.policy import Policy
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.apply import apply
from umap_bot.run.job import Aim

COLUMNS = ("id", "name", "q", "n")
KEYS = ("a", "b", "c", "d", "e", "é", "7")

ENTRY = Entry(
    map_id="1",
    map_name="Map",
    map_url="http://127.0.0.1/m",
    layer_id="layer-1",
    name="Layer",
    version="v1",
    release="3.8.1",
    editable=True,
)

scalars: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.sampled_from(["", "x", "10", "007", "true", "é", "e\u0301", " x "]),
    st.sampled_from([0, 10, 7, 1, 2**53 + 1, True, False, 1.0, 1.5, 1e21, -0.0]),
    st.text(max_size=4),
)
values: st.SearchStrategy[Value] = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(["k", "l"]), inner, max_size=2),
    ),
    max_leaves=3,
)

degrees = st.one_of(
    st.integers(-80, 80),
    st.floats(-80, 80, allow_nan=False),
    st.sampled_from([45.734721, 45.7347214, 45.7347216, 4.9117]),
)
positions = st.one_of(st.tuples(degrees, degrees), st.tuples(degrees, degrees, degrees)).map(list)
lines = st.lists(positions, min_size=2, max_size=3)
rings = st.lists(positions, min_size=3, max_size=3).map(lambda ring: [*ring, ring[0]])
polygons = st.lists(rings, min_size=1, max_size=2)


def _geometry(kind: str, coordinates: st.SearchStrategy[Any]) -> st.SearchStrategy[Geometry]:
    return coordinates.map(lambda found: {"type": kind, "coordinates": found})


geometries: st.SearchStrategy[Geometry] = st.one_of(
    _geometry("Point", positions),
    _geometry("Point", positions),
    _geometry("MultiPoint", st.lists(positions, min_size=1, max_size=3)),
    _geometry("LineString", lines),
    _geometry("MultiLineString", st.lists(lines, min_size=1, max_size=2)),
    _geometry("Polygon", polygons),
    _geometry("MultiPolygon", st.lists(polygons, min_size=1, max_size=2)),
)

policies = st.builds(
    Policy,
    st.sampled_from(["overwrite", "keep", "hold"]),
    st.sampled_from(["hold", "recreate", "keep"]),
    st.sampled_from(["keep", "remove", "hold"]),
)


@st.composite
def layers(draw: st.DrawFn, *, columns: tuple[str, ...] | None = None) -> Layer:
    """A dataset: some rows, some columns, with or without coordinates, perhaps with seeds."""
    extra = draw(st.lists(st.sampled_from(COLUMNS[1:]), unique=True)) if columns is None else columns[1:]
    places = draw(st.sampled_from([True, True, True, False]))
    rows: dict[str, Feature] = {}
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=5)):
        properties: dict[str, Value] = {"id": key}
        for column in extra:
            properties[column] = draw(values)
        has_place = places and draw(st.sampled_from([True, True, True, False]))
        rows[key] = Feature(properties, draw(geometries) if has_place else None)
    seeds = tuple(draw(st.lists(st.sampled_from([*extra, GEOMETRY]), unique=True, max_size=1)))
    return Layer(
        file="f.csv", key="id", columns=("id", *extra), rows=rows, places=places, seeds=seeds,
        lines={key: number for number, key in enumerate(rows, 2)},
    )  # fmt: skip


def dump(feature: dict[str, Any]) -> bytes:
    return json.dumps(feature, ensure_ascii=False).encode("utf-8", "surrogatepass")


def live_of(features: list[bytes], version: str = "v1") -> Live:
    collection = Collection((("type", b'"FeatureCollection"'), ("x", b"[1.0]")), tuple(features))
    return Live(ENTRY, version, collection, collection)


umap_ids = st.text("abcAB01", min_size=5, max_size=5)


@st.composite
def unmanaged(draw: st.DrawFn) -> bytes:
    """A feature of a person's own, or a clone of ours."""
    key = draw(st.sampled_from([None, None, "zz", *KEYS]))
    properties = {"name": draw(st.text(max_size=3)), **({"id": key} if key else {})}
    umap_id = draw(st.one_of(st.none(), umap_ids))
    return dump({"type": "Feature", "properties": properties, "geometry": draw(geometries), "id": umap_id})


@st.composite
def edits(draw: st.DrawFn, raw: bytes) -> list[bytes]:
    """What a person, or uMap's editor, may make of one feature: nothing, an edit, a deletion, a double."""
    feature = json.loads(raw)
    what = draw(
        st.sampled_from(["leave", "leave", "leave", "cell", "move", "style", "key", "delete", "double", "id"])
    )
    if what == "cell":
        feature["properties"][draw(st.sampled_from(COLUMNS[1:]))] = draw(values)
    elif what == "move":
        feature["geometry"] = draw(geometries)
    elif what == "style":
        feature["properties"]["_umap_options"] = {"color": "Red"}
        feature["properties"]["note"] = draw(values)
    elif what == "key":
        feature["properties"]["id"] = draw(st.sampled_from([None, "", "a", " b ", "nobody"]))
    elif what == "delete":
        return []
    elif what == "double":
        return [raw, dump({**feature, "id": draw(umap_ids)})]
    elif what == "id":
        feature["id"] = draw(umap_ids)
    return [raw if what == "leave" else dump(feature)]


def base_left(aim: Aim, live: Live, base: Base | None) -> Base | None:
    """The base that a run leaves which settles on these sides."""
    outcome = aim.outcome(live, base)
    return outcome.base_after(outcome.plan)


@dataclass
class World:
    """`base` after a settled sync of `published`, `live` as people left it, the file as `desired` now."""

    base: Base
    published: Layer
    live: Live
    desired: Layer
    policy: Policy

    def sync(self, *, skip_unchanged: bool = True) -> Sync:
        return Sync(Commit("c2"), self.desired, self.policy, skip_unchanged)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    published = draw(layers())
    first = Sync(Commit("c1"), published, Policy())
    empty = live_of([])
    stands = apply(first.outcome(empty, None).plan, empty)
    settled = live_of(list(stands.features))
    base = base_left(first, settled, None)
    assert base is not None
    features = [raw for slice_ in stands.features for raw in draw(edits(slice_))]
    features += draw(st.lists(unmanaged(), max_size=2))
    features = draw(st.permutations(features))
    desired = draw(st.one_of(st.just(published), _next(published), layers()))
    return World(base, published, live_of(list(features), "v2"), desired, draw(policies))


@st.composite
def _next(draw: st.DrawFn, published: Layer) -> Layer:
    """The same file with a few rows changed."""
    rows = dict(published.rows)
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=2)):
        if key in rows and draw(st.booleans()):
            del rows[key]
            continue
        properties: dict[str, Value] = {"id": key}
        for column in published.columns[1:]:
            properties[column] = draw(values)
        rows[key] = Feature(properties, draw(geometries) if published.places else None)
    return Layer(
        file="f.csv",
        key="id",
        columns=published.columns,
        rows=rows,
        places=published.places,
        seeds=published.seeds,
    )
