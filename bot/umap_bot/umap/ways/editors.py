"""Who has to do what so that an account may edit a layer, as its map's page tells."""

from __future__ import annotations

from umap_bot.model.layer import Entry
from umap_bot.text import Text, say
from umap_bot.umap.entry import Page

_INHERITED, _EDITORS = 0, 2


def to_be_editor(name: str, page: Page, entry: Entry) -> Text:
    """Say whom to ask for what. `name` is the account's, "" if it is not known (protocol 2 and 3)."""
    if not page.owned:
        return say(
            "The map has no owner, so it has no editors either: give its secret edit link, UMAP_EDIT_LINK, "
            "instead of an account."
        )
    own = page.rights.get(entry.layer_id, _INHERITED)
    status = own if own != _INHERITED else page.edit_status
    if status == _EDITORS:
        return say(
            "Ask {owner}, who owns the map, to add “{name}” to its editors (in uMap: permissions).",
            owner=page.owner,
            name=name,
        )
    return say(
        "Ask {owner}, who owns the map, to add “{name}” to its editors, and to set who may edit {what} to "
        "“Editors and team”.",
        owner=page.owner,
        name=name,
        what=say("the map") if own == _INHERITED else say("this layer"),
    )
