"""The text of a GeoJSON file with edits: all else byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

import msgspec

from umap_bot.dataset.charset import BOM_8
from umap_bot.dataset.editing.edits import Edits, NewRecord
from umap_bot.dataset.editing.splices import Splice, spliced
from umap_bot.dataset.places.spelling import json_place, rounded
from umap_bot.dataset.writing.cells import json_value
from umap_bot.model.canon import Geometry, Value, nfc
from umap_bot.model.members import element_spans, members, put, spelled

_INDENT: Final = re.compile(r"\n([ \t]*)$")
_STEP: Final = re.compile(r"\{\s*\n([ \t]+)")


def write(data: bytes, edits: Edits) -> bytes:
    """Return the file with these edits, new features last."""
    mark = BOM_8 if data.startswith(BOM_8) else b""
    text = data[len(mark) :].decode()
    return mark + spliced(text, _splices(text, edits)).encode()


def _splices(text: str, edits: Edits) -> Iterator[Splice]:
    features = [member for member in members(text, text.index("{")) if member.name == "features"][-1]
    spans = list(element_spans(text, features.value))
    kept = [index for index in range(len(spans)) if index + 1 not in edits.removed]
    last = kept[-1] if kept else -1
    for index, (start, end) in enumerate(spans[: last + 1]):
        number = index + 1
        if number in edits.removed:
            yield start, spans[index + 1][0], ""
        elif number in edits.cells or number in edits.places:
            feature = text[start:end]
            yield start, end, _edited(feature, edits.cells.get(number, {}), edits.places.get(number))
    at = spans[last][1] if kept else features.value + 1
    if at < (end := spans[-1][1] if spans else at) or edits.added:
        yield at, end, "".join(_added(text, spans, edits.added, first=not kept))


def _edited(feature: str, cells: Mapping[str, Value], place: Geometry | None) -> str:
    for column, value in cells.items():
        feature = put(feature, ("properties", _spelling(feature, column)), json_value(value))
    return feature if place is None else _moved(feature, place)


def _spelling(feature: str, column: str) -> str:
    """Return the name that a property of this column has in the feature, in whatever form of Unicode."""
    own = spelled(feature, ("properties",))
    names = [member.name for member in members(own)] if own and own.startswith("{") else []
    return next((name for name in names if nfc(name) == column), column)


def _moved(feature: str, place: Geometry) -> str:
    geometry = spelled(feature, ("geometry",))
    if not geometry or not geometry.startswith("{"):
        return put(feature, ("geometry",), rounded(place))
    return put(feature, ("geometry",), msgspec.Raw(json_place(geometry, rounded(place)).encode()))


def _added(
    text: str, spans: list[tuple[int, int]], records: tuple[NewRecord, ...], *, first: bool
) -> Iterator[str]:
    """Return the new features as the file lays out its own: apart from each other as they are, and on one
    line or indented."""
    apart = next((text[end:start] for (_, end), (start, _) in pairwise(spans)), ",")
    one = text[slice(*spans[0])] if spans else ""
    margin = _INDENT.search(text[: spans[0][0]]) if spans else None
    step = _STEP.match(one)
    for number, record in enumerate(records):
        feature = {
            "type": "Feature",
            "properties": {name: json_value(value) for name, value in record.cells.items()},
            "geometry": rounded(record.geometry) if record.geometry else None,
        }
        yield "" if first and number == 0 else apart
        if step and margin:
            indent = step[1].removeprefix(margin[1]) or step[1]
            whole = json.dumps(feature, ensure_ascii=False, indent=indent)
            yield whole.replace("\n", f"\n{margin[1]}")
        else:
            yield msgspec.json.encode(feature).decode()
