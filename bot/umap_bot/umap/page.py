"""The settings that uMap writes into a map's page, out of its HTML, for every release that has them.

The places are those of protocol 2: since 3.0 an attribute `data-settings`; before, a script that calls
`new Umap("map", {…})`, `new U.Map("map", {…})` or `new L.U.Map("map", {…})`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, NoReturn

import msgspec

from umap_bot.errors import UnreachableError
from umap_bot.model.canon import Value
from umap_bot.text import joined, say

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_CALL: Final = re.compile(r"""new\s+[\w.]+\(\s*["']map["']\s*,\s*(?=\{)""")
_RELEASE: Final = re.compile(
    r"""(?:umap[_-]version["':=\s]+|content=["']uMap\s+)v?(\d+\.\d[\w.]*)""", re.IGNORECASE
)
_CALLS: Final = 20
"""Calls in one script that are looked at: a page has one, and people's words can hold any number."""
_LOOKED_FOR: Final = 'new …("map", {…})'


def settings_of_page(html: bytes) -> dict[str, Value]:
    """Return the map's properties from the HTML of its page.

    In the scripts of the releases before 3.0 each "<" is written "&lt;", which is undone; so a "&lt;" that
    a person wrote into a name comes out as "<" there. Raise UnreachableError if there are no settings.
    """
    from bs4 import BeautifulSoup  # noqa: PLC0415  costs 100 ms, and a run with nothing new reads no HTML

    text = html.decode("utf-8", "replace")
    # Of an attribute that stands twice the first counts, as for a browser.
    soup = BeautifulSoup(text, "html.parser", on_duplicate_attribute="ignore")
    for written, start in chain(_attributes(soup), _arguments(soup)):
        found = _decoded(written, start)
        properties = found.get("properties") if isinstance(found, dict) else None
        if isinstance(properties, dict):
            return properties
    raise _unknown_form(text)


def settings_of_json(body: bytes) -> dict[str, Value]:
    """Return the map's properties from /map/<id>/geojson/: the same settings as plain JSON (protocol 1).

    Raise UnreachableError if it is something else.
    """
    try:
        found = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = {}
    properties = found.get("properties")
    if not isinstance(properties, dict):
        raise UnreachableError(
            say("The site answered something else than the settings of a map."),
            way_out=say("Try again later. If it stays so: is UMAP_MAP_URL the address of a uMap?"),
        )
    return properties


def _attributes(soup: BeautifulSoup) -> Iterator[tuple[str, int]]:
    """uMap 3.0 and newer: texts, and where in them the settings begin."""
    for tag in soup.find_all(None, {"data-settings": True}):
        yield str(tag["data-settings"]).lstrip(), 0


def _arguments(soup: BeautifulSoup) -> Iterator[tuple[str, int]]:
    """uMap 1 and 2: an argument of a call, so what comes after the object is JavaScript.

    Other scripts may hold people's words that look like such a call; theirs is no map's settings.
    """
    for script in soup.find_all("script"):
        text = script.get_text().replace("&lt;", "<")
        for call in islice(_CALL.finditer(text), _CALLS):
            yield text, call.end()


def _decoded(text: str, start: int) -> Value:
    try:
        value: Value = json.JSONDecoder(parse_constant=_no_number).raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None
    return value


def _no_number(name: str) -> NoReturn:
    """Take NaN and Infinity for what they are in a page: no JSON."""
    raise ValueError(name)


def _unknown_form(text: str) -> UnreachableError:
    seen = _RELEASE.search(text.replace("&quot;", '"'))
    message = say(
        "The page holds no settings of a map that this bot can read; "
        'looked for an attribute "data-settings", or a script with {call}.',
        call=_LOOKED_FOR,
    )
    if seen:
        message = joined((message, say("This uMap says it is {release}.", release=seen[1])))
    return UnreachableError(
        message,
        way_out=say(
            "If the address is that of a map, uMap's page has changed: is there a newer umap-bot? If not, "
            "please report this line to its authors."
        ),
    )
