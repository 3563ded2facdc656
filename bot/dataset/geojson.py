"""GeoJSON: one FeatureCollection (RFC 7946), read strictly."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Final, NoReturn

import msgspec

from bot.dataset.charset import BOM_8, refuse_other_formats
from bot.dataset.doubles import doubled_names
from bot.dataset.findings import Findings, shown
from bot.dataset.geometry import TYPES, GeometryError, checked
from bot.dataset.keys import SAFE
from bot.dataset.recipe import Recipe
from bot.dataset.table import Record, Table
from bot.model.canon import Geometry, Value

_WGS84: Final = re.compile(r"(urn:ogc:def:crs:)?(OGC:[\d.]*:?CRS84|EPSG:[\d.]*:?4326)", re.IGNORECASE)
_TOO_DEEP: Final = "is nested too deeply; this is no GeoJSON that a map could show"
_DEPTH: Final = 32
"""Lists and objects in one another, in a property. The comparison of values recurses."""


def read(data: bytes, recipe: Recipe, findings: Findings) -> Table:
    """Give the table of a GeoJSON file: a record a feature, numbered from 1; the columns are the names of all
    features' properties, in order of their first appearance. Raise DatasetError.

    A geometry that is null or missing is a feature that has no place yet. Members that RFC 7946 calls foreign
    are passed over: they are not the dataset's.
    """
    refuse_other_formats(data, findings)
    body = data.removeprefix(BOM_8)
    decoded = _decode(body, findings)
    features = _features(decoded, findings)
    _refuse_doubles(body, decoded, findings)
    for name in ("latitude", "longitude", "geometry"):
        if getattr(recipe, name):
            findings.warn(f"DATASET_{name.upper()} is not used: GeoJSON has geometries of its own")
    records = [
        record
        for number, feature in enumerate(features, start=1)
        if (record := _record(number, feature, findings)) is not None
    ]
    return _table(records, findings)


def _decode(body: bytes, findings: Findings) -> Value:
    try:
        decoded: Value = msgspec.json.decode(body)
    except UnicodeDecodeError:
        _refuse_encoding(body, findings)
    except RecursionError:
        findings.fatal(_TOO_DEEP)
    except msgspec.DecodeError as error:
        _refuse_json(body, error, findings)
    else:
        if b"\\u0000" in body:
            line = body.count(b"\n", 0, body.index(b"\\u0000")) + 1
            findings.problem(f"line {line} holds a NUL character (\\u0000); take it away")
        return decoded


def _refuse_encoding(body: bytes, findings: Findings) -> NoReturn:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        findings.fatal(f"line {line} is not UTF-8, which GeoJSON must be; save it as UTF-8")
    raise AssertionError  # msgspec refused the same bytes


def _refuse_json(body: bytes, error: msgspec.DecodeError, findings: Findings) -> NoReturn:
    """Say what is wrong, and where. msgspec gives no lines, and speaks of truncation where half of a
    surrogate pair stands: the standard library is asked too."""
    if not body.strip():
        findings.fatal("is empty; commit the file again")
    try:
        json.loads(body.decode(), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        _refuse_encoding(body, findings)
    except json.JSONDecodeError as mistake:
        why = mistake.msg[:1].lower() + mistake.msg[1:]
        findings.fatal(f"is not JSON: line {mistake.lineno}, column {mistake.colno}: {why}; is it cut off?")
    except (ValueError, RecursionError) as mistake:
        findings.fatal(f"is not JSON that a map can read: {mistake}")
    if "range" in str(error):
        findings.fatal("holds a number that is too large; write it as text")
    findings.fatal(
        "holds half of a character (a lone surrogate, \\ud800 to \\udfff); write the whole character"
    )


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON; write null")


def _refuse_doubles(body: bytes, decoded: Value, findings: Findings) -> None:
    try:
        doubles = doubled_names(body, decoded)
    except RecursionError:
        findings.fatal(_TOO_DEEP)
    for number, name in doubles:
        findings.problem(f"the name {shown(name)} stands twice in one object; take one away", number)


def _features(top: Value, findings: Findings) -> list[Value]:
    kind = top.get("type") if isinstance(top, dict) else None
    if not isinstance(top, dict) or kind != "FeatureCollection":
        what = (
            f"a {kind}" if kind in ("Feature", *TYPES, "GeometryCollection", "Topology") else "something else"
        )
        findings.fatal(f"is {what}, not a FeatureCollection; export it as GeoJSON with all its features")
    crs = top.get("crs")
    if crs is not None:
        _check_crs(crs, findings)
    features = top.get("features")
    if not isinstance(features, list):
        findings.fatal('has no list "features"; export it as GeoJSON again')
    return features


def _check_crs(crs: Value, findings: Findings) -> None:
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or not _WGS84.fullmatch(name):
        said = shown(name) if isinstance(name, str) else "not named"
        findings.problem(f"its coordinates are in {said}; export it in WGS 84 (EPSG:4326), as RFC 7946 wants")


def _record(number: int, feature: Value, findings: Findings) -> Record | None:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        findings.problem('is no Feature (its "type" says otherwise); take it away', number)
        return None
    properties = feature.get("properties")
    if properties is not None and not isinstance(properties, dict):
        findings.problem('its "properties" are no object; write one, or null', number)
        return None
    own_id = feature.get("id")
    if isinstance(own_id, bool) or not isinstance(own_id, (str, int, float)):
        own_id = None
    return Record(number, properties or {}, _geometry(number, feature.get("geometry"), findings), own_id)


def _geometry(number: int, geometry: Value, findings: Findings) -> Geometry | None:
    if geometry is None:
        return None
    try:
        return checked(geometry)
    except GeometryError as error:
        findings.problem(str(error), number, error.kind)
        return None


def _table(records: list[Record], findings: Findings) -> Table:
    names: dict[str, Value] = {}
    for record in records:
        names.update(record.cells)
    _check_values(records, findings)
    if not all(unicodedata.is_normalized("NFC", name) for name in names):
        _normalize(records, findings)
    columns = dict.fromkeys(unicodedata.normalize("NFC", name) for name in names)
    return Table(tuple(columns), records, places=True, finite=False)


def _check_values(records: list[Record], findings: Findings) -> None:
    large: dict[str, int] = {}
    for record in records:
        for name, value in record.cells.items():
            kind = type(value)
            if kind is int and not -SAFE <= value <= SAFE:  # type: ignore[operator]
                large.setdefault(name, record.number)
            elif (kind is dict or kind is list) and not _shallow(value):
                findings.problem(f"{shown(name)} is nested too deeply; write it as text", record.number)
    for name, number in large.items():
        findings.warn(
            f"feature {number}: {shown(name)} is too large a number, browsers round it; write it as text"
        )


def _shallow(value: Value) -> bool:
    level = [value]
    for _ in range(_DEPTH):
        level = [
            member
            for outer in level
            if isinstance(outer, (dict, list))
            for member in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return not level


def _normalize(records: list[Record], findings: Findings) -> None:
    for record in records:
        cells = {unicodedata.normalize("NFC", name): value for name, value in record.cells.items()}
        if len(cells) < len(record.cells):
            findings.problem("two of its properties have names that look the same; rename one", record.number)
        record.cells = cells
