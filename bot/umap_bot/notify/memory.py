"""What people were told: kept in the state from run to run, so that nothing is told twice."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Protocol

import msgspec

from umap_bot.errors import BotError
from umap_bot.notify.message import Message
from umap_bot.sessions import Reminded
from umap_bot.text import dec_hook, enc_hook

_log = logging.getLogger(__name__)


class Trouble(msgspec.Struct, frozen=True, omit_defaults=True):
    """Runs that fail one after the other, from `since` on.

    `codes` are those that people were told of, `told` when that was last. `ended`: the runs work again, and
    that could not be told yet.
    """

    since: datetime
    codes: tuple[int, ...] = ()
    told: datetime | None = None
    ended: datetime | None = None


class Held(msgspec.Struct, frozen=True, omit_defaults=True):
    """A plan that waits for a person, from `since` on.

    `told` is when people last heard of it (None: not yet), `times` how often. `before` are digests of plans
    that they heard of since the layer last settled, this one's among them.
    """

    digest: str
    since: datetime
    told: datetime | None = None
    times: int = 0
    before: tuple[str, ...] = ()


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """The memory of one layer. Names in the state are those that older versions wrote.

    `sent` is when people last heard of it, in the beginning when it was first seen. `settled` is when file
    and map last agreed. `not_converged` is the first of the runs, up to the last one, in which the map kept
    changing. `undelivered` is the last message of a change that could not be delivered, `lost` how many
    before it will not be. `session` is the last reminder, in the memory of a session.
    """

    sent: datetime
    settled: datetime | None = None
    trouble: Trouble | None = None
    held: Held | None = None
    not_converged: datetime | None = msgspec.field(default=None, name="restless")
    undelivered: Message | None = msgspec.field(default=None, name="owed")
    lost: int = 0
    session: Reminded | None = None

    def to_json(self) -> bytes:
        return msgspec.json.encode(self, enc_hook=enc_hook)

    @classmethod
    def from_json(cls, data: bytes) -> Told:
        """Raise msgspec.MsgspecError if the text is none."""
        return msgspec.json.decode(data, type=cls, dec_hook=dec_hook)


class Memory(Protocol):
    """Where a few bytes of each layer are kept. Both raise StateError."""

    def told(self, layer: str) -> bytes | None: ...
    def tell(self, layer: str, data: bytes) -> None: ...


class Recollection:
    """The memory, good or bad: that people are told must not depend on it.

    What can't be written into the state is known to this process alone.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._unwritten: dict[str, Told] = {}

    def told(self, layer: str) -> Told | None:
        """Return what was told before; None if that is nothing, or can't be read."""
        if layer in self._unwritten:
            return self._unwritten[layer]
        try:
            data = self._memory.told(layer)
        except BotError as error:
            _log.warning("What was told before can't be read: %s", error)
            return None
        return _decoded(data) if data is not None else None

    def tell(self, layer: str, told: Told) -> None:
        """Keep what was told. What goes wrong is logged."""
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
