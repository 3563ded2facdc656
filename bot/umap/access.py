"""The ways in: what a person gives us so that uMap lets us edit. One class each."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final, Protocol

from bot.errors import RefusedError, UnreachableError
from bot.text import Text, say
from bot.umap.address import Address, read_edit_link
from bot.umap.entry import read_page
from bot.umap.page import settings_of_page
from bot.umap.wire import Reply, Wire

_WAYS_ON: Final = say(
    "Somebody linked it to their account. They can let everyone edit this one layer, or make it remote data "
    "of a second map that has no owner."
)


class WayIn(Protocol):
    """A way in. Its text form shows no secret."""

    @property
    def kind(self) -> Text:
        """Name it, as in “may not be edited with …”."""

    @property
    def advice(self) -> Text:
        """Say what to do when uMap does not let us edit a layer with it."""

    def enter(self, wire: Wire, address: Address) -> Reply:
        """Take it, and give the map's page as uMap shows it then; that sets the CSRF cookie (protocol 3).

        Raise RefusedError if it no longer works, UnreachableError.
        """


class Everyone:
    """No secret at all: for maps and layers that everyone may edit, and for looking."""

    kind = say("no way in")
    advice = say(
        "Give UMAP_EDIT_LINK, the secret edit link of a map without owner; or let everyone edit the layer."
    )

    def enter(self, wire: Wire, address: Address) -> Reply:
        return wire.get(address.page)

    def __repr__(self) -> str:
        return "Everyone()"


class EditLink:
    """The secret edit link of a map that has no owner. It never ends, its cookie does after 30 days."""

    kind = say("the secret edit link")
    advice = say("Is the layer's own permission set to “owner”, or the map blocked by the site?")

    def __init__(self, link: str, address: Address) -> None:
        """Raise SettingsError if it is no edit link of that map."""
        self._path = read_edit_link(link, address)

    def __repr__(self) -> str:
        return "EditLink(…)"

    def enter(self, wire: Wire, address: Address) -> Reply:
        """Open the link: uMap sets a cookie and sends on to the page.

        Whether it works is told by the cookie alone: of a map that has an owner the link still sends on.
        """
        cookie = f"anonymous_owner|{address.map_id}"
        wire.forget(cookie)
        reply = wire.get(self._path)
        if "/anonymous-edit/" in reply.path:
            raise self._not_taken(reply)
        if wire.cookie(cookie) is None:
            raise self._dead(reply, address)
        return reply

    def _not_taken(self, reply: Reply) -> RefusedError | UnreachableError:
        """Tell why the link did not send on."""
        if reply.status == HTTPStatus.FORBIDDEN:  # the signature (protocol 1)
            return RefusedError(
                say("The secret edit link is wrong: uMap does not know its signature."),
                way_out=say("Copy it whole from the map's permissions, into UMAP_EDIT_LINK."),
            )
        if reply.status == HTTPStatus.NOT_FOUND:
            return RefusedError(
                say("uMap knows no map for the secret edit link."),
                way_out=say("Was the map deleted? Its site's administrators may still have it."),
            )
        return UnreachableError(
            say("uMap answers HTTP {status} to the secret edit link.", status=reply.status),
            way_out=say("Try again later."),
        )

    def _dead(self, reply: Reply, address: Address) -> RefusedError:
        """Tell why there is no cookie: an owner, or a site without anonymous maps (protocol 3)."""
        if reply.status != HTTPStatus.OK:  # private: the page tells strangers nothing
            return _owned("")
        page = read_page(settings_of_page(reply.body), address.url)
        if page.owned:
            # A change of owner is a save of the map, so it was not after the last one.
            return _owned(page.changed[:10])
        return RefusedError(
            say("The site does not take the edit link: it sets no cookie, though the map has no owner."),
            way_out=say("Has the site switched off maps without owner? Its administrators know."),
        )


def _owned(day: str) -> RefusedError:
    if not day:
        message = say("The map has an owner: the edit link no longer works.")
    else:
        message = say(
            "The map has an owner since {day} at the latest: the edit link no longer works.", day=day
        )
    return RefusedError(message, way_out=_WAYS_ON)
