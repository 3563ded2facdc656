"""The settings that uMap writes into a map's page, out of its HTML, for every release that has them.

The places are those of protocol 2: since 3.0 an attribute `data-settings`; before, a script that calls
`new Umap("map", {…})`, `new U.Map("map", {…})` or `new L.U.Map("map", {…})`. They are looked for in the text:
a tree of a page that is made to harm takes gigabytes, or minutes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from itertools import chain, islice
from typing import Any, Final

from umap_bot.errors import UnreachableError
from umap_bot.http.content import read_json
from umap_bot.model.canon import Value
from umap_bot.text import joined, say

_ATTRIBUTE: Final = re.compile(r"""\sdata-settings\s*=\s*(["'])""")
_IN_TAG: Final = re.compile(r"""<[a-zA-Z][^<>"']*+(?:"[^"]*+"[^<>"']*+|'[^']*+'[^<>"']*+)*+""")
"""An element's tag from its beginning to an attribute: no quote is open, and the tag is not closed."""
_CALL: Final = re.compile(r"""new\s+[\w.]+\(\s*["']map["']\s*,\s*(?=\{)""")
_RELEASE: Final = re.compile(
    r"""(?:umap[_-]version["':=\s]+|content=["']uMap\s+)v?(\d+\.\d[\w.]*)""", re.IGNORECASE
)
_PLACES: Final = 20
"""Attributes, or calls, that are looked at: a page has one, and people's words can hold any number."""
_LOOKED_FOR: Final = 'new …("map", {…})'


def settings_of_page(html: bytes) -> dict[str, Value]:
    """Return the map's properties from the HTML of its page.

    In the scripts of the releases before 3.0 each "<" is written "&lt;", which is undone; so a "&lt;" that
    a person wrote into a name comes out as "<" there. Raise UnreachableError if there are no settings.
    """
    text = html.decode("utf-8", "replace")
    for written, start in chain(_attributes(text), _arguments(text)):
        properties = _properties(_object(written, start))
        if properties is not None:
            return properties
    raise _unknown_form(text)


def settings_of_json(body: bytes) -> dict[str, Value]:
    """Return the map's properties from /map/<id>/geojson/: the same settings as plain JSON (protocol 1).

    Raise UnreachableError if it is something else.
    """
    properties = _properties(body)
    if properties is None:
        raise UnreachableError(
            say("The site's answer does not contain the settings of a map."),
            way_out=say(
                "Try again later. If the problem persists, check that UMAP_MAP_URL is the address "
                "of a uMap map."
            ),
        )
    return properties


def _attributes(text: str) -> Iterator[tuple[str, int]]:
    """uMap 3.0 and newer: texts, and where in them the settings begin."""
    for found in islice(_ATTRIBUTE.finditer(text), _PLACES):
        end = text.find(found[1], found.end())
        if end < 0 or not _IN_TAG.fullmatch(text, max(0, text.rfind("<", 0, found.start())), found.start()):
            continue
        with suppress(ValueError):  # a character's number of 5 000 digits
            yield unescape(text[found.end() : end]).lstrip(), 0


def _arguments(text: str) -> Iterator[tuple[str, int]]:
    """uMap 1 and 2: an argument of a call, so what comes after the object is JavaScript.

    Other scripts may hold people's words that look like such a call; theirs is no map's settings.
    """
    script = text.replace("&lt;", "<")
    for call in islice(_CALL.finditer(script), _PLACES):
        yield script, call.end()


def _object(text: str, start: int) -> bytes:
    """Return the JSON that begins there, without what follows it; b"" if there is none."""
    try:
        end = json.JSONDecoder().raw_decode(text, start)[1]
    except (ValueError, RecursionError):
        return b""
    return text[start:end].encode("utf-8", "replace")


def _properties(body: bytes) -> dict[str, Value] | None:
    properties = (read_json(body, dict[str, Any]) or {}).get("properties")
    return properties if isinstance(properties, dict) else None


def _unknown_form(text: str) -> UnreachableError:
    seen = _RELEASE.search(text.replace("&quot;", '"'))
    message = say(
        'The page contains no map settings that umap-bot can read: no "data-settings" '
        "attribute, and no script with {call}.",
        call=_LOOKED_FOR,
    )
    if seen:
        message = joined((message, say("This uMap reports version {release}.", release=seen[1])))
    return UnreachableError(
        message,
        way_out=say(
            "Check that the address is that of a map. If it is, uMap has changed: update "
            "umap-bot or, if that does not help, report this message to its authors."
        ),
    )
