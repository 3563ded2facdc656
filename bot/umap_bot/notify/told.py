"""What people were told of one layer: kept from run to run, so that nothing is told twice."""

from __future__ import annotations

from datetime import datetime

import msgspec

from umap_bot.notify.message import Message
from umap_bot.sessions import Reminded
from umap_bot.text import dec_hook, enc_hook


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
    """The memory of one layer.

    `sent` is when people last heard of it, in the beginning when it was first seen. `settled` is when file
    and map last agreed. `restless` is the first of the runs, up to the last one, in which the map kept
    changing. `owed` is the last message of a change that could not be delivered, `lost` how many before it
    will not be. `session` is the last reminder, in the memory of a session.
    """

    sent: datetime
    settled: datetime | None = None
    trouble: Trouble | None = None
    held: Held | None = None
    not_converged: datetime | None = None
    owed: Message | None = None
    lost: int = 0
    session: Reminded | None = None

    def to_json(self) -> bytes:
        return msgspec.json.encode(self, enc_hook=enc_hook)

    @classmethod
    def from_json(cls, data: bytes) -> Told:
        """Raise msgspec.MsgspecError if the text is none."""
        return msgspec.json.decode(data, type=cls, dec_hook=dec_hook)
