"""Health pings, as healthchecks.io takes them: a watcher that is not pinged in time, or is told of a failure,
raises the alarm.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import requests

from umap_bot.encryption import refuse_plain
from umap_bot.errors import SettingsError
from umap_bot.notify.post import in_time
from umap_bot.text import Text, say

SECONDS: Final = 5.0
"""For one ping, with all that belongs to it."""

MOST: Final = 10_000
"""Characters that are sent along; a watcher keeps some of them."""

ERRORS: Final = 400
"""HTTP's errors begin here."""

START: Final = "/start"
SUCCESS: Final = ""
FAIL: Final = "/fail"

PATHS: Final = {
    0: SUCCESS,  # done, or nothing to do
    2: SUCCESS,  # changes, of a plan: looking worked
    3: SUCCESS,  # waits for a person, who has a message: the bot works, and nobody is to be woken for days
    4: SUCCESS,  # the map kept changing, which happens; twice running it is trouble, and that is a failure
    5: SUCCESS,  # another run has the layer, and pings for itself; a ping after /start is owed all the same
}
"""What is pinged for a pass's exit code; for every other one, a failure. The code stands in the words."""

_log = logging.getLogger(__name__)


class Answer(NamedTuple):
    """What came back of a ping, in words, and whether it was taken."""

    said: Text
    arrived: bool


class Ping:
    """The watcher at an address, which is a secret as a whole; `plain` are hosts that it may go to without
    encryption. Raise SettingsError if it can't be one; it is not quoted.
    """

    def __init__(self, address: str, seconds: float = SECONDS, *, plain: Collection[str] = ()) -> None:
        self._address = address
        self._seconds = seconds
        _check(address, plain)

    def __bool__(self) -> bool:
        return bool(self._address)

    def start(self) -> None:
        """Say that a pass begins."""
        self._ping(START, "")

    def end(self, code: int, words: str, *, troubled: bool) -> None:
        """Say how a pass ended. `troubled`: a layer is in trouble, whatever the code of the others."""
        self._ping(FAIL if troubled else PATHS.get(code, FAIL), words)

    def trial(self, words: str) -> Answer:
        """Ping as after a success, and return what came back."""
        try:
            status = in_time(self._seconds, lambda: _post(self._address, words.encode(), self._seconds))
        except (OSError, ValueError) as error:  # their texts hold the address
            return Answer(say("no answer ({error})", error=type(error).__name__), arrived=False)
        return Answer(say("the answer is HTTP {status}", status=status), arrived=status < ERRORS)

    def _ping(self, path: str, words: str) -> None:
        if not self._address:
            return
        url, data = joined_url(self._address, path), words[:MOST].encode()
        try:
            status = in_time(self._seconds, lambda: _post(url, data, self._seconds))
        except (OSError, ValueError) as error:  # their texts hold the address
            _log.warning("NOTIFY_PING_URL: no answer (%s).", type(error).__name__)
            return
        if status >= ERRORS:
            _log.warning("NOTIFY_PING_URL: the answer is HTTP %d.", status)


def joined_url(address: str, path: str) -> str:
    """Return the address with something behind its path; its query stays."""
    parts = urlsplit(address)
    if not path:
        return address
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + path, fragment=""))


def _check(address: str, plain: Collection[str]) -> None:
    try:
        parts = urlsplit(address)
        good = not address or (parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0)
    except ValueError:  # a port that is none, an unclosed bracket
        good = False
    if not good:
        raise SettingsError(
            say("NOTIFY_PING_URL is not a web address."),
            way_out=say("Copy it from the page of your check. It starts with https://."),
        )
    if address and parts.scheme == "http":
        refuse_plain("NOTIFY_PING_URL", parts.hostname or "", plain)


def _post(url: str, data: bytes, seconds: float) -> int:
    headers = {"Content-Type": "text/plain; charset=utf-8", "User-Agent": "umap-bot"}
    with (
        requests.Session() as session,
        session.post(url, data=data, headers=headers, timeout=seconds, stream=True) as answer,
    ):
        return answer.status_code
