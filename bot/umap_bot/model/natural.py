"""Natural order: as people count and read, 2 before 10 and é beside e."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, TypeAlias

NaturalOrder: TypeAlias = "tuple[list[tuple[int, str]], str]"

_PARTS: Final = re.compile(r"([0-9]+)|([^0-9]+)")

_MOST: Final = 1_000
"""Letters that are compared: to sort accents stacked on a letter takes the square of their number."""

_WORD: Final = 1_000_000
"""Where words stand among numbers, which stand by how many digits they have."""


def natural(name: str) -> NaturalOrder:
    """Return what names are sorted by."""
    return [
        (_WORD, word) if word else (len(digits.lstrip("0")), digits.lstrip("0"))
        for digits, word in _PARTS.findall(_bare(name.casefold()[:_MOST]))
    ], name


def _bare(name: str) -> str:
    """Return a name without its accents; one in ASCII as it is, for nothing."""
    if name.isascii():
        return name
    return "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
