"""Features as a map holds them, for Hypothesis and by hand."""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

from hypothesis import strategies as st

from umap_bot.model.layer import Feature

COLUMNS = (  # noqa: SIM905  a list would take thirty lines
    "id|name|nom|lat|lon|latitude|longitude|x|y|geometry|geom|geojson|position|y_lat|map_lat|map_lon|a.b|a_b"
    '|a;b;c;d|un, deux|q"q|two\nlines||_umap_options|id_on_map'
).split("|")
HARD = (  # noqa: SIM905
    '|007|=1+1|+33 4|-x|@x|a,b;c\td|say "x"|deux\nlignes| bord |😀|45.7|4,8|bron|Bron|bron-2|Cité|sep=;|1e5'
    "|'a|_x0041_|true|\ufeff|\ufffe|a\rb|\x01"
).split("|")
NAMES = st.one_of(
    st.sampled_from(COLUMNS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6).map(lambda name: normalize("NFC", name)),
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    st.sampled_from(HARD),
)
SCALARS = st.one_of(
    TEXTS, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=4,
)
LONGITUDES = st.floats(-180, 180) | st.integers(-180, 180)
LATITUDES = st.floats(-90, 90) | st.integers(-90, 90)
POSITIONS = st.tuples(LONGITUDES, LATITUDES).map(list)
POINTS: st.SearchStrategy[Any] = POSITIONS.map(lambda place: {"type": "Point", "coordinates": place})
OTHERS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.tuples(LONGITUDES, LATITUDES, st.integers(0, 5000)).map(
        lambda place: {"type": "Point", "coordinates": list(place)}
    ),
    st.lists(POSITIONS, min_size=2, max_size=4).map(lambda line: {"type": "LineString", "coordinates": line}),
    st.lists(POSITIONS, min_size=3, max_size=4).map(
        lambda ring: {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    ),
    POSITIONS.map(lambda place: {"type": "MultiPoint", "coordinates": [place]}),
)
UMAP_IDS = st.none() | st.text("Ab3", min_size=5, max_size=5)


def features(
    geometries: st.SearchStrategy[Any], values: st.SearchStrategy[Any]
) -> st.SearchStrategy[list[Feature]]:
    one = st.builds(
        Feature,
        properties=st.dictionaries(NAMES, values, max_size=6),
        geometry=geometries,
        umap_id=UMAP_IDS,
    )
    return st.lists(one, max_size=6)


LAYERS = features(POINTS, VALUES) | features(POINTS | OTHERS, VALUES)


def point(longitude: float = 4.85, latitude: float = 45.75, /, **properties: Any) -> Feature:
    return Feature(properties, {"type": "Point", "coordinates": [longitude, latitude]})


def marked(properties: dict[str, Any]) -> Feature:
    """A point whose properties have names that Python does not take as arguments."""
    return Feature(properties, point().geometry)
