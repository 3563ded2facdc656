"""The approval code: what a person reads, says and types to approve one plan of one version of the file."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import pbkdf2_hmac
from typing import Final

from umap_bot.errors import UsageError
from umap_bot.text import say

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: five bits a letter, and none that is taken for another."""

BYTES: Final = 10
LENGTH: Final = BYTES * 8 // 5
GROUP: Final = 4

EXAMPLE: Final = "7K2M-9QXT-4HB0-D3WZ"

ROUNDS: Final = 30_000
"""Of PBKDF2. It takes 2^40 tries to find two plans of one code: minutes, if each were but a hash."""

_LIKE: Final = str.maketrans("ILO", "110")
_BETWEEN: Final = re.compile(r"[\s\-\u2010-\u2015]+")
"""Blanks, and hyphens as mail and word processors set them."""
_EARLIER: Final = re.compile(r"[0-9a-f]{12,32}")
"""What codes were before: the beginning of a digest."""


@lru_cache(maxsize=1000)
def code_of(fingerprint: str) -> str:
    """Return the code of a plan's or a pass's fingerprint: four groups of four letters, 80 bits."""
    name = pbkdf2_hmac("sha256", fingerprint.encode(), b"umap-bot approval code", ROUNDS, BYTES)
    number = int.from_bytes(name)
    return _grouped("".join(ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5)))


def read_code(typed: str) -> str:
    """Return a code as `code_of` spells it. Case, hyphens and blanks do not matter; I, L and O are read as 1
    and 0. Raise UsageError for what is none, or one of before, and for one in 65 000 that looks like one of
    before unless its hyphens are typed.
    """
    if _EARLIER.fullmatch(typed.strip()):
        raise UsageError(
            say('"{code}" is an approval code from an earlier version of umap-bot.', code=typed.strip()),
            way_out=say("To get the new code: umap-bot plan"),
        )
    letters = _BETWEEN.sub("", typed)
    code = letters.upper().translate(_LIKE)
    if not letters.isascii() or len(code) != LENGTH or not set(code) <= set(ALPHABET):
        raise UsageError(
            say(
                "An approval code has {count} letters and digits, such as {example}.",
                count=LENGTH,
                example=EXAMPLE,
            ),
            way_out=say("Copy it from the run that needs your approval, or from: umap-bot plan"),
        )
    return _grouped(code)


def _grouped(letters: str) -> str:
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))
