"""Which way into a layer there is, by what the map's page says of it, in words.

People in need read these words, so they are as plain as they can be, and name nothing that is not there yet.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from umap_bot.model.layer import Entry
from umap_bot.text import NOTHING, Text, say
from umap_bot.umap.entry import Page
from umap_bot.umap.ways.access import WayIn
from umap_bot.umap.ways.session import SessionCookie

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
    say("  Tried on uMap 2.9, 3.4, 3.7 and 3.8, also behind nginx and over TLS."),
)
"""Paragraphs, of one or more lines each."""


class Way(msgspec.Struct, frozen=True):
    """`why` says what the page tells, `way_out` what to do if nothing was given that opens the layer."""

    kind: Literal["everyone", "edit link", "owner"]
    why: Text
    way_out: Text = NOTHING


def way_in(entry: Entry, page: Page) -> Way:
    """Return the way into a layer, by a stranger's view of the page."""
    if entry.editable:
        return Way(
            "everyone",
            say(
                "Everyone may edit this layer: the bot needs no secret. So may anybody else, its points and "
                "its style; SYNC_FOREIGN=remove takes away what they add."
            ),
        )
    if not page.owned:
        return Way(
            "edit link",
            say(
                "The map has no owner: its secret edit link lets the bot in. It never expires, but ends when "
                "somebody links the map to an account."
            ),
        )
    return Way(
        "owner",
        say("The map belongs to {owner}, so no edit link works.", owner=page.owner),
        way_out=say(
            "The best way, if the site has accounts with a password: one for the bot, which {owner} adds to "
            "the map's editors (UMAP_USERNAME, UMAP_PASSWORD). Else let a second map, without owner, hold "
            "the data, and make this layer remote data that shows it. umap-bot init and docs/ways-in.md tell "
            "how, and of other ways.",
            owner=page.owner,
        ),
    )


def password_form(*, shown: bool) -> Text:
    """Say whether the site's login page takes a password."""
    if shown:
        return say("Accounts of this site can log in with a name and a password.")
    return say(
        "This site shows no form for a password: its accounts log in by another service, and a program can't."
    )


def risks(way: WayIn, page: Page) -> tuple[Text, ...]:
    """Say what a way in could do beyond the bot's work."""
    user = page.user or ""
    if isinstance(way, SessionCookie):
        whole = say(
            "Whoever has the cookie can do all that “{name}” can, until its session ends. Best is an account "
            "that is only an editor of this map.",
            name=user,
        )
        return (whole,)
    if page.is_owner and user:  # who holds the edit link counts as the owner, too
        more = say(
            "“{name}” owns the map, so its password could also delete the map. An account that is only an "
            "editor is enough.",
            name=user,
        )
        return (more,)
    return ()
