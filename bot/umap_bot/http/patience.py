"""How long to wait for a busy server, and for no longer than the run has time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import inf
from typing import Final, Protocol, TypeVar

from umap_bot import progress
from umap_bot.errors import UnreachableError
from umap_bot.http.failures import LostAnswerError
from umap_bot.text import say

BUSY: Final = frozenset({429, 500, 502, 503, 504})
"""Answers to a GET after which asking again may help.

500 is among them: while others push, uMap's version list can answer it (protocol 5).
"""

_TRIES: Final = 3
_SECONDS: Final = re.compile(r"[0-9]+")
_LAST: Final = 30.0
"""Seconds that a request gets though the run is at its end."""
_LONGEST: Final = 1e9
"""Seconds, thirty years: what is beyond is no number that people need to read."""


class Reply(Protocol):
    """What patience reads of an answer."""

    @property
    def status(self) -> int:
        """The status code."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, by name in any case."""


R = TypeVar("R", bound=Reply)


class Patience:
    """Waits for one site. `pause` waits some seconds, `now` is the time, aware."""

    def __init__(self, host: str, pause: Callable[[float], None], now: Callable[[], datetime]) -> None:
        self._host = host
        self._pause = pause
        self._now = now
        self._end: datetime | None = None

    @contextmanager
    def until(self, end: datetime) -> Iterator[None]:
        """Begin no wait that would end later than that: a run has an end. See `left` for requests."""
        self._end, before = end, self._end
        try:
            yield
        finally:
            self._end = before

    def left(self) -> float:
        """Return the seconds that a request may take: until the end of the run, and always enough for a last
        look at what was pushed."""
        return max(_LAST, (self._end - self._now()).total_seconds()) if self._end else inf

    def wait(self, seconds: float) -> None:
        """Wait. Raise UnreachableError if that would be beyond the end of the run."""
        if self._end and self._now() + timedelta(seconds=seconds) > self._end:
            raise UnreachableError(
                say("{host} needs more time than this run has left.", host=self._host),
                way_out=say("The next run checks what went through, and resumes."),
            )
        progress.step(say("Waiting {seconds:.0f} s for {host}", seconds=seconds, host=self._host))
        self._pause(seconds)

    def wait_as_asked(self, headers: Mapping[str, str], *, usual: float, longest: float) -> float:
        """Wait as the server asks, `usual` seconds if it does not, and return how long.

        Raise UnreachableError if it asks for more than the longest, or is not back before the end of the run.
        """
        asked = _asked(headers.get("Retry-After", "").strip(), self._now())
        seconds = usual if asked is None else min(max(asked, 0.0), _LONGEST)
        if seconds > longest:
            raise UnreachableError(
                say("{host} is busy and asks to wait {seconds:.0f} s.", host=self._host, seconds=seconds),
                way_out=say("Try again later."),
            )
        if seconds:
            self.wait(seconds)
        return seconds

    def ask(self, get: Callable[[], R], *, longest: float) -> R:
        """Return the answer to a GET, asked again, three times at most, while the server is busy or cuts its
        answer. All waits together take no more than `longest` seconds. Raise UnreachableError."""
        waited = 0.0
        for attempt in range(1, _TRIES):
            asked: Mapping[str, str] = {}
            try:
                reply = get()
                if reply.status not in BUSY:
                    return reply
                asked = reply.headers
            except LostAnswerError as lost:
                if not lost.again:
                    raise
            waited += self.wait_as_asked(asked, usual=float(attempt), longest=longest - waited)
        return get()


def _asked(text: str, now: datetime) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds, or a date. None if there is none that can be read."""
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a year may have any number of digits
        return None
    return ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds()
