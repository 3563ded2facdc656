"""Names as people compare them: without case, accents, dashes and spaces."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_MOST: Final = 1_000
"""Letters that are compared: to sort accents stacked on a letter takes the square of their number."""

_NO_LETTER: Final = re.compile(r"[\W_]+")


def fold(name: str) -> str:
    """Return what two spellings of one name have in common: letters and figures, bare."""
    plain = unicodedata.normalize("NFKD", name[:_MOST].casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _NO_LETTER.sub("", bare)
