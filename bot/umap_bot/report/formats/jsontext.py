"""Values as JSON to be printed. What could steer who prints it is escaped; a program reads the same value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final

import msgspec

UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of characters that are not seen, and may turn what stands around them."""

_UNUSUAL: Final = re.compile(r"[^ -~\n]|#(?=#\w*\[)")
"""All but printable ASCII; and what begins a command of a CI runner, as `##[error]`."""


def render(value: Any, enc_hook: Callable[[Any], Any] | None = None) -> str:
    """Return a value as indented JSON, without a final line break."""
    text = msgspec.json.format(msgspec.json.encode(value, enc_hook=enc_hook), indent=2).decode()
    return _UNUSUAL.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    letter = found[0]
    if letter != "#" and unicodedata.category(letter) not in UNSEEN:
        return letter
    units = letter.encode("utf-16-be")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))
