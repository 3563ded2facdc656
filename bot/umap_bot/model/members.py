"""The members of a JSON object in its text: found, or one written and no other byte changed.

They are found without recursion and without reading a number, so nothing is nested too deep or too large.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, pairwise, takewhile
from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from umap_bot.model.canon import Value

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_TEXT: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_FLAT: Final = r'\[[^"\[\]{}]*+\]'
"""A list of numbers alone, such as a position."""
_LEAF: Final = re.compile(rf'{_TEXT}|{_FLAT}|[^ \t\n\r,"\[\]{{}}]+')
"""A value in which no other has members."""
_MARK: Final = re.compile(rf"{_TEXT}|{_FLAT}(?:\s*+,\s*+{_FLAT})*+|[\[\]{{}}]")
"""A text, positions (those of a shape at one go), or what opens or closes a list or an object."""


_ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)


class Member(NamedTuple):
    """Where a member stands: its name from `begin`, its value from `value` to `end`."""

    name: str
    begin: int
    value: int
    end: int


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
        found.append(Member(decoded(text[at:end]), at, value, _over(text, value)))
        at = _skip(text, found[-1].end)
    return found


def decoded(text: str) -> str:
    """Return what a JSON text of a text says; of half a character what browsers show: U+FFFD. Raise as
    `members`."""
    try:
        return msgspec.json.decode(text, type=str)
    except msgspec.DecodeError:
        return msgspec.json.decode(with_whole_characters(text), type=str)


def with_whole_characters(text: str) -> str:
    """Return a JSON text with U+FFFD for halves of characters (\\ud800 without its other half).

    uMap's editor stores them: it cuts texts between the halves, and JSON allows it.
    """
    return _ESCAPE.sub(lambda escape: "\\ufffd" if escape["half"] else escape[0], text)


def elements(text: str) -> Iterator[str]:
    """Return the elements of the list that a text is, each as it is spelled. Raise as `members`."""
    return (text[start:end] for start, end in element_spans(text))


def element_spans(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """Return where the elements of the list stand that begins at `start`. Raise as `members`."""
    at = _skip(text, start + 1)
    while text[at] != "]":
        at = _skip(text, at + 1) if text[at] == "," else at
        end = _over(text, at)
        yield at, end
        at = _skip(text, end)


def spelled(text: str, path: tuple[str, ...]) -> str | None:
    """Return the text of the value at a path; None if there is none."""
    start = end = 0
    for name in path:
        own = _named(name, members(text, start)) if text[start] == "{" else []
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


def put(text: str, path: tuple[str, ...], value: Value | msgspec.Raw | UnsetType) -> str:
    """Return the text of an object with the member at `path` set; unset takes it away.

    What is no object on the way (null, say) becomes one. Of a name that stands several times the last counts,
    as everywhere in JSON: on the way that one is entered, and at the end of it the others go. `text` must be
    valid JSON that begins with its object.
    """
    start = 0
    for depth, name in enumerate(path[:-1], 1):
        own = _named(name, members(text, start))
        if not own or text[own[-1].value] != "{":
            if value is UNSET:
                return text
            return put(put(text, path[:depth], {}), path, value)
        start = own[-1].value
    return _set(text, start, path[-1], value)


def _set(text: str, start: int, name: str, value: Value | msgspec.Raw | UnsetType) -> str:
    own = _named(name, members(text, start))
    if gone := own if value is UNSET else own[:-1]:
        text = _without(text, start, set(gone))
    if value is UNSET:
        return text
    found = members(text, start)
    written = msgspec.json.encode(value).decode()
    if own := _named(name, found):
        return text[: own[0].value] + written + text[own[0].end :]
    written = f"{msgspec.json.encode(name).decode()}:{written}"
    if not found:
        return text[: start + 1] + written + text[start + 1 :]
    end = found[-1].end
    return f"{text[:end]},{written}{text[end:]}"


def _without(text: str, start: int, gone: set[Member]) -> str:
    """Take members away, each with the comma before it; those that come first with the one after them."""
    found = members(text, start)
    first = len(list(takewhile(gone.__contains__, found)))
    after = found[first].begin if first < len(found) else found[-1].end
    cuts = [(found[0].begin, after)] if first else []
    cuts += [(before.end, member.end) for before, member in pairwise(found[first:]) if member in gone]
    edges = [0, *chain.from_iterable(cuts), len(text)]
    return "".join(text[begin:end] for begin, end in zip(edges[::2], edges[1::2], strict=True))


def _named(name: str, found: list[Member]) -> list[Member]:
    """Return the members of that name. Of several the last counts, as everywhere in JSON."""
    return [member for member in found if member.name == name]


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
