"""What was told before, kept in the state; in this process alone while that can't be used."""

from __future__ import annotations

import logging
from typing import Protocol

import msgspec

from umap_bot.errors import BotError
from umap_bot.notify.told import Told

_log = logging.getLogger(__name__)


class Memory(Protocol):
    """Where a few bytes of each layer are kept. Both raise StateError."""

    def told(self, layer: str) -> bytes | None: ...
    def tell(self, layer: str, data: bytes) -> None: ...


class Recollection:
    """The memory, good or bad: that people are told must not depend on it."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._unwritten: dict[str, Told] = {}

    def told(self, layer: str) -> Told | None:
        if layer in self._unwritten:
            return self._unwritten[layer]
        try:
            data = self._memory.told(layer)
        except BotError as error:
            _log.warning("What was told before can't be read: %s", error)
            return None
        return _decoded(data) if data is not None else None

    def tell(self, layer: str, told: Told) -> None:
        try:
            self._memory.tell(layer, told.to_json())
        except BotError as error:
            _log.warning("What was told can't be written down: %s", error)
            self._unwritten[layer] = told
        else:
            self._unwritten.pop(layer, None)


def _decoded(data: bytes) -> Told | None:
    try:
        return Told.from_json(data)
    except (msgspec.MsgspecError, ValueError):
        _log.warning("What was told before can't be understood; it may be told again.")
        return None
