"""Who may enter the desk: invitations, and the sessions that were opened by them.

Of a link and of a cookie only the digest is kept: who reads the database can enter by neither.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, select

from umap_bot.journal.reader import LARGEST
from umap_bot.journal.rows import moment, time_text
from umap_bot.journal.schema import access as table
from umap_bot.journal.store import Store
from umap_bot.journal.texts import plain
from umap_bot.model.access import INVITED, Access, Role

NOTED: Final = timedelta(hours=12)
"""How exactly it is kept when somebody was seen last: a page that is read writes nothing as a rule."""


class Accesses:
    """Every method is one transaction, and raises StateError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def invite(self, name: str, role: Role, by: str, now: datetime) -> str:
        """Write an invitation down. Return the secret of its link, which is kept nowhere."""
        secret = token_urlsafe(32)
        values = {
            "name": plain(name),
            "role": role,
            "link": _digest(secret),
            "invited_at": time_text(now),
            "invited_by": plain(by),
        }
        with self._store.write() as connection:
            connection.execute(table.insert().values(values))
        return secret

    def invited(self, secret: str, now: datetime) -> Access | None:
        """Return the invitation with this secret; None if it can't be opened (any more)."""
        return self._found(table.c.link == _digest(secret), table.c.opened_at.is_(None), now=now)

    def open(self, secret: str, now: datetime) -> str | None:
        """Open an invitation, once. Return the cookie of its session; None if it can't be opened."""
        cookie = token_urlsafe(32)
        good = (
            table.c.link == _digest(secret),
            table.c.opened_at.is_(None),
            table.c.ended_at.is_(None),
            table.c.invited_at > time_text(now - INVITED),
        )
        values = {"cookie": _digest(cookie), "opened_at": time_text(now), "seen_at": time_text(now)}
        with self._store.write() as connection:  # of two at once, one finds it opened
            opened = connection.execute(table.update().where(*good).values(values)).rowcount
        return cookie if opened else None

    def entered(self, cookie: str, now: datetime) -> Access | None:
        """Return the session with this cookie, and note that it was seen; None if it has ended."""
        found = self._found(table.c.cookie == _digest(cookie), now=now)
        if found and found.seen and now - found.seen > NOTED:
            with self._store.write() as connection:
                seen = table.update().where(table.c.id == found.number).values(seen_at=time_text(now))
                connection.execute(seen)
        return found

    def all(self) -> tuple[Access, ...]:
        """Return all invitations and sessions, newest first, those that have ended too."""
        with self._store.read() as connection:
            return tuple(map(_access, connection.execute(select(table).order_by(table.c.id.desc()))))

    def end(self, number: int, now: datetime) -> Access | None:
        """End an invitation or a session. Return it; None if there is none that has not ended."""
        this = table.c.id == min(number, LARGEST), table.c.ended_at.is_(None)
        with self._store.write() as connection:
            row = connection.execute(select(table).where(*this)).first()
            connection.execute(table.update().where(*this).values(ended_at=time_text(now)))
        return _access(row) if row else None

    def _found(self, *conditions: ColumnElement[bool], now: datetime) -> Access | None:
        with self._store.read() as connection:
            row = connection.execute(select(table).where(*conditions)).first()
        found = _access(row) if row else None
        return found if found and found.works(now) else None


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def _access(row: Row[Any]) -> Access:
    return Access(
        number=row.id,
        name=row.name,
        role="keeper" if row.role == "keeper" else "reader",
        by=row.invited_by,
        invited=moment(row.invited_at),
        opened=moment(row.opened_at) if row.opened_at else None,
        seen=moment(row.seen_at) if row.seen_at else None,
        ended=moment(row.ended_at) if row.ended_at else None,
    )
