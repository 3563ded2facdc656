"""Well-known text (OGC 06-103r4, 7.2) as a GeoJSON geometry, not yet checked."""

from __future__ import annotations

import re
from typing import Any, Final

from umap_bot.dataset.findings import excerpt
from umap_bot.dataset.places.errors import CELL, GeometryError
from umap_bot.model.canon import Value
from umap_bot.text import Text, say

_HEAD: Final = re.compile(
    r"(?:SRID ?= ?(\d+) ?;)? ?([A-Z]+?) ?(ZM|Z|M)? ?(EMPTY|\(.*\))", re.IGNORECASE | re.DOTALL
)
"""The type gives up its last letters: QGIS and GDAL write PointZ, MultiPolygonZM."""
_NUMBER: Final = r"[+-]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+"
"""It gives back no digit: else a number of 30 000 digits that ends in a letter takes for ever."""
_TOKEN: Final = re.compile(rf" ?([(),]|{_NUMBER}(?=[ (),]|$)) ?", re.ASCII)
_DEPTHS: Final = {
    "POINT": ("Point", 0),
    "LINESTRING": ("LineString", 1),
    "LINEARRING": ("LineString", 1),
    "POLYGON": ("Polygon", 2),
    "MULTIPOINT": ("MultiPoint", 1),
    "MULTILINESTRING": ("MultiLineString", 2),
    "MULTIPOLYGON": ("MultiPolygon", 3),
}
_WGS84: Final = "4326"


def from_wkt(text: str) -> dict[str, Value] | None:
    """Return the geometry, None for EMPTY. x is the longitude; white space must be single spaces.

    PostGIS's `SRID=4326;` may stand before it. Raise GeometryError; a measure (M), for which GeoJSON has no
    place, is a position's fourth number then, its altitude null if it has none.
    """
    head = _HEAD.fullmatch(text)
    if head is None or head[2].upper() not in _DEPTHS:
        raise GeometryError(_strange(head[2].upper() if head else ""))
    if head[1] not in (None, _WGS84):
        raise GeometryError(
            say(
                "{cell} is in SRID {srid}; convert it to degrees (WGS 84, EPSG:4326)", cell=CELL, srid=head[1]
            )
        )
    if head[4].upper() == "EMPTY":
        return None
    name, depth = _DEPTHS[head[2].upper()]
    tree = _Parser(head[4], measured=(head[3] or "").upper() == "M").whole()
    if depth == 0 and len(tree) > 1:
        raise GeometryError(
            say(
                "{cell} is a WKT point with several positions; write one position, with decimal points",
                cell=CELL,
            )
        )
    if name == "MultiPoint":  # both (1 2, 3 4) and ((1 2), (3 4)) are written
        tree = [member[0] if isinstance(member[0], list) else member for member in tree]
    return {"type": name, "coordinates": tree[0] if depth == 0 else tree}


def _strange(kind: str) -> Text:
    if kind == "GEOMETRYCOLLECTION":
        return say(
            "{cell} is a geometry collection, which uMap does not keep; make one row per part", cell=CELL
        )
    return say("{cell} is not WKT that a map can show; write it as POINT (4.87 45.73)", cell=CELL)


class _Parser:
    """Turns `(1 2, 3 4)` into [[1.0, 2.0], [3.0, 4.0]], and deeper ones likewise."""

    def __init__(self, text: str, *, measured: bool) -> None:
        self._tokens = _tokens(text)
        self._measured = measured
        self._next = 0

    def whole(self) -> list[Any]:
        tree = self.tree()
        if self._peek():
            raise GeometryError(say("{cell} is WKT followed by other text; check its parentheses", cell=CELL))
        return tree

    def tree(self) -> list[Any]:
        self._take()  # the opening parenthesis, which the head's pattern saw
        members = [self._member()]
        while (mark := self._take()) == ",":
            members.append(self._member())
        if mark != ")":
            raise GeometryError(
                say(
                    '{cell} is invalid WKT at "{mark}"; check its commas and parentheses',
                    cell=CELL,
                    mark=mark,
                )
            )
        return members

    def _member(self) -> list[Any]:
        if self._peek() == "(":
            return self.tree()
        numbers: list[float | None] = []
        while self._peek() not in ("(", ")", ",", ""):
            numbers.append(float(self._take()))
        if not numbers:
            raise GeometryError(
                say("{cell} is WKT with an empty position; check its commas and parentheses", cell=CELL)
            )
        return [*numbers[:2], None, *numbers[2:]] if self._measured else numbers

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._next += 1
        return token


def _tokens(text: str) -> list[str]:
    tokens, place, depth = [], 0, 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise _breaks(excerpt(text[place:], 12))
        depth += {"(": 1, ")": -1}.get(found[1], 0)
        if not 0 <= depth <= 4:  # noqa: PLR2004  a MULTIPOLYGON has 3
            raise GeometryError(say("{cell} is WKT with too many parentheses; check them", cell=CELL))
        tokens.append(found[1])
        place = found.end()
    return tokens


def _breaks(rest: str) -> GeometryError:
    return GeometryError(say('{cell} is invalid WKT at "{rest}"; check its numbers', cell=CELL, rest=rest))
