"""One member of a JSON object written into its text, and no other byte of it changed."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from umap_bot.model.canon import Value
from umap_bot.model.members import Member, members, named


def put(text: str, path: tuple[str, ...], value: Value | msgspec.Raw | UnsetType) -> str:
    """Return the text of an object with the member at `path` set; unset takes it away.

    What is no object on the way (null, say) becomes one. Of a name that stands several times the last counts,
    as everywhere in JSON: on the way that one is entered, and at the end of it the others go. `text` must be
    valid JSON that begins with its object.
    """
    start = 0
    for depth, name in enumerate(path[:-1], 1):
        own = named(name, members(text, start))
        if not own or text[own[-1].value] != "{":
            if value is UNSET:
                return text
            return put(put(text, path[:depth], {}), path, value)
        start = own[-1].value
    return _set(text, start, path[-1], value)


def _set(text: str, start: int, name: str, value: Value | msgspec.Raw | UnsetType) -> str:
    found = members(text, start)
    while len(own := named(name, found)) > (value is not UNSET):
        text = _without(text, own[0], found)
        found = members(text, start)
    if value is UNSET:
        return text
    written = msgspec.json.encode(value).decode()
    if own:
        return text[: own[0].value] + written + text[own[0].end :]
    written = f"{msgspec.json.encode(name).decode()}:{written}"
    if not found:
        return text[: start + 1] + written + text[start + 1 :]
    end = found[-1].end
    return f"{text[:end]},{written}{text[end:]}"


def _without(text: str, member: Member, found: list[Member]) -> str:
    """Take a member away, with the comma that parted it from its neighbour."""
    place = found.index(member)
    if place:
        return text[: found[place - 1].end] + text[member.end :]
    return text[: member.begin] + text[found[1].begin if len(found) > 1 else member.end :]
