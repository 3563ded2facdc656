"""What libraries must not log while we send: addresses of services hold their keys."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

SILENT: Final = ("apprise", "oauthlib", "requests_oauthlib", "paho", "slixmpp")
"""Only we use them, through Apprise; it logs whole addresses, headers and answers."""

SHARED: Final = (
    "urllib3.connectionpool",
    "urllib3.connection",
    "urllib3.poolmanager",
    "urllib3.util.retry",
    "charset_normalizer",
    "asyncio",
)
"""Others use them too, and may log; not what they do for us."""

_sending: Final[ContextVar[bool]] = ContextVar("sending", default=False)


class _NotOurs(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002  the base has it
        return not _sending.get()


_FILTER: Final = _NotOurs()


def silence() -> None:
    """Keep libraries quiet from now on. Harmless when called again: a filter is added once."""
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    for name in SHARED:
        logging.getLogger(name).addFilter(_FILTER)


@contextmanager
def hushed() -> Iterator[None]:
    """Keep libraries quiet about what is done within, in this thread."""
    silence()
    token = _sending.set(True)
    try:
        yield
    finally:
        _sending.reset(token)
