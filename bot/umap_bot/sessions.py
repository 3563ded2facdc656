"""Until when sessions are good, and when people are to be told that one ends.

An end is said by a person, seen in an answer of uMap's, or reckoned from first use.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol

import msgspec
from msgspec.structs import replace

from umap_bot.errors import BotError
from umap_bot.model.session import NEAR, Session

_log = logging.getLogger(__name__)

LIFE: Final = timedelta(days=14)
"""How long uMap's sessions last if the site did not choose otherwise (protocol 3)."""

ENDED: Final = -1
STAGES: Final = (ENDED, 1, 2, NEAR)
"""What people are told of a session: that it has ended, or that it ends within so many days."""


class Reminded(msgspec.Struct, frozen=True):
    """The last that people were told of a session: `stage` is one of STAGES."""

    mark: str
    ends: date
    stage: int = msgspec.field(name="step")  # as older versions stored it


def due(session: Session, now: datetime, before: Reminded | None) -> Reminded | None:
    """Return what is to be remembered once people are told; None if there is nothing new to tell.

    Each stage is told once. Another cookie, or another end of it, begins anew.
    """
    stage = next((stage for stage in STAGES if session.left(now) <= stage), None)
    if stage is None:
        return None
    if before and (before.mark, before.ends) == (session.mark, session.ends) and before.stage <= stage:
        return None
    return Reminded(session.mark, session.ends, stage)


class Memory(Protocol):
    """Where a few bytes are kept under a name. Both raise StateError."""

    def told(self, layer: str) -> bytes | None: ...
    def tell(self, layer: str, data: bytes) -> None: ...


class Use(msgspec.Struct, frozen=True):
    """The first use of a cookie, which is known by its digest alone; `ends` is the latest end heard of."""

    salt: str
    mark: str
    since: datetime
    ends: date | None = None


@dataclass(frozen=True)
class Cookie:
    """A session's cookie. `place` is the map, as the state calls it; `said` the end as a person wrote it
    down; `renewed` gives the end that uMap told, if it prolonged the session meanwhile.
    """

    place: str
    value: str = field(repr=False)
    said: date | None = None
    renewed: Callable[[], datetime | None] = field(default=lambda: None, repr=False)

    @property
    def name(self) -> str:
        """Name its first use in the state."""
        return f"first use of a session: {self.place}"


class Sessions:
    """The sessions of layers, by their names in the state. As an audience it notes what a pass used."""

    def __init__(self, memory: Memory, now: Callable[[], datetime], cookies: Mapping[str, Cookie]) -> None:
        self._memory = memory
        self._now = now
        self._cookies = cookies

    def found(self) -> dict[str, Session]:
        """Return each layer's session; nothing is written. Raise StateError."""
        return {layer: _session(cookie, self._use(cookie)) for layer, cookie in self._cookies.items()}

    def near(self) -> dict[str, Session]:
        """Return those of them whose end every report tells of. Raise StateError."""
        now = self._now()
        return {layer: session for layer, session in self.found().items() if session.is_near(now)}

    def note(self, ends: date | None = None) -> None:
        """Write down the first use of each cookie, and later ends that uMap told.

        `ends` is one that a person gives, and that no settings hold. Raise StateError.
        """
        for cookie in {cookie.name: cookie for cookie in self._cookies.values()}.values():
            use = self._use(cookie, ends)
            if use != self._noted(cookie):
                self._memory.tell(cookie.name, msgspec.json.encode(use))

    def begin(self) -> None: ...

    def end(self, ended: object, code: int) -> None:  # noqa: ARG002  a cookie counts as used either way
        try:
            self.note()
        except BotError as error:
            _log.warning("The use of a session's cookie can't be written down: %s", error)

    def _use(self, cookie: Cookie, said: date | None = None) -> Use:
        use = self._noted(cookie) or _first(cookie, self._now())
        heard = cookie.renewed()
        ends = [day for day in (said or use.ends, heard and heard.astimezone(UTC).date()) if day]
        return replace(use, ends=max(ends, default=None))

    def _noted(self, cookie: Cookie) -> Use | None:
        """Return what is known of this very cookie."""
        data = self._memory.told(cookie.name)
        try:
            use = msgspec.json.decode(data, type=Use) if data else None
        except msgspec.MsgspecError:
            return None  # it is written anew
        known = use is not None and hmac.compare_digest(use.mark, _mark(use.salt, cookie.value))
        return use if known else None


def _first(cookie: Cookie, now: datetime) -> Use:
    salt = secrets.token_hex(16)
    return Use(salt, _mark(salt, cookie.value), now.astimezone(UTC))


def _mark(salt: str, value: str) -> str:
    return hmac.digest(salt.encode(), value.encode(), "sha256").hex()


def _session(cookie: Cookie, use: Use) -> Session:
    heard = [day for day in (cookie.said, use.ends) if day]
    ends = max(heard, default=(use.since + LIFE).date())
    return Session(ends, known=bool(heard), place=cookie.place, mark=use.mark)
