"""The way in of an account with a password: logging in by uMap's own form."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from umap_bot.errors import BotError, RefusedError, UnreachableError
from umap_bot.http.content import read_html, read_json
from umap_bot.http.patience import BUSY
from umap_bot.model.layer import Entry
from umap_bot.redaction import words_of_server
from umap_bot.text import Text, joined, say
from umap_bot.umap.address import Address
from umap_bot.umap.entry import Page
from umap_bot.umap.layer.answers import maintenance, refuse_csrf
from umap_bot.umap.ways.access import UNSEEN, to_be_editor
from umap_bot.umap.ways.session import COOKIE
from umap_bot.umap.wire import Reply, Wire

_COMPLAINTS: Final = re.compile(r"<ul\b[^<>]{0,500}\b(?:form-errors|errorlist)\b")
_LOOKED_AT: Final = 10_000
"""Characters of a page in which they stand: a tree of the whole could take minutes, or all memory."""


class Account:
    """An account of the site. Its session is kept for as long as the wire, and begun anew when it ends."""

    setting = "UMAP_PASSWORD"

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._password = password

    def __repr__(self) -> str:
        return f"Account({self._username!r}, …)"

    @property
    def kind(self) -> Text:
        return say("the account “{name}”", name=self._username)

    @property
    def unseen(self) -> Text:
        return joined(
            (say("If it is private, check that “{name}” is one of its editors.", name=self._username), UNSEEN)
        )

    def advise(self, page: Page, entry: Entry) -> Text:
        return to_be_editor(page.user or self._username, page, entry)

    def enter(self, wire: Wire, address: Address) -> Reply:
        """Log in, and return the page: three requests.

        The form may be hidden (a site with log-in by other services alone); uMap takes it all the same from
        accounts that have a password (protocol 3).
        """
        wire.forget(COOKIE)
        wire.hide(self._password)
        path = login_path(address)
        form = wire.get(path)
        if wire.cookie("csrftoken") is None:  # a login page without any form sets none
            wire.get(f"{address.base}/{address.language}/map/new/")
        fields = {
            "username": self._username,
            "password": self._password,
            "csrfmiddlewaretoken": wire.cookie("csrftoken") or "",
        }
        reply = wire.post(path, fields, None, {})
        if wire.cookie(COOKIE) is None:
            raise self._refused(form, reply)
        return wire.get(address.page)

    def _refused(self, form: Reply, reply: Reply) -> BotError:
        """Tell why there is no session: the words are uMap's own, in the language of the address."""
        if reply.status == HTTPStatus.FORBIDDEN:
            return refuse_csrf() if reply.body.lstrip().startswith(b"<") else maintenance()
        if reply.status in BUSY:
            return UnreachableError(
                say("uMap answered HTTP {status} when signing in.", status=reply.status),
                way_out=say("Try again later."),
            )
        return RefusedError(
            joined(
                (
                    say("uMap does not accept the account “{name}”.", name=self._username),
                    say("It says: {words}", words=_complaint(reply)),
                )
            )
            if _complaint(reply)
            else say("uMap does not accept the account “{name}”.", name=self._username),
            way_out=_WRONG if takes_password(form) else _HIDDEN,
        )


_WRONG: Final = say("Check UMAP_USERNAME and UMAP_PASSWORD.")
_HIDDEN: Final = say(
    "The site has no password form. Accounts that sign in through another service, such "
    "as OpenStreetMap, have no password, so the bot can't use them. For other sign-in "
    "methods, see docs/ways-in.md."
)


def _html(reply: Reply) -> str:
    """Return a reply's HTML; uMap 1 wraps it into JSON (protocol 3)."""
    said = read_json(reply.body, dict[str, object])
    return reply.body.decode("utf-8", "replace") if said is None else str(said.get("html", ""))


def _complaint(reply: Reply) -> str:
    html = _html(reply)
    found = _COMPLAINTS.search(html)
    if found is None:
        return ""
    listed = read_html(html[found.start() :][:_LOOKED_AT]).select("ul.form-errors li, ul.errorlist li")
    return words_of_server(" ".join(item.get_text(" ", strip=True) for item in listed))


def login_path(address: Address) -> str:
    """Return the path of the site's login page (protocol 3)."""
    return f"{address.base}/{address.language}/login/"


def takes_password(form: Reply) -> bool:
    """Tell whether a login page has a field for a password."""
    return 'type="password"' in _html(form)
