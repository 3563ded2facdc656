"""GeoJSON: one FeatureCollection (RFC 7946), read strictly."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Final, NoReturn

import msgspec

from umap_bot.dataset.charset import BOM_8, refuse_other_formats
from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.keys import SAFE
from umap_bot.dataset.known_rows import KnownRows
from umap_bot.dataset.large_numbers import find_large_numbers, with_large_numbers
from umap_bot.dataset.limits import MOST_NESTED, levels, refuse_expansion
from umap_bot.dataset.other_json import refuse_what_is_no_json, what_it_is
from umap_bot.dataset.places.errors import ExtraNumbersError, GeometryError
from umap_bot.dataset.places.geometry import checked, warn_of_extras
from umap_bot.dataset.places.systems import is_wgs84, system_of
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.repeated_names import repeated_names
from umap_bot.dataset.table import Record, Table, read_so_far
from umap_bot.dataset.unknown_part import unknown_part
from umap_bot.model.canon import Geometry, Value, nfc
from umap_bot.text import say

_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""The escape of a NUL. After an odd backslash before it, it is the text \\u0000, which is harmless."""
_TOO_DEEP: Final = say("the file is nested too deeply for a map to show; export it as GeoJSON again")


def read(data: bytes, recipe: Recipe, findings: Findings, known_rows: KnownRows | None = None) -> Table:
    """Return the table of a GeoJSON file. Raise FileError.

    Each feature is a record, numbered from 1; the columns are the names of all features' properties, in order
    of their first appearance. A geometry that is null or missing is a feature that has no place yet. Members
    that RFC 7946 calls foreign are passed over: they are not the dataset's. Features that `known_rows` know
    have no record.
    """
    refuse_other_formats(data, findings)
    body = data.removeprefix(BOM_8)
    refuse_expansion(body, findings)
    part = unknown_part(body, known_rows) if known_rows else None
    if part is None:
        return _read(body, recipe, findings)
    table = _read(part.body, recipe, findings)
    if table.columns == part.columns and len(table.records) == len(part.marks):
        for record, (number, source) in zip(table.records, part.marks, strict=True):
            record.number, record.source = number, source
        table.unchanged = part.unchanged
    elif part.unchanged:
        return _read(body, recipe, findings)
    return table


def _read(body: bytes, recipe: Recipe, findings: Findings) -> Table:
    decoded = _decode(body, findings)
    features = _features(decoded, findings)
    _refuse_doubles(body, decoded, findings)
    for name in ("latitude", "longitude", "geometry"):
        if getattr(recipe, name):
            setting = f"DATASET_{name.upper()}"
            findings.warn(
                say(
                    "{setting} has no effect, because GeoJSON has its own geometries; remove the setting",
                    setting=setting,
                )
            )
    extras: list[int] = []
    records = [
        record
        for number, feature in enumerate(read_so_far(features), start=1)
        if (record := _record(number, feature, extras, findings)) is not None
    ]
    warn_of_extras(extras, findings)
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
        if b"\\u0000" in body and (nul := _NUL.search(body)):
            line = body.count(b"\n", 0, nul.end()) + 1
            findings.problem(say("line {line} contains a NUL character (\\u0000); remove it", line=line))
        return decoded


def _refuse_encoding(body: bytes, findings: Findings) -> NoReturn:
    refuse_what_is_no_json(body, findings)
    try:
        body.decode()
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        findings.fatal(
            say("line {line} is not UTF-8, which GeoJSON requires; save the file as UTF-8", line=line)
        )
    raise AssertionError  # msgspec refused the same bytes


def _refuse_json(body: bytes, error: msgspec.DecodeError, findings: Findings) -> NoReturn:
    """Say what is wrong, and where. msgspec gives no lines, and speaks of truncation where half of a
    surrogate pair stands: the standard library is asked too."""
    if not body.strip():
        findings.fatal(say("the file is empty; commit it again"))
    refuse_what_is_no_json(body, findings)
    try:
        value = with_large_numbers(body.decode(), _refuse_constant)
    except UnicodeDecodeError:
        _refuse_encoding(body, findings)
    except json.JSONDecodeError as mistake:
        why = mistake.msg[:1].lower() + mistake.msg[1:]
        findings.fatal(
            say(
                "invalid JSON at line {line}, column {place}: {why}; the file may be cut off: "
                "export it again",
                line=mistake.lineno,
                place=mistake.colno,
                why=why,
            )
        )
    except _ConstantError as mistake:
        findings.fatal(say("invalid JSON: {name} is not a JSON number; write null", name=str(mistake)))
    except RecursionError:
        findings.fatal(_TOO_DEEP)
    _refuse_large_numbers(value, findings)
    if "range" in str(error):
        findings.fatal(say("the file contains a number that is too large; write it as text"))
    findings.fatal(
        say(
            "the file contains half a character (a lone surrogate, \\ud800 to \\udfff); write "
            "the whole character"
        )
    )


def _refuse_large_numbers(top: Value, findings: Findings) -> None:
    for number, name, value in find_large_numbers(top):
        text = (
            say(
                '"{column}" is a number that is too large ({value}); write it as text',
                column=name,
                value=value,
            )
            if name
            else say(
                "its coordinates contain a number that is too large ({value}); write degrees", value=value
            )
        )
        findings.problem(text, number, column=name, value=value, of_file=True)
    findings.stop()


class _ConstantError(Exception):
    """NaN or Infinity, which Python reads and JSON does not have."""


def _refuse_constant(name: str) -> NoReturn:
    raise _ConstantError(name)


def _refuse_doubles(body: bytes, decoded: Value, findings: Findings) -> None:
    try:
        doubles = repeated_names(body, decoded)
    except RecursionError:
        findings.fatal(_TOO_DEEP)
    for number, name in doubles:
        text = say('duplicate name "{column}" in one object; remove one of them', column=excerpt(name))
        findings.problem(text, number, of_file=True)


def _features(top: Value, findings: Findings) -> list[Value]:
    kind = top.get("type") if isinstance(top, dict) else None
    if not isinstance(top, dict) or kind != "FeatureCollection":
        findings.fatal(what_it_is(top))
    crs = top.get("crs")
    if crs is not None:
        _check_crs(crs, findings)
    features = top.get("features")
    if not isinstance(features, list):
        findings.fatal(say('the file has no "features" list; export it as GeoJSON again'))
    return features


def _check_crs(crs: Value, findings: Findings) -> None:
    name = system_of(crs)
    if not is_wgs84(name):
        findings.problem(
            say(
                'the coordinates are in "{system}"; export the file in WGS 84 (EPSG:4326), as RFC '
                "7946 requires",
                system=excerpt(name),
            )
            if name
            else say(
                'the coordinate system ("crs") has no name; export the file in WGS 84 (EPSG:4326), '
                "as RFC 7946 requires"
            )
        )


def _record(number: int, feature: Value, extras: list[int], findings: Findings) -> Record | None:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        findings.problem(say('its "type" is not "Feature"; correct or remove it'), number)
        return None
    properties = feature.get("properties")
    if properties is not None and not isinstance(properties, dict):
        findings.problem(say('its "properties" must be an object or null'), number)
        return None
    own_id = feature.get("id")
    if isinstance(own_id, bool) or not isinstance(own_id, (str, int, float)):
        own_id = None
    geometry = _geometry(number, feature.get("geometry"), extras, findings)
    return Record(number, properties or {}, geometry, own_id)


def _geometry(number: int, geometry: Value, extras: list[int], findings: Findings) -> Geometry | None:
    if geometry is None:
        return None
    try:
        return checked(geometry)
    except ExtraNumbersError as error:
        extras.append(number)
        return error.geometry
    except GeometryError as error:
        findings.problem(error.text, number, error.kind)
        return None


def _table(records: list[Record], findings: Findings) -> Table:
    names: dict[str, Value] = {}
    for record in records:
        names.update(record.cells)
    _check_values(records, findings)
    if not all(unicodedata.is_normalized("NFC", name) for name in names):
        _normalize(records, findings)
    columns = dict.fromkeys(nfc(name) for name in names)
    return Table(tuple(columns), records, places=True, has_header=False)


def _check_values(records: list[Record], findings: Findings) -> None:
    large: dict[str, int] = {}
    for record in records:
        for name, value in record.cells.items():
            kind = type(value)
            if kind is int:
                numbers: Iterable[Value] = (value,)
            elif kind is dict or kind is list:
                numbers = _check_nested(name, value, record.number, findings)
            else:
                continue
            if any(_is_large(number) for number in numbers):
                large.setdefault(name, record.number)
    for name, number in large.items():
        findings.warn(
            say(
                'feature {number}: "{column}" is a number so large that browsers round it; write it as text',
                number=number,
                column=excerpt(name),
            )
        )


def _is_large(value: Value) -> bool:
    return type(value) is int and not -SAFE <= value <= SAFE


def _check_nested(name: str, value: Value, number: int, findings: Findings) -> list[Value]:
    """Return the values in a list or an object. Note a problem if they are too deep in one another."""
    found: list[Value] = []
    for depth, level in enumerate(levels(value), start=1):
        found += level
        if depth == MOST_NESTED:
            text = say('"{column}" is nested too deeply; write it as text', column=excerpt(name))
            findings.problem(text, number, column=name)
            break
    return found


def _normalize(records: list[Record], findings: Findings) -> None:
    for record in records:
        cells = {nfc(name): value for name, value in record.cells.items()}
        if len(cells) < len(record.cells):
            text = say("two of its properties have names that look the same; rename one of them")
            findings.problem(text, record.number, of_file=True)
        record.cells = cells
