"""The settings that uMap writes into a map's page, out of its HTML, for every release that has them.

The places are those of protocol 2: since 3.0 an attribute `data-settings`; before, a script that calls
`new Umap("map", {…})`, `new U.Map("map", {…})` or `new L.U.Map("map", {…})`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bot.errors import UnreachableError
from bot.model.canon import Value
from bot.text import joined, say

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

_CALL: Final = re.compile(r"""new\s+[\w.]+\(\s*["']map["']\s*,\s*(?=\{)""")
_RELEASE: Final = re.compile(r"""umap_version["':=\s]+v?(\d+\.\d[\w.]*)""")
_LOOKED_FOR: Final = 'new …("map", {…})'


def settings_of_page(html: bytes) -> dict[str, Value]:
    """Give the map's properties from the HTML of its page.

    In the scripts of the releases before 3.0 each "<" is written "&lt;", which is undone; so a "&lt;" that
    a person wrote into a name comes out as "<" there. Raise UnreachableError if there are no settings.
    """
    from bs4 import BeautifulSoup  # noqa: PLC0415  costs 100 ms, and a run with nothing new reads no HTML

    text = html.decode("utf-8", "replace")
    soup = BeautifulSoup(text, "html.parser")
    found = _attribute(soup) or _script(soup)
    properties = found.get("properties") if isinstance(found, dict) else None
    if not isinstance(properties, dict):
        raise _unknown_form(text)
    return properties


def settings_of_json(body: bytes) -> dict[str, Value]:
    """Give the map's properties from /map/<id>/geojson/: the same settings as plain JSON (protocol 1).

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


def _attribute(soup: BeautifulSoup) -> Value:
    """uMap 3.0 and newer."""
    tag = soup.find(None, {"data-settings": True})
    return _decoded(str(tag["data-settings"])) if tag else None


def _script(soup: BeautifulSoup) -> Value:
    """uMap 1 and 2: an argument of a call, so what comes after the object is JavaScript."""
    for script in soup.find_all("script"):
        text = script.get_text()
        call = _CALL.search(text)
        if call:
            return _decoded(text[call.end() :].replace("&lt;", "<"))
    return None


def _decoded(text: str) -> Value:
    try:
        value: Value = json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None
    return value


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
        way_out=say("If the address is that of a map, uMap's page has changed: is there a newer umap-bot?"),
    )
