"""A message to people: of which layer, in which words, and as a letter that no name in it can steer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from umap_bot.redaction import redact_data
from umap_bot.report.desk_links import page_of
from umap_bot.report.formats.terminal import one_line
from umap_bot.report.language import Language
from umap_bot.report.quotations import rewritten
from umap_bot.report.story.acts import USUAL, Commands
from umap_bot.report.story.words import cut
from umap_bot.text import NOTHING, Text, say, say_n

MOST: Final = 3000
"""Characters of a body; a longer one is cut, and says so."""

LONGEST_SUBJECT: Final = 150
LONGEST_LINE: Final = 500

_NAME: Final = re.compile(r"/map/(?P<map>\d+)/(?P<layer>.*)", re.DOTALL)
"""How a layer is called in the state: host/map/ID/layer."""

_CALL: Final = re.compile(r"@(?=(?:everyone|here|channel|all)\b)|<(?=[@!#])", re.IGNORECASE)
"""What calls everybody of a chat, at Discord, Slack and alike. Anybody may have named a feature so."""


_LIVE: Final = re.compile(
    r"[@#](?=[\w*])|~(?=\w)|<(?=[@!#:/\w])|\](?=[(\[])|:(?=//)|\b[wW](?=[wW]{2}\.)|([*_~|`])(?=\1)"
)
"""What a chat makes mentions, links, pictures or hidden text of: Discord, Mattermost, Zulip and alike."""

_ADDRESS: Final = re.compile(r"https?://[\w.~%:/?#=&+,;-]+", re.ASCII)
_LINKED: Final = frozenset({"address", "where", "page"})
"""Places of a text that hold an address of the user's own."""


class Message(msgspec.Struct, frozen=True):
    """What is sent: the subject alone is enough on a telephone. `end` says where the whole stands, and what
    to do; it is never cut.
    """

    subject: Text
    body: tuple[Text, ...] = ()
    end: tuple[Text, ...] = ()


class Place(msgspec.Struct, frozen=True):
    """A layer, as the state calls it. `site` is the address of the report site, "" if there is none, and
    `commands` what people type about this layer. `alone`: no other layer was in the pass. `desk` is the
    address of the desk, "" if there is none.
    """

    layer: str
    site: str = ""
    commands: Commands = USUAL
    alone: bool = True
    desk: str = ""

    def answer(self) -> Text:
        """Say where what waits can be answered in a browser; "" if there is no desk."""
        page = page_of(self.desk, self.layer)
        return say("Answer at the desk: {where}", where=page) if page else NOTHING

    def subject(self, what: Text) -> Text:
        """Say of which map, and of which layer if there are several, and what."""
        name = _NAME.search(self.layer)
        if name is None:
            return say("[{layer}] {what}", layer=self.layer, what=what)
        if self.alone or not name["layer"]:  # a layer has no name if none was needed to find it
            return say("[Map {map}] {what}", map=name["map"], what=what)
        return say('[Map {map}, "{layer}"] {what}', map=name["map"], layer=name["layer"], what=what)

    def more(self, run: int = 0) -> Text:
        """Say where all of a run can be read, or without its number all runs."""
        if run:
            page = f"{self.site}/run-{run}.html" if self.site else f"umap-bot show {run}"
            return say("Details: {where}", where=page)
        return say("The change log: {where}", where=f"{self.site}/" if self.site else "umap-bot log")


class Letter(msgspec.Struct, frozen=True):
    """A message in one language, ready to be sent: `subject` is one line."""

    subject: str
    body: str


def letter(message: Message, tongue: Language, *, chat: bool = False) -> Letter:
    """Return a message as it is sent, its body cut to what services take.

    For a `chat`, a blank stands in all words of others that it would make a link, a picture or a mention of.
    """
    body, end = (_lines(lines, tongue, chat) for lines in (message.body, message.end))
    left = MOST - sum(len(line) + 1 for line in end)
    kept = _fitting(body, left)
    if len(kept) < len(body):
        kept = _fitting(body, left - LONGEST_SUBJECT)  # room for saying so
        count = len(body) - len(kept)
        kept.append(tongue.say(say_n("… and {count} more line", "… and {count} more lines", count)))
    subject = _line(message.subject, tongue, LONGEST_SUBJECT, chat)
    return Letter(subject, "\n".join([*kept, *end]))


def _lines(lines: Iterable[Text], tongue: Language, chat: bool) -> list[str]:
    return [_line(line, tongue, LONGEST_LINE, chat) for line in lines]


def _line(text: Text, tongue: Language, most: int, chat: bool) -> str:
    said = one_line(redact_data(tongue.say(rewritten(text, _broken) if chat else text)))
    return cut(_CALL.sub(r"\g<0> ", said), most)


def _broken(place: str, words: str) -> str:
    if place in _LINKED and _ADDRESS.fullmatch(words):
        return words
    return _LIVE.sub(r"\g<0> ", words)


def _fitting(lines: list[str], most: int) -> list[str]:
    """Return the first lines that fit."""
    kept: list[str] = []
    for line in lines:
        most -= len(line) + 1
        if most < 0:
            break
        kept.append(line)
    return kept
