"""Which of a layer's own settings use a column: renaming or dropping it would break them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.model.canon import Value

_LISTS: Final = ("labelKey", "sortKey", "slugKey", "filterKey", "facetKey")
"""Settings that hold a column's name, or several with commas; `-` before one reverses the order."""

_SCHEMES: Final = ("choropleth", "categorized", "circles")
"""Settings whose member `property` is a column's name."""

_TEMPLATES: Final = ("popupContentTemplate", "popupTemplate", "labelKey", "iconUrl", "outlink", "description")
"""Settings that hold a text with `{column}` in it."""


def uses(settings: Mapping[str, Value], column: str) -> tuple[str, ...]:
    """Give the names of the settings that use a column, as uMap spells them."""
    found = [name for name in _LISTS if column in _names(settings.get(name))]
    found += [name for name in _SCHEMES if _member(settings.get(name), "property") == column]
    found += [name for name in _TEMPLATES if _in_template(settings.get(name), column)]
    if column in _keys(settings.get("filters")):
        found.append("filters")
    return tuple(dict.fromkeys(found))


def _names(value: Value) -> list[str]:
    text = value if isinstance(value, str) else ""
    return [part.split("|")[0].strip().removeprefix("-") for part in text.split(",")]


def _member(value: Value, name: str) -> Value:
    return value.get(name) if isinstance(value, dict) else None


def _in_template(value: Value, column: str) -> bool:
    # {column}, {column|other}, {other|column}, {column.member}
    pattern = r"\{(?:[^{}]*\|)?" + re.escape(column) + r"(?:[.|][^{}]*)?\}"
    return isinstance(value, str) and re.search(pattern, value) is not None


def _keys(value: Value) -> list[Value]:
    entries = value if isinstance(value, list) else []
    return [_member(entry, "key") for entry in entries]
