"""The members of a JSON object as its text has them, whatever uMap stored there: it stores anything.

They are found without recursion and without reading a number, so nothing is nested too deep or too large.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from umap_bot.model.canon import DEPTH, Value, compared

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_TEXT: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_FLAT: Final = r'\[[^"\[\]{}]*+\]'
"""A list of numbers alone, such as a position."""
_LEAF: Final = re.compile(rf'{_TEXT}|{_FLAT}|[^ \t\n\r,"\[\]{{}}]+')
"""A value in which no other has members."""
_MARK: Final = re.compile(rf"{_TEXT}|{_FLAT}(?:\s*+,\s*+{_FLAT})*+|[\[\]{{}}]")
"""A text, positions (those of a shape at one go), or what opens or closes a list or an object."""


class Member(NamedTuple):
    """Where a member stands: its name from `begin`, its value from `value` to `end`."""

    name: str
    begin: int
    value: int
    end: int


class _Names(msgspec.Struct):
    properties: dict[str, msgspec.Raw] = {}


_decode_names = msgspec.json.Decoder(_Names).decode


def members(text: str, start: int = 0) -> list[Member]:
    """Return the members of the object that begins at `start`, in their order.

    Raise IndexError, ValueError or msgspec.DecodeError for some texts that are no JSON, not for all.
    """
    found: list[Member] = []
    at = _skip(text, start + 1)
    while text[at] != "}":
        at = _skip(text, at + 1) if text[at] == "," else at
        end = _over(text, at)
        value = _skip(text, _skip(text, end) + 1)
        found.append(Member(msgspec.json.decode(text[at:end], type=str), at, value, _over(text, value)))
        at = _skip(text, found[-1].end)
    return found


def elements(text: str) -> Iterator[str]:
    """Return the elements of the list that a text is, each as it is spelled. Raise as `members`."""
    at = _skip(text, 1)
    while text[at] != "]":
        at = _skip(text, at + 1) if text[at] == "," else at
        end = _over(text, at)
        yield text[at:end]
        at = _skip(text, end)


def named(name: str, found: list[Member]) -> list[Member]:
    """Return the members of that name. Of several the last counts, as everywhere in JSON."""
    return [member for member in found if member.name == name]


def spelled(text: str, path: tuple[str, ...]) -> str | None:
    """Return the text of the value at a path; None if there is none."""
    start = end = 0
    for name in path:
        own = named(name, members(text, start)) if text[start] == "{" else []
        if not own:
            return None
        start, end = own[-1].value, own[-1].end
    return text[start:end]


def nesting(text: str) -> int:
    """Return how many lists and objects stand in one another."""
    depth = deepest = 0
    for mark in _MARK.finditer(text):
        depth += (mark[0] in "[{") - (mark[0] in "]}")
        deepest = max(deepest, depth)
    return deepest


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
    except msgspec.DecodeError:  # "Number out of range"
        return UNSET
    return value


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _over(text: str, at: int) -> int:
    """Return where the value ends that begins here."""
    if leaf := _LEAF.match(text, at):
        return leaf.end()
    depth = 0
    for mark in _MARK.finditer(text, at):
        depth += (mark[0] in "[{") - (mark[0] in "]}")
        if depth == 0:
            return mark.end()
    raise ValueError("not whole")
