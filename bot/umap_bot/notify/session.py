"""Who is told of a session that ends, and what: 5, 2 and 1 days before, and once at the end."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import msgspec

from umap_bot.model.session import Session
from umap_bot.notify.message import Message
from umap_bot.notify.place import Place
from umap_bot.report.story.session import LOGIN, deadline
from umap_bot.text import say

STEPS: Final = (1, 2, 5)
"""Days before the end."""

ENDED: Final = -1


class Reminded(msgspec.Struct, frozen=True):
    """The last that people were told of a session: that so many days were left, or that it has ended."""

    mark: str
    ends: date
    step: int


def name_of(session: Session) -> str:
    """Name what people were told of it, in the state."""
    return f"session: {session.place}"


def due(session: Session, now: datetime, before: Reminded | None) -> Reminded | None:
    """Return what is to be remembered once people are told; None if there is nothing to tell.

    Another cookie, or another end of it, begins anew.
    """
    left = session.left(now)
    step = ENDED if left < 0 else next((days for days in STEPS if left <= days), None)
    if step is None:
        return None
    same = before is not None and (before.mark, before.ends) == (session.mark, session.ends)
    if same and before is not None and before.step <= step:
        return None
    return Reminded(session.mark, session.ends, step)


def message_of(session: Session, now: datetime, place: Place, login: str = LOGIN) -> Message:
    """Say by when to log in again, and how."""
    how = say(
        "Private window → log in to uMap → copy the cookie “sessionid” → {command} → close the window "
        "without logging out.",
        command=login,
    )
    return Message(place.subject(deadline(session, now)), (how,))
