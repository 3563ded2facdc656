"""The way in of a map without owner: its secret edit link."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from umap_bot.errors import RefusedError, UnreachableError
from umap_bot.model.layer import Entry
from umap_bot.text import Text, say
from umap_bot.umap.address import Address, read_edit_link
from umap_bot.umap.entry import Page, read_page
from umap_bot.umap.page import settings_of_page
from umap_bot.umap.ways.access import UNSEEN
from umap_bot.umap.wire import Reply, Wire

_WAYS_ON: Final = say(
    "Someone linked the map to their account. Ask them to add an account for the bot to "
    "its editors (UMAP_USERNAME, UMAP_PASSWORD), to let everyone edit this layer, or to "
    "show a second map without an owner in it as remote data. See docs/ways-in.md."
)


class EditLink:
    """The secret edit link of a map that has no owner. It never ends, its cookie does after 30 days."""

    setting = "UMAP_EDIT_LINK"
    kind = say("the secret edit link")
    unseen = UNSEEN

    def __init__(self, link: str, address: Address) -> None:
        """Raise SettingsError if it is no edit link of that map."""
        self._path = read_edit_link(link, address)

    def __repr__(self) -> str:
        return "EditLink(…)"

    def advise(self, page: Page, entry: Entry) -> Text:  # noqa: ARG002  of the protocol
        return say(
            "Check whether the layer's own permission is set to “owner”, or whether the site "
            "has blocked the map."
        )

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
                say("The secret edit link is wrong: uMap does not recognize its signature."),
                way_out=say("Copy the whole link from the map's permissions in uMap into UMAP_EDIT_LINK."),
            )
        if reply.status == HTTPStatus.NOT_FOUND:
            return RefusedError(
                say("uMap finds no map for the secret edit link."),
                way_out=say(
                    "The map may have been deleted. Ask the site's administrators, who may still have it."
                ),
            )
        return UnreachableError(
            say("uMap answered HTTP {status} to the secret edit link.", status=reply.status),
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
            say(
                "The site does not accept the secret edit link: it sets no cookie, although the map "
                "has no owner."
            ),
            way_out=say("Ask the site's administrators whether they have turned off maps without an owner."),
        )


def _owned(day: str) -> RefusedError:
    if not day:
        message = say("The map now has an owner, so the secret edit link no longer works.")
    else:
        message = say(
            "The map has had an owner since {day} at the latest, so the secret edit link no longer works.",
            day=day,
        )
    return RefusedError(message, way_out=_WAYS_ON)
