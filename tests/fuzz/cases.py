"""Cases for the decoders: real files, mutated in their bytes, their cells, their JSON or their members."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from umap_bot.dataset.recipe import Recipe

FIXTURES: Final = Path(__file__).parents[2] / "fixtures"
SHEETS: Final = ("xlsx", "ods")
DECODERS: Final = ("csv", "tsv", "geojson", "cells", *SHEETS)
"""What is fuzzed. `cells` is a CSV of one place a row, in every way to write one."""
_MOST: Final = 2**21
"""Bytes of most cases."""
_HUGE: Final = 30 * 2**20
"""Bytes of one in a few thousand."""

_TOKENS: Final = (
    *(b"\0", b"\x1e", b"\x7f", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\xe2\x80\xae"),
    *(b'"', b'""', b"'", b",", b";", b"\t", b"|", b"\n", b"\r\n", b"\r", b"\\", b"\\u0000", b"\\\\u0000"),
    *(b"\\ud800", b"[", b"]", b"{", b"}", b"(", b")", b":", b"null", b"true", b"NaN", b"-Infinity", b"1e400"),
    *(b"9007199254740993", b"1" * 400, b"1" * 5000, b"-0.0", b"#N/A", b"NULL", b"[object Object]"),
    *(b"<<<<<<< HEAD\n", b">>>>>>> x\n", b"<html>", b"<?xml", b"PK\x03\x04", b"sep=;\n", b"POINT (4 45)"),
    *(b'{"type":"Point","coordinates":[4,45]}', b"SRID=4326;", b"POLYGON((", b" EMPTY", b"__proto__", b"id"),
    *(
        "e\u0301\u0316".encode(),
        b"_umap_options",
        b"a.b",
        b"lat",
        b"lon",
        b"\xc3\x83\xc2\xa9",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
        b"&a;",
    ),
)
_CELLS: Final = (
    *(
        "",
        " ",
        "id",
        "lat",
        "lon",
        "geopoint",
        "position",
        "wkt",
        "geo_shape",
        "x",
        "y",
        "a.b",
        "\u200b",
        "\x07",
    ),
    *(
        "45.7",
        "4,8",
        "48.8,2.3",
        "[2.3,48.8]",
        "POINT(4 45)",
        "1e999",
        "-1E-400",
        "nan",
        "１２",
        "4 45",
        "45°N",
    ),
    *(
        '{"type": "Point", "coordinates": [4, 45]}',
        '{"lat": 4, "lon": "x"}',
        "POLYGON((4 45,5 45,5 46,4 45))",
    ),
    *("LINESTRING(4 45,4 45)", "MULTIPOINT((4 45),5 46)", "GEOMETRYCOLLECTION(POINT(4 45))", "POINT EMPTY"),
    *(
        "PointZM (4 45 1 2)",
        "SRID = 4326 ; POINTM(4 45 9)",
        "(45.7, 4.8)",
        "45,7; 4,8",
        "45.7 \u22124.8",
        "NA",
    ),
    *("45.764.043", "45764043", "4835659", "POINT_X", "POINT_Y", "Latitude (Y)", "la\u200bt", "0101" * 20),
    *('"Bron', 'Lyon"', ' "x"', '"x" ', '\u00a0"x"', "\\N"),
    *(
        "842666",
        "6519234",
        "é",
        "Ã©",
        "\ufffd",
        "#REF!",
        "1,23E+14",
        "=1+1",
        "x" * 5000,
        "e" + "\u0301\u0316" * 60_000,
        "((" * 3000,
    ),
)
_VALUES: Final[tuple[Any, ...]] = (
    *(None, True, 0, -0.0, 2**53 + 1, 2**70, 1e308, 4.5, "", "x", "\0", "\ud83d\ude00", [], {}, [[]], [None]),
    *("Feature", "FeatureCollection", "Point", "GeometryCollection", "a.b", {"id": 1}, {"__proto__": {}}),
    *([4, 45], [[4, 45], [5, 46]], [[[4, 45], [5, 45], [5, 46], [4, 45]]], [1e300, -1e300], ["4", "45"]),
    *([4, 45, None], [4, 45, 1, 2], {"type": "EPSG", "properties": {"code": 4326}}, "EPSG:4326"),
    *({"type": "Point", "coordinates": [4, 45]}, {"type": "name", "properties": {"name": "EPSG:2154"}}),
)
_SETTINGS: Final[tuple[dict[str, Any], ...]] = (
    *(
        {},
        {},
        {},
        {"key": "nom"},
        {"rename": {"nom": "name"}},
        {"seed": ("geometry",)},
        {"encoding": "cp1252"},
    ),
    *({"encoding": "utf-16"}, {"encoding": "utf-8"}, {"delimiter": "tab"}, {"delimiter": ";"}),
    *({"geometry": "wkt"}, {"geometry": "geopoint:lat,lon"}, {"latitude": "lat", "longitude": "lon"}),
    *({"filter": {"nom": "x"}}, {"keep_coordinates": True}, {"sheet": "Feuille2"}),
)


class Case(NamedTuple):
    """What is decoded: bytes, and how they are to be read."""

    data: bytes
    recipe: Recipe


def cases(decoder: str, seed: int) -> Iterator[Case]:
    """Return cases without end, the same ones for the same seed."""
    random = Random(seed)  # noqa: S311  no secret
    seeds = _seeds(decoder)
    ending = "csv" if decoder == "cells" else decoder
    while True:
        settings = random.choice(_SETTINGS) if random.random() < 0.4 else {}
        recipe = Recipe(path=f"a.{ending}", **settings)
        yield Case(_KINDS[decoder](random, random.choice(seeds), seeds), recipe)


def _seeds(decoder: str) -> list[bytes]:
    endings = {"csv": ("*.csv",), "tsv": ("*.csv",), "geojson": ("*.geojson", "*.json", "*.geojsonl")}
    patterns = endings.get(decoder, ("*.csv",) if decoder == "cells" else (f"*.{decoder}",))
    files = sorted(file for pattern in patterns for file in FIXTURES.rglob(pattern))
    contents = [file.read_bytes() for file in files] or [b""]
    return [_with_tabs(content) for content in contents] if decoder == "tsv" else contents


def _with_tabs(content: bytes) -> bytes:
    """Write a CSV with tabs, roughly."""
    rows = csv.reader(io.StringIO(content.decode("utf-8", "replace")), delimiter=_parted(content))
    written = io.StringIO()
    csv.writer(written, delimiter="\t", lineterminator="\n").writerows(rows)
    return written.getvalue().encode()


def _parted(content: bytes) -> str:
    """Return what parts the cells of the first line."""
    first = content.split(b"\n", 1)[0].decode("utf-8", "replace")
    return max(",;\t", key=first.count)


def _mutated(random: Random, data: bytes, seeds: list[bytes]) -> bytes:
    """Change some bytes: take away, repeat, put in, mix with another file."""
    made = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 1, 2, 3, 8, 30))):
        start = random.randrange(len(made) + 1)
        end = min(len(made), start + random.choice((1, 1, 4, 30, 500, 10_000)))
        match random.randrange(7):
            case 0:
                made[start:end] = b""
            case 1:
                made[start:start] = random.choice(_TOKENS)
            case 2:
                made[start:end] = random.choice(_TOKENS)
            case 3:
                times = random.choice((2, 2, 3, 3, 10, 100, 100, 20_000))
                made[start:start] = (made[start:end] or random.choice(_TOKENS)) * times
            case 4:
                made[start:end] = random.randbytes(min(end - start, 40))
            case 5:
                other = random.choice(seeds)
                place = random.randrange(len(other) + 1)
                made[start:end] = other[place : place + 2_000]
            case 6:
                del made[start:]
        del made[_HUGE if random.random() < 0.0005 else _MOST :]
    return bytes(made)


def _table(random: Random, data: bytes, seeds: list[bytes]) -> bytes:
    """Change some cells of a table, and write it with any delimiter, quotes, encoding."""
    if random.random() < 0.5:
        return _mutated(random, data, seeds)
    rows = list(
        csv.reader(io.StringIO(data.decode("utf-8", "replace").replace("\0", "")), delimiter=_parted(data))
    )[:40] or [[""]]
    for _ in range(random.choice((0, 1, 1, 2, 3, 12))):
        row = random.choice(rows)
        row[random.randrange(len(row) or 1) : None if random.random() < 0.1 else 1] = [random.choice(_CELLS)]
    rows *= random.choice((1, 1, 1, 1, 1, 1, 1, 2, 500))
    written = io.StringIO()
    ends = random.choice(("\n", "\r\n", "\r"))
    csv.writer(written, delimiter=random.choice(",;\t\t|"), lineterminator=ends).writerows(rows)
    encoding = random.choice(
        ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "latin-1", "utf-7")
    )
    return written.getvalue().encode(encoding, "replace")


def _cells(random: Random, data: bytes, seeds: list[bytes]) -> bytes:
    """One place a row, mutated."""
    name = random.choice(("wkt", "geopoint", "geo_shape", "position", "coordonneesXY"))
    rows = [f"id,{name}\n".encode()]
    for number in range(random.choice((1, 3, 20))):
        place = random.choice(_CELLS).encode()
        if random.random() < 0.7:
            place = _mutated(random, place, [cell.encode() for cell in _CELLS])
        rows.append(b'%d,"%s"\n' % (number, place.replace(b'"', b'""')))
    return b"".join(rows)


def _json(random: Random, data: bytes, seeds: list[bytes]) -> bytes:
    """Change some values of a JSON text, or its bytes."""
    if random.random() < 0.4:
        return _mutated(random, data, seeds)
    try:
        top = json.loads(data)
    except ValueError:
        return _mutated(random, data, seeds)
    for _ in range(random.randrange(1, 8)):
        _change(random, top)
    if random.random() < 0.02:
        top = {**top, "deep": "@"} if isinstance(top, dict) else top
        depth = random.choice((30, 900, 100_000))
        return json.dumps(top).replace('"@"', "[" * depth + "]" * depth).encode()
    return json.dumps(top, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")


def _change(random: Random, top: Any) -> None:
    """Put another value somewhere into a list or an object."""
    place = top
    for _ in range(random.randrange(9)):
        members = list(place.values()) if isinstance(place, dict) else place
        inner = [member for member in members if isinstance(member, (dict, list)) and member]
        if not inner:
            break
        place = random.choice(inner)
    value = deepcopy(random.choice(_VALUES))
    if isinstance(place, dict):
        names = [*place, "id", "__proto__", "crs", "\u0301", ""]
        place[random.choice(names)] = value
    elif isinstance(place, list):
        place[random.randrange(len(place) + 1) :][:1] = [value]
        place.insert(random.randrange(len(place) + 1), value)


def _archive(random: Random, data: bytes, seeds: list[bytes]) -> bytes:
    """Change the members of an archive, so that the change lies behind the compression; or its bytes."""
    if random.random() < 0.3:
        return _mutated(random, data, seeds)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename: archive.read(info) for info in archive.infolist()}
    except (zipfile.BadZipFile, OSError):
        return _mutated(random, data, seeds)
    for name in random.choices(list(members) or ["x"], k=2):
        if "sheet" in name or "content" in name or "shared" in name or random.random() < 0.3:
            members[name] = _mutated(random, members.get(name, b""), list(members.values()) or [b""])
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)  # at no time
    return written.getvalue()


_KINDS: Final[dict[str, Callable[[Random, bytes, list[bytes]], bytes]]] = {
    "csv": _table,
    "tsv": _table,
    "geojson": _json,
    "cells": _cells,
    "xlsx": _archive,
    "ods": _archive,
}
