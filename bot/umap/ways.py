"""Which way into a layer there is, by what the map's page says of it, in words.

People in need read these words, so they are as plain as they can be, and name nothing that is not there yet.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from bot.model.layer import Entry
from bot.text import NOTHING, Text, say

TWO_MAPS: Final = (
    say("The two-map way:"),
    say(
        "  1. In a private window, so without your account, make a new map with a layer, save and publish "
        "it.\n     It has no owner, and uMap shows its secret edit link: keep that link. (A site that wants "
        "a login\n     for it has no maps without owner.)"
    ),
    say("  2. The bot keeps that layer. Its points are edited there, and no longer in your map."),
    say(
        "  3. In your map, the layer becomes remote data. The URL is the address of the layer in the second "
        "map\n     (it is told at the end), the format geojson. Visitors see the points as before."
    ),
    say("  Tried on uMap 3.8.1; behind nginx, and on 3.7 and older, not yet."),
)
"""Paragraphs, of one or more lines each."""


class Way(msgspec.Struct, frozen=True):
    """`why` says what the page tells, `way_out` what to do if there is no way in ("none")."""

    kind: Literal["everyone", "edit link", "none"]
    why: Text
    way_out: Text = NOTHING


def way_in(entry: Entry, *, owned: bool) -> Way:
    """Give the way into a layer, by a stranger's view of the page."""
    if entry.editable:
        return Way(
            "everyone",
            say(
                "Everyone may edit this layer: the bot needs no secret. So may anybody else, its points and "
                "its style; SYNC_FOREIGN=remove takes away what they add."
            ),
        )
    if not owned:
        return Way(
            "edit link",
            say(
                "The map has no owner: its secret edit link lets the bot in. It never expires, but ends when "
                "somebody links the map to an account."
            ),
        )
    return Way(
        "none",
        say(
            "The map has an owner, so no edit link works; to log in with an account for the bot, the best "
            "way on a uMap of your own, is not there yet."
        ),
        way_out=say(
            "Two ways are open. Let a second map, without owner, hold the data, and make this layer "
            "remote data that shows it (umap-bot init tells how). Or set the permission of this one layer to "
            "everyone: then anybody can edit it, its style too."
        ),
    )
