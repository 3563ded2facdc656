"""What a way in is: what a person gives us so that uMap lets us edit. The one that needs nothing; and whom to
ask so that an account may edit."""

from __future__ import annotations

from typing import Final, Protocol

from umap_bot.model.layer import Entry
from umap_bot.text import Text, say
from umap_bot.umap.address import Address
from umap_bot.umap.entry import Page
from umap_bot.umap.wire import Reply, Wire

UNSEEN: Final = say(
    "If it was deleted, ask the site's administrators: a deleted map can be restored "
    "until they empty the trash."
)
_INHERITED, _EDITORS = 0, 2


class WayIn(Protocol):
    """A way in. Its text form shows no secret."""

    @property
    def setting(self) -> str:
        """The setting that holds its secret, "" if it has none."""

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

    setting = ""
    kind = say("none set")
    unseen = UNSEEN

    def advise(self, page: Page, entry: Entry) -> Text:  # noqa: ARG002  of the protocol
        if page.owned:
            return say(
                "The map belongs to {owner}. Set UMAP_USERNAME and UMAP_PASSWORD to an account that "
                "is one of its editors. For other sign-in methods: umap-bot init",
                owner=page.owner,
            )
        return say("Set UMAP_EDIT_LINK to the map's secret edit link, or let everyone edit the layer.")

    def enter(self, wire: Wire, address: Address) -> Reply:
        return wire.get(address.page)

    def __repr__(self) -> str:
        return "Everyone()"


def to_be_editor(name: str, page: Page, entry: Entry) -> Text:
    """Say whom to ask for what. `name` is the account's, "" if it is not known (protocol 2 and 3)."""
    if not page.owned:
        return say(
            "The map has no owner, so it has no editors either. Instead of an account, set "
            "UMAP_EDIT_LINK to its secret edit link."
        )
    own = page.rights.get(entry.layer_id, _INHERITED)
    status = own if own != _INHERITED else page.edit_status
    if status == _EDITORS:
        return say(
            "Ask {owner}, who owns the map, to add “{name}” to its editors (in uMap, under permissions).",
            owner=page.owner,
            name=name,
        )
    return say(
        "Ask {owner}, who owns the map, to add “{name}” to its editors, and to allow "
        "“Editors and team” to edit {what}.",
        owner=page.owner,
        name=name,
        what=say("the map") if own == _INHERITED else say("this layer"),
    )
