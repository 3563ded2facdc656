"""What takes its time just now, told to whoever watches: nobody, unless a front door does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Protocol, TypeVar

from umap_bot.text import Text, say

T = TypeVar("T")

SOME: Final = 1_000
"""Of how many things each count is told."""


class Progress(Protocol):
    """Who watches. What is told holds no words of a map, a file or the settings."""

    def show(self, place: Text | None, step: Text | None) -> None:
        """Show which of several layers it is about, and what is done from here on. Called by any lane."""


_watching: ContextVar[Progress | None] = ContextVar("watching", default=None)
_place: ContextVar[Text | None] = ContextVar("place", default=None)
"""Each lane of a pass has its own."""


@contextmanager
def watched_by(progress: Progress) -> Iterator[None]:
    """Tell `progress` what is done within, in this thread and in those that are begun with its context."""
    before, place = _watching.set(progress), _place.set(None)
    try:
        yield
    finally:
        _place.reset(place)
        _watching.reset(before)


def step(text: Text) -> None:
    """Say what is done from here on."""
    if progress := _watching.get():
        progress.show(_place.get(), text)


def layer(number: int, count: int) -> None:
    """Say that the next of several layers begins; of one, or if nobody knows how many, nothing is said."""
    if count > 1 and (progress := _watching.get()):
        place = say("Layer {number} of {count}", number=number, count=count)
        _place.set(place)
        progress.show(place, None)


def counted(items: Iterable[T], told: Callable[[int], Text]) -> Iterable[T]:
    """Return the items; while they are gone through, `told` says how many there were so far."""
    return _counted(items, told) if _watching.get() else items


def _counted(items: Iterable[T], told: Callable[[int], Text]) -> Iterator[T]:
    for number, item in enumerate(items):
        if number % SOME == 0:
            step(told(number))
        yield item
