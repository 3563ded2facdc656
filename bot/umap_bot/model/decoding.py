"""A feature's text decoded, whatever uMap stored: it stores anything."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from umap_bot.model.canon import DEPTH, Value, compared
from umap_bot.model.members import members, nesting, spelled, with_whole_characters

_MOST_UNITS: Final = 10_000_000
_UNIT: Final = {b"{": 5, b"[": 2, b",": 1}
"""What the values of a JSON text take in memory, roughly, in units of 48 bytes: a byte may become 80."""


def is_expansion(text: bytes) -> bool:
    """Tell whether the values of a JSON text, decoded, would take far more memory than it does."""
    return sum(text.count(mark) * units for mark, units in _UNIT.items()) > _MOST_UNITS


class _Names(msgspec.Struct):
    properties: dict[str, msgspec.Raw] = {}


_decode_names = msgspec.json.Decoder(_Names).decode


class Values(NamedTuple):
    """A feature's members. `unread` names those that can't be read, `within` such properties."""

    members: dict[str, Value]
    unread: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


def values_of(raw: bytes) -> Values:
    """Return the members of a feature, its properties by their names as they are compared.

    What is nested deeper than what compares values can go, or holds a number that is too large for any
    reader, can't be read: in place of its value stands its text.
    """
    whole = _value(raw)
    found = Values(whole) if isinstance(whole, dict) else _piecemeal(raw.decode())
    properties = found.members.get("properties")
    if isinstance(properties, dict):
        names = compared(properties)
        found.members["properties"] = {names[name]: value for name, value in properties.items()}
    return found


def property_names(raw: bytes) -> list[str]:
    """Return the names of a feature's properties as they are spelled."""
    try:
        return list(_decode_names(raw).properties)
    except (msgspec.DecodeError, RecursionError):  # no object, or nested deep
        own = spelled(raw.decode(), ("properties",)) or ""
        return [member.name for member in members(own)] if own.startswith("{") else []


def _piecemeal(text: str) -> Values:
    """Read a feature member by member, and its properties one by one."""
    values, unread = _one_by_one(text)
    properties = values.get("properties")
    if "properties" not in unread or not isinstance(properties, str) or not properties.startswith("{"):
        return Values(values, unread)
    values["properties"], within = _one_by_one(properties)
    return Values(values, tuple(name for name in unread if name != "properties"), within)


def _one_by_one(text: str) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Return an object's members, and the names of those that can't be read."""
    values: dict[str, Value] = {}
    unread: dict[str, bool] = {}
    for member in members(text):
        own = text[member.value : member.end]
        value = _value(own.encode())
        unread[member.name] = value is UNSET
        values[member.name] = own if value is UNSET else value
    return values, tuple(name for name, is_unread in unread.items() if is_unread)


def _value(raw: bytes) -> Value | UnsetType:
    """Return a value; unset if it can't be read. That it is JSON was seen when the layer was read."""
    if raw.count(b"[") + raw.count(b"{") > DEPTH and nesting(raw.decode()) > DEPTH:
        return UNSET
    try:
        value: Value = msgspec.json.decode(raw)
    except msgspec.DecodeError as error:  # "Number out of range", or half of a character
        whole = with_whole_characters(text := raw.decode())
        return UNSET if whole == text or "range" in str(error) else _value(whole.encode())
    return value
