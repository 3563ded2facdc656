"""Pieces put into a text or into bytes; everything between them is copied as it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias, TypeVar

T = TypeVar("T", str, bytes)
Splice: TypeAlias = tuple[int, int, str]
"""From where to where something is replaced, and by what."""


def spliced(whole: T, splices: Iterable[tuple[int, int, T]]) -> T:
    """Return the whole with each splice done. They ascend, and none reaches into the next."""
    parts: list[T] = []
    done = 0
    for start, end, piece in splices:
        parts += (whole[done:start], piece)
        done = end
    parts.append(whole[done:])
    return whole[:0].join(parts)
