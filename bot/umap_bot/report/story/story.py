"""What is told, whatever the format and the language: a story of sections of lines.

The order is the same everywhere: one sentence; reasons to wait; rows that can't be read; what people changed
on the map since the last run, for it is news; what was undone and stays so; what the file changes, adds and
removes; what is left alone; what else to know; what a person can do about what waits; what to do next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias, TypeVar, overload

import msgspec

from umap_bot.model.canon import Geometry
from umap_bot.model.change import Point
from umap_bot.text import Text

T = TypeVar("T")
Kind = Literal[
    "why",
    "rows",
    "war",
    "people",
    "undone",
    "file",
    "added",
    "removed",
    "purpose",
    "know",
    "problems",
    "pairs",
    "doubts",
    "left",
    "history",
    "acts",
]
"""What a section is about; the same in every language."""


class Diff(msgspec.Struct, frozen=True):
    """A value before and after, whole, as people read it; None: there is none. `label` says of what."""

    label: Text
    before: str | None
    after: str | None


Said: TypeAlias = "tuple[Text | Diff, ...]"


class Spot(msgspec.Struct, frozen=True):
    """Where on the map a line belongs: the place before and after (None: it is not there then).

    `at` is a point of it for a line that changes no place, in degrees, longitude first.
    """

    before: Geometry | None = None
    after: Geometry | None = None
    at: Point | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One feature or matter.

    `mark` is one sign. `name` is the feature's, `said` what is said of it, `context` columns that did not
    change, to know it by, `notes` what to do about it. `key` is the feature's id in the file, "" if it has
    none.
    """

    mark: str
    name: Text = Text("")
    said: tuple[Text | Diff, ...] = ()
    context: tuple[tuple[str, str], ...] = ()
    notes: tuple[Text, ...] = ()
    key: str = ""
    spot: Spot | None = None


class Lines(Sequence[Line]):
    """A line of each of many changes, made when it is asked for: of most nobody ever reads one."""

    def __init__(self, make: Callable[[T], Line], changes: Sequence[T]) -> None:
        self._line: Callable[[int], Line] = lambda place: make(changes[place])
        self._places = range(len(changes))

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> Line: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Line, ...]: ...
    def __getitem__(self, place: int | slice) -> Line | tuple[Line, ...]:
        if isinstance(place, slice):
            return tuple(map(self._line, self._places[place]))
        return self._line(self._places[place])


class Section(msgspec.Struct, frozen=True):
    kind: Kind
    title: Text
    lines: Sequence[Line]


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """`head` are lines that say what is spoken of, `sentence` is the whole in one, `end` what to do next.

    `counts` says what would not happen either: a missing word must not hide a deletion.
    """

    head: tuple[Text, ...] = ()
    sentence: Text
    counts: Text = Text("")
    sections: tuple[Section, ...] = ()
    end: tuple[Text, ...] = ()
