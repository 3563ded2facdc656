"""Passes, one after the other, whose clock and memory a test holds in its hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.notify.made import HOUR, LAYER, NOON
from umap_bot.errors import StateError
from umap_bot.notify.announcer import Announcer, Hide
from umap_bot.notify.decision import End
from umap_bot.report.language import Language, language
from umap_bot.text import say


class Memory:
    """The state, as far as this room knows it."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.broken = False

    def told(self, layer: str) -> bytes | None:
        self._fail_if_broken()
        return self.kept.get(layer)

    def tell(self, layer: str, data: bytes) -> None:
        self._fail_if_broken()
        self.kept[layer] = data

    def _fail_if_broken(self) -> None:
        if self.broken:
            raise StateError(say("The disk is full."))


class Passes:
    """Each pass is a new process: only the memory is the same. `settings` are those of the announcer."""

    def __init__(self, **settings: Any) -> None:
        self.memory = Memory()
        self.now = NOON
        self.settings = settings
        self.tongue: Language = language("en")
        self.hide: Hide = lambda _, end: end

    def announcer(self) -> Announcer:
        return Announcer(self.memory, lambda: self.now, self.tongue, hide=self.hide, **self.settings)

    def go(self, end: End, after: timedelta = HOUR) -> None:
        """Make a pass over one layer that ends so."""
        self.all([(LAYER, end)], after)

    def all(self, ended: list[tuple[str, End]], after: timedelta = HOUR) -> None:
        self.now += after
        announcer = self.announcer()
        announcer.begin()
        announcer.end(ended, max(end.code for _, end in ended))
