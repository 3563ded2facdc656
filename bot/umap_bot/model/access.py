"""A person's access to the desk, and what people did there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from umap_bot.text import Text

Role = Literal["reader", "keeper"]
"""A reader sees everything but the people; a keeper also decides, syncs and invites."""

INVITED: Final = timedelta(days=7)
"""How long the link of an invitation works."""

UNSEEN: Final = timedelta(days=90)
"""After so long without a visit a session ends."""


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation, and once somebody has opened it, that person's session.

    `by` is who invited. Times are aware; None: it has not happened.
    """

    number: int
    name: str
    role: Role
    by: str
    invited: datetime
    opened: datetime | None = None
    seen: datetime | None = None
    ended: datetime | None = None

    def works(self, now: datetime) -> bool:
        """Return whether the link can still be opened, or the session be used."""
        if self.ended is not None:
            return False
        return now < (self.seen + UNSEEN if self.seen else self.invited + INVITED)


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What a person did at the desk. `layer` is its name in the state, "" if it was about none; `run` is the
    run that it was about or that it made."""

    at: datetime
    by: str
    said: Text
    layer: str = ""
    run: int | None = None
