"""Which settings of a layer, of its group and of the map use a column: renaming or dropping it would break
them.

What settings look like was read in uMap 3.7.3's and 3.8.1's own modules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from umap_bot.model.canon import Value, nfc
from umap_bot.model.layer import Entry

_LISTS: Final = ("labelKey", "sortKey", "slugKey", "filterKey", "facetKey", "advancedFilterKey")
"""Settings that hold a column's name, or several with commas; `-` before one reverses the order."""

_SCHEMES: Final = {
    "choropleth": "property",
    "categorized": "property",
    "circles": "property",
    "heat": "intensityProperty",
}
"""Settings of which a member is a column's name."""

_ADDED: Final = frozenset({"filters", "facetKey", "advancedFilterKey", "filterKey", "slugKey", "rules"})
"""Settings of the map, or of a group, that hold beside a layer's own; any other is in force only where the
layer has none."""

_SIGNS: Final = re.compile(r"!=|=|&lt;|&gt;|<|>")
"""What parts column and value in the condition of a rule."""


def uses(settings: Mapping[str, Value], column: str) -> tuple[str, ...]:
    """Return the names of the settings that use a column, as uMap spells them.

    The column's own name may be in another form of Unicode there.
    """
    return tuple(name for name, value in settings.items() if _uses(name, value, column))


def used_by(entry: Entry, column: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the names of the settings that use a column: the layer's own, then its group's and the map's
    that are in force for it."""
    nearer: dict[str, Value] = {}
    found = []
    for settings in (entry.settings, entry.group_settings, entry.map_settings):
        in_force = {name: value for name, value in settings.items() if name in _ADDED or not nearer.get(name)}
        found.append(uses(in_force, column))
        nearer = {**settings, **{name: value for name, value in nearer.items() if value}}
    own, of_group, of_map = found
    return own, of_group, of_map


def _uses(name: str, value: Value, column: str) -> bool:
    if name in _SCHEMES:
        return _member(value, _SCHEMES[name]) == column
    if name == "filters":
        return column in _members(value, "fieldKey")
    if name == "rules":
        conditions = _members(value, "condition")
        return any(isinstance(one, str) and _SIGNS.split(one)[0].strip() == column for one in conditions)
    if not isinstance(value, str):
        return False
    text = nfc(value)
    return _in_template(text, column) or (name in _LISTS and column in _names(text))


def _names(text: str) -> list[str]:
    return [part.split("|")[0].strip().removeprefix("-") for part in text.split(",")]


def _member(value: Value, name: str) -> Value:
    member = value.get(name) if isinstance(value, dict) else None
    return nfc(member) if isinstance(member, str) else member


def _members(value: Value, name: str) -> list[Value]:
    return [_member(entry, name) for entry in value] if isinstance(value, list) else []


def _in_template(text: str, column: str) -> bool:
    # Any text, and any style, may hold {column}, {column|other}, {other|column} or {column.member}.
    pattern = r"\{(?:[^{}]*\|)?\s*" + re.escape(column) + r"\s*(?:[.|][^{}]*)?\}"
    return re.search(pattern, text) is not None
