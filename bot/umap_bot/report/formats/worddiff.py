"""Two texts, word by word: what both have, what went, what came."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final, Literal

import msgspec

from umap_bot.redaction import redact_data

MOST: Final = 2_000
"""Words of one text from which it is not compared word by word: the time grows with the square."""

_WORDS: Final = re.compile(r"\w+|\s+|[^\w\s]")


class Piece(msgspec.Struct, frozen=True):
    kind: Literal["same", "gone", "new"]
    text: str


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Return the pieces of both texts in their order; put together, `same` and `gone` are `before`."""
    before, after = redact_data(before), redact_data(after)  # in pieces a secret would not be found
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) > MOST or len(new) > MOST:
        return _ends(before, after)
    found: list[Piece] = []
    for kind, start, end, at, to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Piece("same", "".join(old[start:end])))
            continue
        found += [Piece("gone", "".join(old[start:end]))] if end > start else []
        found += [Piece("new", "".join(new[at:to]))] if to > at else []
    return tuple(found)


def _ends(before: str, after: str) -> tuple[Piece, ...]:
    """Return what both texts begin and end with, and all between as changed."""
    shorter = min(len(before), len(after))
    start = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    rest = shorter - start
    end = next((at for at in range(rest) if before[-1 - at] != after[-1 - at]), rest)
    told = (
        Piece("same", before[:start]),
        Piece("gone", before[start : len(before) - end]),
        Piece("new", after[start : len(after) - end]),
        Piece("same", before[len(before) - end :]),
    )
    return tuple(piece for piece in told if piece.text)
