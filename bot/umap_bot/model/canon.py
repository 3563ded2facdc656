"""The canonical form of a value: two values are equal when their canonical forms are.

uMap's editor rewrites a layer at every save: it spells numbers as JavaScript does, a CSV knows only text,
an empty cell, a null and a missing property show the same on the map. None of that is a change.
Comparison and digests use this form and nothing else; what is written is the dataset's own spelling.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from hashlib import blake2b
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

if TYPE_CHECKING:
    Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
    """Any JSON value, as decoded."""
    Canon: TypeAlias = "str | list[Canon] | dict[str, Canon] | None"
    """None (nothing), text, or a list or object of these."""
    Geometry: TypeAlias = "dict[str, Value]"
    """A GeoJSON geometry as decoded (RFC 7946, 3.1): {"type": …, "coordinates": …}."""
else:
    # msgspec takes no recursive alias for the type of a field; what it decodes is just these types.
    Value = Canon = Any
    Geometry = dict[str, Any]

PRECISION: Final = 6
"""Decimals of a coordinate in degrees, about 0.1 m: what uMap's editor keeps of a point it moved."""

DEPTH: Final = 64
"""Lists and objects in one another, as deep as they are compared; RFC 7946's deepest shape needs seven."""

_PLANE: Final = 2
"""Numbers of a position without altitude."""

_SHORT: Final = 60
"""Characters of a text in which a stack of accents costs nothing."""
_MAYBE: Final = re.compile("[\u0300-\U0010ffff]{31}")
"""Finds what could be such a stack, quickly: no accent of its own is below U+0300."""

_encode = msgspec.json.Encoder(order="deterministic").encode


def canonical(value: Value, depth: int = 0) -> Canon:
    """Return the canonical form: text in NFC, numbers as JavaScript spells them, nothing for null and "".

    What stands in more than DEPTH lists and objects is taken as it is spelled.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return nfc(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_text(value)
    return _nested(value, depth)


def nfc(text: str) -> str:
    """Return a text in NFC; as it is, if more accents are stacked on a letter than any writing needs.

    To sort them takes the square of their number: a cell of 240 kB would take half a minute.
    """
    if text.isascii() or (len(text) > _SHORT and _MAYBE.search(text) and _stack().search(text)):
        return text
    return unicodedata.normalize("NFC", text)


def compared(names: Iterable[str]) -> Mapping[str, str]:
    """Return the names of one object as they are compared: in NFC, whatever Unicode's form on the map is.

    Of several that are one in NFC the one that is spelled so has it, else the first; the others keep theirs.
    """
    return _compared(tuple(names))


@lru_cache(maxsize=100)
def _compared(names: tuple[str, ...]) -> Mapping[str, str]:
    """Do it once for the features of a layer, which have the same names again and again."""
    of, spelled = dict[str, str](), frozenset(names)
    for name in names:
        plain = nfc(name)
        of[plain] = plain if plain in spelled else of.get(plain, name)
    return {name: nfc(name) if of[nfc(name)] == name else name for name in names}


@cache
def _stack() -> re.Pattern[str]:
    """Return what finds more than 30 accents in a row: Unicode's own bound (UAX 15, Stream-Safe Text)."""
    accents = "".join(char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.combining(char))
    return re.compile(f"[{accents}]{{31}}")


def _nested(value: list[Value] | dict[str, Value], depth: int) -> Canon:
    if depth == DEPTH:
        return msgspec.json.encode(value).decode()
    if isinstance(value, list):
        return [canonical(member, depth + 1) for member in value]
    names = compared(value)
    members = {names[name]: canonical(member, depth + 1) for name, member in value.items()}
    return {name: member for name, member in members.items() if member is not None}


def number_text(value: float) -> str:
    """Return the text of JavaScript's String(value): ECMA-262, Number::toString.

    JavaScript has doubles only, so an integer above 2^53 is rounded, as uMap's editor rounds it.
    """
    try:
        number = float(value)
    except OverflowError:
        return "Infinity" if value > 0 else "-Infinity"
    if number == 0:
        return "0"
    if not isfinite(number):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(number)]
    if "e" not in (plain := repr(number)):  # nearly all; Python writes them as JavaScript does
        return plain.removesuffix(".0")
    sign, digits, exponent = Decimal(plain).normalize().as_tuple()
    text = "".join(map(str, digits))
    assert isinstance(exponent, int)  # noqa: S101  a finite Decimal
    return ("-" if sign else "") + _placed(text, len(text) + exponent)


def _placed(digits: str, point: int) -> str:
    """Place the decimal point after `point` digits, by the rules of Number::toString."""
    count = len(digits)
    if count <= point <= 21:  # noqa: PLR2004  the bound of ECMA-262
        return digits + "0" * (point - count)
    if 0 < point <= 21:  # noqa: PLR2004
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:  # noqa: PLR2004
        return "0." + "0" * -point + digits
    mantissa = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def canonical_geometry(geometry: Geometry | None) -> Canon:
    """Return the canonical form of a geometry: its type, and its coordinates rounded to six decimals.

    A MultiPoint of one point is that point: uMap's editor makes it one. A geometry without coordinates is
    nothing. Other members (bbox, crs) are not the place and don't count.
    """
    if not geometry:
        return None
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        return {"type": kind, "geometries": canonical(geometry.get("geometries"))}
    coordinates = geometry.get("coordinates")
    if kind == "MultiPoint" and isinstance(coordinates, list) and len(coordinates) == 1:
        kind, coordinates = "Point", coordinates[0]
    if not coordinates:
        return None
    return {"type": canonical(kind), "coordinates": _rounded(coordinates)}


def _rounded(value: Value) -> Canon:
    if isinstance(value, list):
        return [_rounded(member) for member in _position(value)]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number_text(round(value, PRECISION))
    return canonical(value)


def _position(value: list[Value]) -> list[Value]:
    """Return a position without an altitude of null: uMap 4 writes one to each point of a line in which only
    some have an altitude."""
    while len(value) > _PLANE and value[-1] is None and isinstance(value[0], (int, float)):
        value = value[:-1]
    return value


def equal(one: Value, other: Value) -> bool:
    """Tell whether two property values are equal."""
    return canonical(one) == canonical(other)


def digest(canon: object) -> str:
    """Return the digest of a canonical form, or of any value of them: 32 hexadecimal characters (BLAKE2b)."""
    return digest_bytes(_encode(canon))


def digest_bytes(data: bytes) -> str:
    """Return the digest of bytes: 32 hexadecimal characters (BLAKE2b, 16 bytes)."""
    return blake2b(data, digest_size=16).hexdigest()


def strong_digest(canon: object) -> str:
    """Return what names a value against people who want two of one name: 64 hexadecimal characters (BLAKE2b,
    32 bytes)."""
    return blake2b(_encode(canon), digest_size=32).hexdigest()
