"""Numbers in a JSON text that are too large for any reader, and where they stand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any, Final, NoReturn

from umap_bot.dataset.findings import excerpt
from umap_bot.dataset.limits import levels

_LONGEST: Final = 4_300
"""Digits of an integer. Python reads no more."""
_LOOKED_INTO: Final = ("properties", "geometry")


class _Large(str):
    """A number as the text has it, in the place of its value."""

    __slots__ = ()


def with_large_numbers(text: str, constant: Callable[[str], NoReturn]) -> Any:
    """Return the value of a JSON text, in which numbers that are too large stand as they are written.

    `constant` raises for NaN and the like. Raise json.JSONDecodeError, RecursionError.
    """
    return json.loads(text, parse_float=_float, parse_int=_int, parse_constant=constant)


def find_large_numbers(top: Any) -> Iterator[tuple[int, str, str]]:
    """Return (number of the feature, property, number as it is written) of each number that is too large.

    Feature 0 is outside of all features, and "" as the property means the coordinates.
    """
    features = top.get("features") if isinstance(top, dict) else None
    for number, feature in enumerate(features if isinstance(features, list) else [], start=1):
        if isinstance(feature, dict):
            others = {name: value for name, value in feature.items() if name not in _LOOKED_INTO}
            properties = feature.get("properties")
            yield from _in_members(number, others)
            yield from _in_members(number, properties if isinstance(properties, dict) else {})
            if (large := _large(feature.get("geometry"))) is not None:
                yield number, "", excerpt(large)
    if isinstance(top, dict):
        yield from _in_members(0, {name: value for name, value in top.items() if name != "features"})


def _in_members(number: int, members: dict[str, Any]) -> Iterator[tuple[int, str, str]]:
    for name, value in members.items():
        if (large := _large(value)) is not None:
            yield number, excerpt(name), excerpt(large)


def _large(value: Any) -> str | None:
    """Return the first number that is too large in a value, None if there is none."""
    if isinstance(value, _Large):
        return value
    return next((member for level in levels(value) for member in level if isinstance(member, _Large)), None)


def _float(text: str) -> float | str:
    value = float(text)
    return value if isfinite(value) else _Large(text)


def _int(text: str) -> int | str:
    return int(text) if len(text) <= _LONGEST else _Large(text)
