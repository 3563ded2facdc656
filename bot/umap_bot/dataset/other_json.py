"""JSON that is no FeatureCollection, called by its name: what people commit in its place."""

from __future__ import annotations

import json
import re
from typing import Final

from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.places.geometry import TYPES
from umap_bot.model.canon import Value
from umap_bot.text import Text, say

_GEOJSON: Final = ("Feature", *TYPES, "GeometryCollection")
_TYPES: Final = {
    "Topology": say("the file is TopoJSON, not GeoJSON; export it as GeoJSON"),
    "umap": say("the file is the backup of a whole uMap; export just the layer, as GeoJSON"),
}
_MEMBERS: Final = {
    "elements": say("the file is an Overpass response (OSM JSON); export it as GeoJSON"),
    "geometryType": say("the file is ArcGIS JSON; export it as GeoJSON (f=geojson)"),
    "spatialReference": say("the file is ArcGIS JSON; export it as GeoJSON (f=geojson)"),
    "results": say("the file is an API response from a data portal; download the export as GeoJSON or CSV"),
    "records": say("the file is an API response from a data portal; download the export as GeoJSON or CSV"),
}
_MESSAGES: Final = ("message", "error", "detail")
_SOMETHING: Final = say(
    "the file is not a GeoJSON FeatureCollection; export it as GeoJSON with all its features"
)
_SEQUENCE: Final = re.compile(rb"[\x1e\s]*\{.*\}\s*[\r\n]+[\x1e\s]*\{")
_LINE: Final = 2**16
"""Bytes of the first lines that are looked at."""


def what_it_is(top: Value) -> Text:
    """Name a JSON value that is no FeatureCollection, with the way out."""
    if isinstance(top, list):
        return _of_list(top)
    if not isinstance(top, dict):
        return _SOMETHING
    kind = top.get("type")
    if isinstance(kind, str) and kind in _GEOJSON:
        return say(
            "the file is a {type}, not a FeatureCollection; export it as GeoJSON with all its features",
            type=kind,
        )
    return _of_program(top)


def _of_list(top: list[Value]) -> Text:
    if top and all(isinstance(each, dict) and each.get("type") == "Feature" for each in top):
        return say(
            "the file is a bare list of features; wrap it in a FeatureCollection, with the list "
            'as its "features"'
        )
    return say("the file is a list, not a FeatureCollection; export it as GeoJSON or CSV")


def _of_program(top: dict[str, Value]) -> Text:
    """Name what other programs write, by its type or by the members that it has."""
    kind = top.get("type")
    if isinstance(kind, str) and kind in _TYPES:
        return _TYPES[kind]
    for member, said in _MEMBERS.items():
        if member in top:
            return said
    message = next((text for name in _MESSAGES if isinstance(text := top.get(name), str)), "")
    if message:
        return say(
            'the file holds an error message instead of data: "{message}"; commit the data file',
            message=excerpt(message),
        )
    return _SOMETHING


def refuse_what_is_no_json(body: bytes, findings: Findings) -> None:
    """Raise FileError for text that is no JSON but something that can be named."""
    start = body[:_LINE]
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        findings.fatal(say("the file is UTF-16, but GeoJSON must be UTF-8; save it as UTF-8"))
    if _SEQUENCE.match(start) and _is_json(start.strip(b"\x1e \r\n\t").split(b"\n")[0]):
        findings.fatal(
            say(
                "the file is a sequence of features, one per line; export it as one GeoJSON FeatureCollection"
            )
        )
    if re.match(rb"\s*(var|let|const)\s|\s*[\w.]+\s*=", start):
        findings.fatal(
            say("the file is JavaScript; remove everything before the first {{ and after the last }}")
        )
    first = start.lstrip().split(b"\n")[0]
    if b"{" not in first and b"[" not in first and re.search(rb"\w[,;\t]\w", first):
        findings.fatal(say("the file is not JSON; if it is a table, rename it to end in .csv"))


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
