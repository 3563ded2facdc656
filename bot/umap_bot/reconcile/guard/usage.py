"""Which of a layer's own settings use a column: renaming or dropping it would break them.

What settings look like was read in uMap 3.7.3's and 3.8.1's own modules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from umap_bot.model.canon import Value, nfc

_LISTS: Final = ("labelKey", "sortKey", "slugKey", "filterKey", "facetKey")
"""Settings that hold a column's name, or several with commas; `-` before one reverses the order."""

_SCHEMES: Final = ("choropleth", "categorized", "circles")
"""Settings whose member `property` is a column's name."""

_SIGNS: Final = re.compile(r"!=|=|&lt;|&gt;|<|>")
"""What parts column and value in the condition of a rule."""


def uses(settings: Mapping[str, Value], column: str) -> tuple[str, ...]:
    """Return the names of the settings that use a column, as uMap spells them.

    The column's own name may be in another form of Unicode there.
    """
    return tuple(name for name, value in settings.items() if _uses(name, value, column))


def _uses(name: str, value: Value, column: str) -> bool:
    if name in _SCHEMES:
        return _member(value, "property") == column
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
