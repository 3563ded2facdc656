"""Error texts as a column has them: with what they were made of, so that they can be said in any language."""

from __future__ import annotations

import msgspec

from umap_bot.text import Text, restore, store, verbatim


def plain(text: str) -> str:
    """Return text that every database takes: PostgreSQL refuses NUL, and neither stores half a character."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def write(text: Text) -> str:
    """Return what the column holds: JSON, or nothing for nothing."""
    return msgspec.json.encode(_clean(store(text))).decode() if text else ""


def read(stored: str) -> Text:
    """Return the text back. What is none is taken for somebody's own words: an error is told in any case."""
    try:
        return restore(msgspec.json.decode(stored))
    except (msgspec.DecodeError, UnicodeDecodeError, OverflowError, RecursionError):
        return verbatim(stored)


def _clean(stored: object) -> object:
    if isinstance(stored, str):
        return plain(stored)
    if isinstance(stored, list):
        return [_clean(each) for each in stored]
    return {name: _clean(each) for name, each in stored.items()} if isinstance(stored, dict) else stored
