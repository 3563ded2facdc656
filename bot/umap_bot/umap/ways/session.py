"""The way in of somebody who logged in with a browser: the cookie of that session."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from umap_bot.errors import SessionEnded, SettingsError
from umap_bot.model.layer import Entry
from umap_bot.text import Text, joined, say
from umap_bot.umap.address import Address
from umap_bot.umap.entry import Page, read_page
from umap_bot.umap.page import settings_of_json
from umap_bot.umap.ways.access import UNSEEN, to_be_editor
from umap_bot.umap.wire import Reply, Wire

COOKIE: Final = "sessionid"
_VALUE: Final = re.compile(r"[!#-+\--:<>-\[\]-~]+")
"""What a cookie's value may be made of (RFC 6265, 4.1.1), without `=`: then its name was copied too."""


class SessionCookie:
    """A session that a person began in a browser, and that ends 14 days later (protocol 3).

    It is the whole account. Logging out ends it, using it does not prolong it.
    """

    setting = "UMAP_SESSION_COOKIE"
    kind = say("a session cookie")
    unseen = joined(
        (say("If it is private, check that the session's account is one of its editors."), UNSEEN)
    )

    def __init__(self, value: str) -> None:
        """Raise SettingsError if it is no value of a cookie."""
        if not _VALUE.fullmatch(value):
            raise SettingsError(
                say("UMAP_SESSION_COOKIE is not the value of a session cookie."),
                way_out=say("Copy only the value of the “sessionid” cookie, then run: umap-bot login"),
            )
        self._value = value

    def __repr__(self) -> str:
        return "SessionCookie(…)"

    def advise(self, page: Page, entry: Entry) -> Text:
        return to_be_editor(page.user or "", page, entry)

    def enter(self, wire: Wire, address: Address) -> Reply:
        """Show the cookie, and see that uMap knows the session. Three requests: settings, page, and both
        with it; one more if the map is not shown."""
        wire.forget(COOKIE)
        wire.keep(COOKIE, self._value)
        seen = wire.get(address.settings)
        if seen.status == HTTPStatus.OK and read_page(settings_of_json(seen.body), address.url).user == "":
            raise ended()
        if seen.status == HTTPStatus.FORBIDDEN and not _knows(wire, address):
            raise ended()
        return wire.get(address.page)


def _knows(wire: Wire, address: Address) -> bool:
    """Ask uMap whether somebody is logged in (3.4 and newer, protocol 3): else it sends to the login."""
    reply = wire.get(f"{address.base}/{address.language}/whoami")
    return reply.status != HTTPStatus.OK or reply.body.lstrip().startswith(b"{")


def ended() -> SessionEnded:
    """Return the error for a session that uMap does not know (any more)."""
    return SessionEnded(
        say("The session has ended: uMap no longer recognizes its cookie."),
        way_out=say("Sign in again with a browser, then run: umap-bot login"),
    )
