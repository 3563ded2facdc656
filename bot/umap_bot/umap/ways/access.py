"""What a way in is: what a person gives us so that uMap lets us edit. And the one that needs nothing."""

from __future__ import annotations

from typing import Final, Protocol

from umap_bot.model.layer import Entry
from umap_bot.text import Text, say
from umap_bot.umap.address import Address
from umap_bot.umap.entry import Page
from umap_bot.umap.http.wire import Reply, Wire

UNSEEN: Final = say("A deleted map stays until the site empties its trash: ask its administrators.")


class WayIn(Protocol):
    """A way in. Its text form shows no secret."""

    @property
    def kind(self) -> Text:
        """Name it, as in “may not be edited with …”."""

    @property
    def unseen(self) -> Text:
        """Say what to do when uMap does not show the map."""

    def advise(self, page: Page, entry: Entry) -> Text:
        """Say what to do when uMap does not let us edit a layer with it, and whom to ask."""

    def enter(self, wire: Wire, address: Address) -> Reply:
        """Take it, and return the map's page as uMap shows it then; that sets the CSRF cookie (protocol 3).

        Raise RefusedError if it no longer works, UnreachableError.
        """


class Everyone:
    """No secret at all: for maps and layers that everyone may edit, and for looking."""

    kind = say("no way in")
    unseen = UNSEEN

    def advise(self, page: Page, entry: Entry) -> Text:  # noqa: ARG002  of the protocol
        if page.owned:
            return say(
                "The map belongs to {owner}: give UMAP_USERNAME and UMAP_PASSWORD of an account among its "
                "editors. umap-bot init tells of other ways.",
                owner=page.owner,
            )
        return say(
            "Give UMAP_EDIT_LINK, the secret edit link of a map without owner; or let everyone edit the "
            "layer."
        )

    def enter(self, wire: Wire, address: Address) -> Reply:
        return wire.get(address.page)

    def __repr__(self) -> str:
        return "Everyone()"
