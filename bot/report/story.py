"""What is told, whatever the format: a story of sections of lines."""

from __future__ import annotations

import msgspec


class Line(msgspec.Struct, frozen=True):
    """One feature or matter: a mark (one sign), a name, what is said of it, and notes below."""

    mark: str
    name: str
    text: str
    notes: tuple[str, ...] = ()


class Section(msgspec.Struct, frozen=True):
    title: str
    lines: tuple[Line, ...]


class Story(msgspec.Struct, frozen=True):
    """`head` are lines that say what is spoken of, `sentence` is the whole in one, `end` what to do next."""

    head: tuple[str, ...]
    sentence: str
    sections: tuple[Section, ...]
    end: tuple[str, ...]
