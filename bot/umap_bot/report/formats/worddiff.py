"""Two texts, word by word: what both have, what went, what came."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, Literal

import msgspec

from umap_bot.redaction import redact_data

MOST: Final = 2_000
"""Words of one text from which it is not compared word by word."""
LONGEST: Final = 50_000
"""Characters from which they are not even counted."""
DEAREST: Final = 20_000
"""Pairs of equal words in two texts from which they are not compared: the time grows with their number, times
that of the changes."""
BUDGET: Final = 200_000
"""Such pairs in all texts of one page or answer."""

_WORDS: Final = re.compile(r"\w+|\s+|[^\w\s]")
_BLANKS: Final = re.compile(r"\s+")

Words = tuple[str, ...]


class Piece(msgspec.Struct, frozen=True):
    kind: Literal["same", "gone", "new"]
    text: str


class WordDiff:
    """The comparisons of one page or answer.

    A text that is too long, or comes after the budget is spent, is told by what both versions begin and end
    with, and all between as changed.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self._left = budget

    def pieces(self, before: str, after: str) -> tuple[Piece, ...]:
        """Return the pieces of both texts in their order; put together, `same` and `gone` are `before`."""
        before, after = redact_data(before), redact_data(after)  # in pieces a secret would not be found
        if max(len(before), len(after)) > LONGEST:
            return _ends(before, after)
        old, new = tuple(_WORDS.findall(before)), tuple(_WORDS.findall(after))
        start = _common(old, new)
        end = _common(old[start:][::-1], new[start:][::-1])
        gone, came = old[start : len(old) - end], new[start : len(new) - end]
        cost = _pairs(gone, came)
        if max(len(gone), len(came)) > MOST or cost > min(DEAREST, self._left):
            return _ends(before, after)
        self._left -= cost  # also of what is remembered: each language shows the same
        same = (Piece("same", "".join(old[:start])), Piece("same", "".join(old[len(old) - end :])))
        return tuple(piece for piece in (same[0], *_compared(gone, came), same[1]) if piece.text)


def _pairs(old: Words, new: Words) -> int:
    """Return in how many ways a word of one text is one of the other."""
    once, again = Counter(old), Counter(new)
    return sum(count * again[word] for word, count in once.items() if not _BLANKS.fullmatch(word))


@lru_cache(maxsize=1_000)
def _compared(old: Words, new: Words) -> tuple[Piece, ...]:
    """Compare, once for all languages and forms. Blanks alone are nothing that two texts have in common."""
    found: list[Piece] = []
    matcher = SequenceMatcher(lambda word: _BLANKS.fullmatch(word) is not None, old, new, autojunk=False)
    for kind, start, end, at, to in matcher.get_opcodes():
        if kind == "equal":
            found.append(Piece("same", "".join(old[start:end])))
            continue
        found += [Piece("gone", "".join(old[start:end]))] if end > start else []
        found += [Piece("new", "".join(new[at:to]))] if to > at else []
    return tuple(found)


def _ends(before: str, after: str) -> tuple[Piece, ...]:
    """Return what both texts begin and end with, and all between as changed."""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    told = (
        Piece("same", before[:start]),
        Piece("gone", before[start : len(before) - end]),
        Piece("new", after[start : len(after) - end]),
        Piece("same", before[len(before) - end :]),
    )
    return tuple(piece for piece in told if piece.text)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how much two sequences begin with in common: by halves, since texts may have megabytes."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
