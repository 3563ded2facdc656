"""One member of a JSON object written into its text, and no other byte of it changed."""

from __future__ import annotations

import json
import re
from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from umap_bot.model.canon import Value

_BLANK: Final = re.compile(r"[ \t\n\r]*")
# Numbers are not turned into numbers: only their ends are wanted, and Python refuses very long ones.
_scan = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode


class _Member(NamedTuple):
    """Where a member stands: its name from `begin`, its value from `value` to `end`."""

    begin: int
    value: int
    end: int


def put(text: str, path: tuple[str, ...], value: Value | UnsetType) -> str:
    """Return the text of an object with the member at `path` set; unset takes it away.

    What is no object on the way (null, say) becomes one. Of a name that stands twice the last counts, as
    everywhere in JSON. `text` must be valid JSON that begins with its object.
    """
    start = 0
    for depth, name in enumerate(path[:-1], 1):
        member = _members(text, start).get(name)
        if member is None or text[member.value] != "{":
            if value is UNSET:
                return text
            return put(put(text, path[:depth], {}), path, value)
        start = member.value
    return _set(text, start, path[-1], value)


def _set(text: str, start: int, name: str, value: Value | UnsetType) -> str:
    members = _members(text, start)
    member = members.get(name)
    if value is UNSET:
        return text if member is None else _without(text, member, list(members.values()))
    written = msgspec.json.encode(value).decode()
    if member is not None:
        return text[: member.value] + written + text[member.end :]
    written = f"{msgspec.json.encode(name).decode()}:{written}"
    if not members:
        return text[: start + 1] + written + text[start + 1 :]
    end = max(each.end for each in members.values())
    return f"{text[:end]},{written}{text[end:]}"


def _without(text: str, member: _Member, members: list[_Member]) -> str:
    """Take a member away, with the comma that parted it from its neighbour."""
    before = [each for each in members if each.end <= member.begin]
    after = [each for each in members if each.begin >= member.end]
    if before:
        return text[: before[-1].end] + text[member.end :]
    return text[: member.begin] + (text[after[0].begin :] if after else text[member.end :])


def _members(text: str, start: int) -> dict[str, _Member]:
    """Find the members of the object that begins at `start`, in their order."""
    found: dict[str, _Member] = {}
    at = _skip(text, start + 1)
    while text[at] != "}":
        at = _skip(text, at + 1) if text[at] == "," else at
        name, end = _scan(text, at)
        value = _skip(text, _skip(text, end) + 1)
        _, over = _scan(text, value)
        found.pop(name, None)
        found[name] = _Member(at, value, over)
        at = _skip(text, over)
    return found


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at
