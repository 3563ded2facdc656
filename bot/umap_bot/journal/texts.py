"""Error texts as a column has them: with what they were made of, so that they can be said in any language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from umap_bot.text import Text, restore, store, verbatim


def plain(text: str) -> str:
    """Return text that every database takes: PostgreSQL refuses NUL, and neither stores half a character."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def write(text: Text, redact: Callable[[str], str] = str) -> str:
    """Return what the column holds: JSON, or nothing for nothing. `redact` takes secrets out of somebody's
    words in the text."""
    return msgspec.json.encode(_clean(store(text), redact)).decode() if text else ""


def read(stored: str) -> Text:
    """Return the text back. What is none is taken for somebody's own words: an error is told in any case."""
    try:
        return restore(msgspec.json.decode(stored))
    except (msgspec.DecodeError, UnicodeDecodeError, OverflowError, RecursionError):
        return verbatim(stored)


def _clean(stored: object, redact: Callable[[str], str]) -> object:
    if isinstance(stored, str):
        return plain(redact(stored))
    if isinstance(stored, list):
        return [_clean(each, redact) for each in stored]
    if not isinstance(stored, dict):
        return stored
    # A template is ours, and a sentence without it can be said in no other language.
    return {name: each if name in _OURS else _clean(each, redact) for name, each in stored.items()}


_OURS: Final = frozenset({"t", "p", "at"})
