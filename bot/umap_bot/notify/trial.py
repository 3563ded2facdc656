"""One trial message and one trial ping: whether those who are to be told can be."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, Literal

import msgspec

from umap_bot.notify.message import Message, Place, letter
from umap_bot.notify.ping import Ping
from umap_bot.notify.post import Post
from umap_bot.report.language import Language
from umap_bot.text import Text, say

BODY: Final = say(
    "umap-bot check --message sent this. Nothing has happened: messages about the map arrive here."
)


class Trial(msgspec.Struct, frozen=True):
    """What came back, of a message to an address or of the ping. `said` quotes no address."""

    what: Literal["message", "ping"]
    said: Text
    arrived: bool


def try_out(
    layer: str, tongue: Language, *, urls: str, ping_url: str, plain: Collection[str] = ()
) -> Iterator[Trial]:
    """Send the message to each address of NOTIFY_URLS, then ping NOTIFY_PING_URL, as far as they are set.

    `layer` is a layer's name in the state, `plain` SECRETS_OVER_HTTP. Raise SettingsError if one of them
    can't be used; no address is quoted.
    """
    message = Message(Place(layer).subject(say("Trial message")), (BODY,))
    post, ping = Post(urls, plain=plain), Ping(ping_url, plain=plain)
    for each in post.trial(letter(message, tongue), letter(message, tongue, chat=True)):
        said = say("{address}: {answer}", address=each.box, answer=each.said)
        yield Trial("message", said, each.arrived)
    if ping:
        answer = ping.trial(tongue.say(BODY))
        yield Trial(
            "ping", say("{address}: {answer}", address="NOTIFY_PING_URL", answer=answer.said), answer.arrived
        )
