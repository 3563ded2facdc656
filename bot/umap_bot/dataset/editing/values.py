"""Which values are not taken into a file, whoever wrote them on the map or sent them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from umap_bot.text import Text, say

MOST: Final = 32_767
"""Characters of a cell, in any spreadsheet."""
_FORMULA: Final = re.compile(r"[=@+\-\t\r]")
_NUMBER: Final = re.compile(r"[+\-][\d., \u00a0\u202f/-]+")
"""A number, or a telephone number: it calls nothing."""


def why_not(text: str, *, in_cell: bool = True) -> Text | None:
    """Return why a text is not written into a file; None if it may be. `in_cell`: a spreadsheet may open it
    there, and take it for a formula."""
    if len(text) > MOST:
        return say("is longer than {most} characters", most=MOST)
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in text):
        return say("contains control characters")
    if in_cell and _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return say("begins like a formula (=, +, -, @), which a spreadsheet may run")
    return None
