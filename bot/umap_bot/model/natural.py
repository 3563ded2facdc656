"""Natural order: as people count, 2 before 10."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

NaturalOrder: TypeAlias = "tuple[list[tuple[int, str]], str]"

_PARTS: Final = re.compile(r"([0-9]+)|([^0-9]+)")

_WORD: Final = 1_000_000
"""Where words stand among numbers, which stand by how many digits they have."""


def natural(name: str) -> NaturalOrder:
    """Return what names are sorted by."""
    return [
        (_WORD, word) if word else (len(digits.lstrip("0")), digits.lstrip("0"))
        for digits, word in _PARTS.findall(name.casefold())
    ], name
