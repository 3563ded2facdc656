"""What must never be printed: the signature in an edit link, the query of an address, any other secret."""

from __future__ import annotations

import logging
import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from umap_bot.redaction import redact

_EDIT_LINK: Final = re.compile(r"(anonymous-edit/)[^\s'\"<>?#]+")


def mask_links(text: str) -> str:
    """Return the text with the signature of every edit link in it hidden."""
    return _EDIT_LINK.sub(r"\1…", text)


def mask_query(url: str) -> str:
    """Return the address without user, password, query and fragment: keys of services stand in these."""
    try:
        parts = urlsplit(url)
    except ValueError:  # an unclosed bracket: a person typed it into the map
        return "…"
    netloc = parts.netloc.rpartition("@")[2]
    masked = urlunsplit((parts.scheme, netloc, parts.path, "", ""))
    return f"{masked}?…" if parts.query else masked


class _LinkFilter(logging.Filter):
    """urllib3 logs the path of every request at level DEBUG, and the path of an edit link is the secret, as
    is the token in that of a share.

    Headers that it can't parse it logs as they are, and cookies stand among headers: that is left out.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if str(record.msg).startswith("Failed to parse headers"):
            return False
        if isinstance(record.args, tuple):
            record.args = tuple(
                redact(mask_links(arg)) if isinstance(arg, str) else arg for arg in record.args
            )
        return True


def hush() -> None:
    """Keep secrets out of urllib3's log. Harmless when called again: a filter is added once."""
    for name in ("urllib3.connectionpool", "urllib3.connection"):
        logging.getLogger(name).addFilter(_FILTER)


_FILTER: Final = _LinkFilter()
