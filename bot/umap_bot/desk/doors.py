"""The doors: who a request is from, how an invitation is opened, and how often somebody may try."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from umap_bot.desk.place import Place
from umap_bot.journal.accesses import Accesses
from umap_bot.model.access import UNSEEN, Role

LONGEST: Final = 100
"""Characters of a name."""

TRIES: Final = 20
WITHIN: Final = timedelta(minutes=10)
"""So many links that can't be opened an address may try in that time."""


class Visitor(msgspec.Struct, frozen=True):
    """Who is signed in. `access` is the number of that session, None if a proxy named the person."""

    name: str
    role: Role
    access: int | None = None

    @property
    def keeps(self) -> bool:
        return self.role == "keeper"


class Doors:
    """Tell who comes, and let people in. The methods raise StateError."""

    def __init__(self, place: Place, accesses: Accesses, now: Callable[[], datetime]) -> None:
        self._place = place
        self._accesses = accesses
        self._now = now
        self._tries = Tries(now)

    def visitor(self, request: Request) -> Visitor | None:
        """Return who a request is from; None for somebody who is not signed in."""
        if named := self._named_by_proxy(request):
            return named
        cookie = request.cookies.get(self.cookie_name, "")
        found = self._accesses.entered(cookie, self._now()) if cookie else None
        return Visitor(found.name, found.role, found.number) if found else None

    @property
    def cookie_name(self) -> str:
        """With the prefix, browsers refuse one that was set for a whole domain, or by http."""
        return "__Host-umap-bot-desk" if self._place.secure else "umap-bot-desk"

    def open(self, secret: str, response: Response) -> bool:
        """Open an invitation, and put the session's cookie into the answer. Return whether it was good."""
        cookie = self._accesses.open(secret, self._now())
        if cookie is None:
            return False
        response.set_cookie(
            self.cookie_name,
            cookie,
            max_age=int(UNSEEN.total_seconds()),
            path="/",
            secure=self._place.secure,
            httponly=True,
            samesite="lax",
        )
        return True

    def leave(self, visitor: Visitor, response: Response) -> None:
        """End the session for good, not only in this browser."""
        if visitor.access is not None:
            self._accesses.end(visitor.access, self._now())
        response.delete_cookie(self.cookie_name, path="/", secure=self._place.secure, httponly=True)

    def may_try(self, request: Request) -> bool:
        return self._tries.may(self.address(request))

    def note_failure(self, request: Request) -> None:
        self._tries.note(self.address(request))

    def address(self, request: Request) -> str:
        """Return from where a request comes; behind the proxy that is what the proxy says."""
        peer = _peer(request)
        if not self._place.trusts(peer):
            return peer
        return request.headers.get("x-forwarded-for", peer).rpartition(",")[2].strip()

    def _named_by_proxy(self, request: Request) -> Visitor | None:
        if not self._place.header or not self._place.trusts(_peer(request)):
            return None
        values = request.headers.getlist(self._place.header)
        name = _utf8(values[0]).strip() if len(values) == 1 else ""
        if not name or len(name) > LONGEST or not name.isprintable():
            return None
        keeps = name.casefold() in {each.casefold() for each in self._place.keepers}
        return Visitor(name, "keeper" if keeps else "reader")


class Tries:
    """Who failed how often, lately: the addresses with the newest failures, so that no crowd fills memory."""

    MOST: Final = 10_000

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._failures: dict[str, deque[datetime]] = {}
        self._lock = Lock()

    def may(self, address: str) -> bool:
        with self._lock:
            failed = self._failures.get(address, ())
            return sum(self._now() - time < WITHIN for time in failed) < TRIES

    def note(self, address: str) -> None:
        with self._lock:
            failed = self._failures.pop(address, None) or deque(maxlen=TRIES)
            failed.append(self._now())
            self._failures[address] = failed  # the newest last
            while len(self._failures) > self.MOST:
                del self._failures[next(iter(self._failures))]


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


def _utf8(value: str) -> str:
    """Return a header's value, which came as bytes that were read as Latin-1."""
    return value.encode("latin-1", "replace").decode("utf-8", "replace")
