"""One member of a JSON object written into its text, and no other byte of it changed."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from umap_bot.model.canon import Value

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_PLAIN: Final = re.compile(r"[^ \t\n\r,\]}]+")
"""A number, true, false or null: never read, for uMap stores numbers that Python refuses."""
_MARK: Final = re.compile(
    r"""
      "[^"\\]*+(?:\\.[^"\\]*+)*+"                       # a text
    | \[[^"\[\]{}]*+\](?:\s*+,\s*+\[[^"\[\]{}]*+\])*+  # lists of numbers alone: the positions of a shape
    | [\[\]{}]                                         # what opens or closes a list or an object
    """,
    re.VERBOSE,
)


class _Member(NamedTuple):
    """Where a member stands: its name from `begin`, its value from `value` to `end`."""

    name: str
    begin: int
    value: int
    end: int


def put(text: str, path: tuple[str, ...], value: Value | UnsetType) -> str:
    """Return the text of an object with the member at `path` set; unset takes it away.

    What is no object on the way (null, say) becomes one. Of a name that stands several times the last counts,
    as everywhere in JSON: on the way that one is entered, and at the end of it the others go. `text` must be
    valid JSON that begins with its object.
    """
    start = 0
    for depth, name in enumerate(path[:-1], 1):
        own = _named(name, _members(text, start))
        if not own or text[own[-1].value] != "{":
            if value is UNSET:
                return text
            return put(put(text, path[:depth], {}), path, value)
        start = own[-1].value
    return _set(text, start, path[-1], value)


def _set(text: str, start: int, name: str, value: Value | UnsetType) -> str:
    members = _members(text, start)
    while len(own := _named(name, members)) > (value is not UNSET):
        text = _without(text, own[0], members)
        members = _members(text, start)
    if value is UNSET:
        return text
    written = msgspec.json.encode(value).decode()
    if own:
        return text[: own[0].value] + written + text[own[0].end :]
    written = f"{msgspec.json.encode(name).decode()}:{written}"
    if not members:
        return text[: start + 1] + written + text[start + 1 :]
    end = members[-1].end
    return f"{text[:end]},{written}{text[end:]}"


def _named(name: str, members: list[_Member]) -> list[_Member]:
    return [member for member in members if member.name == name]


def _without(text: str, member: _Member, members: list[_Member]) -> str:
    """Take a member away, with the comma that parted it from its neighbour."""
    place = members.index(member)
    if place:
        return text[: members[place - 1].end] + text[member.end :]
    return text[: member.begin] + text[members[1].begin if len(members) > 1 else member.end :]


def _members(text: str, start: int) -> list[_Member]:
    """Find the members of the object that begins at `start`, in their order."""
    found: list[_Member] = []
    at = _skip(text, start + 1)
    while text[at] != "}":
        at = _skip(text, at + 1) if text[at] == "," else at
        end = _over(text, at)
        value = _skip(text, _skip(text, end) + 1)
        found.append(_Member(msgspec.json.decode(text[at:end], type=str), at, value, _over(text, value)))
        at = _skip(text, found[-1].end)
    return found


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _over(text: str, at: int) -> int:
    """Return where a value ends that begins here, nested as deep as may be."""
    if plain := text[at] not in '"[{' and _PLAIN.match(text, at):
        return plain.end()
    depth = 0
    for mark in _MARK.finditer(text, at):
        depth += (mark[0] in "[{") - (mark[0] in "]}")
        if depth == 0:
            return mark.end()
    return len(text)
