"""Quotations: the words of others within a text. Each can be listed, or replaced by other words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from umap_bot.text import Part, Text, as_text, say, say_n

Rewrite = Callable[[str, str], str]
"""(name of the place, words) → words. A text that is somebody's as a whole has the name ""."""


def rewritten(text: Text, rewrite: Rewrite) -> Text:
    """Return the text with all that is somebody's own words in it rewritten; it can be said in any
    language."""
    if not text.template:
        return as_text(rewrite("", text))
    values = {name: _part(name, part, rewrite) for name, part in text.values.items()}
    if text.plural:
        return say_n(text.template, text.plural, text.number, **values)
    return say(text.template, **values)


def _part(name: str, part: Part, rewrite: Rewrite) -> Part:
    if isinstance(part, str):
        return _words(name, part, rewrite)
    if isinstance(part, (int, float, datetime)):
        return part
    return tuple(_words(name, each, rewrite) for each in part)


def _words(name: str, words: str, rewrite: Rewrite) -> str:
    return rewritten(words, rewrite) if isinstance(words, Text) and words.template else rewrite(name, words)


def quotations(text: Text) -> tuple[tuple[str, str], ...]:
    """Return all that is somebody's own words in a text, each with the name of its place."""
    found: list[tuple[str, str]] = []

    def note(name: str, words: str) -> str:
        found.append((name, words))
        return words

    rewritten(text, note)
    return tuple(found)
