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
    say("Using two maps:"),
    say(
        "  1. In a private window, so that you are signed out, create a map with one layer, "
        "save and publish it.\n     The map has no owner, and uMap shows its secret edit "
        "link: keep that link. (If the site asks you\n     to sign in first, it does not "
        "allow maps without an owner.)"
    ),
    say("  2. The bot syncs that layer. Its points are edited there, no longer in your map."),
    say(
        "  3. In your map, set the layer to remote data. The URL is the address of the "
        "layer in the second map\n     (shown at the end), and the format is geojson. "
        "Visitors see the points as before."
    ),
    say("  Tested with uMap 2.9, 3.4, 3.7 and 3.8, also behind nginx and over TLS."),
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
                "Anyone may edit this layer, so the bot needs no secret. Others can also change its "
                "points and style; SYNC_FOREIGN=remove removes what they add."
            ),
        )
    if not page.owned:
        return Way(
            "edit link",
            say(
                "The map has no owner, so the bot can use its secret edit link. The link never "
                "expires, but stops working when someone links the map to an account."
            ),
        )
    return Way(
        "owner",
        say("The map belongs to {owner}, so it has no secret edit link.", owner=page.owner),
        way_out=say(
            "If the site has accounts with a password, the best way is an account for the bot, "
            "which {owner} adds to the map's editors (UMAP_USERNAME, UMAP_PASSWORD). Otherwise "
            "keep the data in a second map without an owner, and show it in this layer as "
            "remote data. For these and other methods, run umap-bot init or see docs/ways-in.md.",
            owner=page.owner,
        ),
    )


def password_form(*, shown: bool) -> Text:
    """Say whether the site's login page takes a password."""
    if shown:
        return say("Accounts on this site can sign in with a username and password.")
    return say(
        "This site has no password form: its accounts sign in through another service, "
        "which a program can't use."
    )


def live_sync(page: Page) -> tuple[Text, ...]:
    """Say what live sync means for the bot, if the map has it on (protocol 0)."""
    if not page.live_sync:
        return ()
    return (
        say(
            "Live sync is on: when uMap merges a person's save with the bot's, it may add features a second "
            "time. The next sync removes such copies."
        ),
    )


def risks(way: WayIn, page: Page) -> tuple[Text, ...]:
    """Say what a way in could do beyond the bot's work."""
    user = page.user or ""
    if isinstance(way, SessionCookie):
        whole = say(
            "Until the session ends, anyone who has the cookie can do everything that “{name}” "
            "can. Use an account that is only an editor of this map.",
            name=user,
        )
        return (whole,)
    if page.is_owner and user:  # who holds the edit link counts as the owner, too
        more = say(
            "“{name}” owns the map, so its password could also be used to delete the map. An "
            "account that is only an editor is enough.",
            name=user,
        )
        return (more,)
    return ()
