"""What a site says, in JSON or HTML: a value if it is one, and never an exception, whatever was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

T = TypeVar("T")

DEEPEST: Final = 64
"""Brackets within each other that are read. All that walks through a value recurses, and ends soon after
200; a MultiPolygon in a layer has eight."""

_NO_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b'[]{}"')


def read_json(text: bytes, form: type[T]) -> T | None:
    """Return the JSON as a value of that type; None if it is none, or nested too deep."""
    try:
        value = msgspec.json.decode(text, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return None if is_too_deep(text) else value


def is_too_deep(text: bytes) -> bool:
    """Tell whether JSON is nested deeper than DEEPEST (or twice that, where lists and objects alternate)."""
    if text.count(b"[") + text.count(b"{") <= DEEPEST:
        return False
    bare = text.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _NO_BRACKETS)
    # Texts that hold no bracket are but two quotes by now, and those that do are every second part.
    brackets = b"".join(bare.replace(b'""', b"").split(b'"')[::2])
    for _ in range(DEEPEST):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return bool(brackets)


def read_html(text: str) -> BeautifulSoup:
    """Return the tree of a short piece of HTML, an empty one if the parser makes nothing of it."""
    from bs4 import BeautifulSoup  # noqa: PLC0415  costs 100 ms, and only a log-in that failed needs it
    from bs4.exceptions import ParserRejectedMarkup  # noqa: PLC0415

    try:
        # Of an attribute that stands twice the first counts, as for a browser.
        return BeautifulSoup(text, "html.parser", on_duplicate_attribute="ignore")
    except (ParserRejectedMarkup, ValueError):  # the latter for a character's number of 5 000 digits
        return BeautifulSoup("", "html.parser")
