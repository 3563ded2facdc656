"""An address as people paste it: without scheme, in angle brackets, with what browsers and mails add."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import msgspec

from umap_bot.errors import SourceError
from umap_bot.http.origin import origin
from umap_bot.redaction import add_secret
from umap_bot.text import say

_BARE: Final = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?/.*", re.IGNORECASE)
"""A host with a dot in it, and a path: what some browsers copy without the scheme."""
_TRACKING: Final = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|mtm_\w+|pk_\w+|_hs\w+", re.IGNORECASE
)
_MADE: Final = 12
"""Characters that an id has at least, if a machine made it."""
_WAY_OUT: Final = say("Copy the whole address of the table from the browser, including https://")


def is_bare(text: str) -> bool:
    """Tell whether this looks like an address without its scheme."""
    return bool(_BARE.fullmatch(text.strip()))


class Pasted(msgspec.Struct, frozen=True):
    """An address, taken apart. `path` and `search`, its query, are as they were written, without what follows
    people from site to site; `fragment` is decoded."""

    origin: str
    host: str
    path: str
    search: str
    fragment: str

    @property
    def encrypted(self) -> bool:
        """Whether it is one of https."""
        return self.origin.startswith("https:")

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The parameters of the query, decoded."""
        return tuple(parse_qsl(self.search, keep_blank_values=True))

    def parameter(self, *names: str) -> str:
        """Return the first of these parameters that the query has, "" if it has none."""
        return next((value for name in names for own, value in self.query if own == name), "")


def read_pasted(address: str) -> Pasted:
    """Take an address apart. Raise SourceError, which does not repeat it: it may be a secret."""
    text = address.strip().strip("<>\"'«»“”").strip()
    if _BARE.fullmatch(text):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        usable = usable and text.isprintable()  # so that it can be written in UTF-8, and in one line
    except ValueError:  # an unclosed bracket, or a port that is no number
        usable = False
    if not usable:
        raise SourceError(say("DATASET_URL is not a web address."), way_out=_WAY_OUT)
    _refuse_login(parts)
    fragment, mark, added = parts.fragment.partition("?")  # what people add to the end comes after a #
    query = f"{parts.query}&{added}" if mark and parts.query else parts.query or added
    kept = (part for part in query.split("&") if not _TRACKING.fullmatch(part.partition("=")[0]))
    return Pasted(origin(parts), parts.hostname or "", parts.path or "/", "&".join(kept), unquote(fragment))


def _refuse_login(parts: SplitResult) -> None:
    if "@" in parts.netloc:
        raise SourceError(
            say("DATASET_URL contains a user name or a password."),
            way_out=say("Remove it from the address, and set DATASET_TOKEN=NAME:PASSWORD"),
        )


def not_a_table(site: str, example: str) -> SourceError:
    """Return the error for a page of a site that is none of a table."""
    return SourceError(
        say("DATASET_URL is an address of {site}, but not that of a table.", site=site),
        way_out=say(
            "Open the table and copy its address from the browser, such as {example}", example=example
        ),
    )


def hide(secret: str) -> None:
    """Take an id that opens a table out of every text. One that somebody chose is left: it may be the word
    that the table is called by everywhere."""
    is_made = len(secret) >= _MADE and any(map(str.islower, secret)) and any(map(str.isupper, secret[1:]))
    if is_made:
        add_secret(secret, random=True)


def shortened(secret: str) -> str:
    """Return enough of a secret in an address to know it again."""
    return f"{secret[:4]}…"
