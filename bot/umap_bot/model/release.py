"""uMap's releases, as far as they matter here: what is too old to be written to, what is newer than tried."""

from __future__ import annotations

import re
from typing import Final

from umap_bot.errors import RefusedError
from umap_bot.text import say

NEWEST_TRIED: Final = "3.8.1"

_PRE_RELEASE: Final = re.compile(r"^[\d.]+[-.]?(?:a|b|rc|dev|alpha|beta)", re.IGNORECASE)
_NUMBERS: Final = re.compile(r"\d{1,6}(?:\.\d{1,6})*")


def beyond_tried(release: str) -> str:
    """Return the newest release that was tried, if `release` is newer than that; else "".

    A pre-release of it, such as an alpha, was not tried either. A version that begins with no number is not
    known to be newer.
    """
    ours, tried = _numbers(release), _numbers(NEWEST_TRIED)
    return NEWEST_TRIED if ours > tried or (ours == tried and _PRE_RELEASE.search(release)) else ""


def too_old(release: str) -> RefusedError:
    """Return the error for a uMap before 2.8: it tells no versions, so there is no lock that can be
    trusted."""
    return RefusedError(
        say(
            "This uMap ({release}) is too old: a sync could silently overwrite people's edits.",
            release=release,
        ),
        way_out=say("umap-bot can read from it, but changes require uMap 2.8 or newer."),
    )


def _numbers(release: str) -> tuple[int, ...]:
    found = _NUMBERS.match(release)
    return tuple(map(int, found[0].split("."))) if found else ()
