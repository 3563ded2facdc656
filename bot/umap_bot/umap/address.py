"""A map's address, as people copy it from the browser: the site, the language and the number of the map."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec
from msgspec.structs import replace

from umap_bot.errors import SettingsError
from umap_bot.http.origin import origin
from umap_bot.text import say

# Protocol 1. What stands before the language is a site that does not live at the root of its host.
_LANGUAGE: Final = r"(?:/(?P<language>[a-z]{2,3}(?:-[A-Za-z]{2,4})?))?"
_MAP: Final = re.compile(rf"(?P<base>.*?){_LANGUAGE}/map/(?:(?P<slug>[^/]*)_)?(?P<id>\d+)/?")
_SHORT: Final = re.compile(r"(?P<base>.*?)/m/(?P<id>\d+)/?")
_LINK: Final = re.compile(
    rf"(?P<base>.*?){_LANGUAGE}/map/anonymous-edit/(?P<id>\d+):(?P<signature>[\w:=-]+)/?"
)
_SLUG: Final = re.compile(r"[A-Za-z0-9_-]+")
_EXAMPLE: Final = "https://umap.openstreetmap.fr/fr/map/cites-educatives_484645"


class Address(msgspec.Struct, frozen=True):
    """Where a map lives.

    `origin` is scheme, host and port; `base` the path that the site lives under ("" at the root of the
    host). `language` is in every path: without one uMap answers with a redirect.
    """

    origin: str
    base: str
    language: str
    map_id: str
    slug: str

    @property
    def page(self) -> str:
        """The path of the map's page. A wrong slug is put right by a redirect (protocol 1)."""
        return f"{self.base}/{self.language}/map/{self.slug}_{self.map_id}"

    @property
    def settings(self) -> str:
        """The path of the page's settings as plain JSON (protocol 1)."""
        return f"{self.base}/{self.language}/map/{self.map_id}/geojson/"

    @property
    def url(self) -> str:
        """The address to show to people: no query, no fragment, never an edit link."""
        return self.origin + self.page


def read_address(url: str) -> Address:
    """Read UMAP_MAP_URL: /fr/map/slug_12, /map/slug_12 or /m/12/, with whatever query and fragment.

    Raise SettingsError if it is no address of a map; an edit link is refused without being repeated.
    """
    parts = _split(url, "UMAP_MAP_URL")
    if "/anonymous-edit/" in parts.path:
        raise SettingsError(
            say("UMAP_MAP_URL contains the secret edit link of a map, not its public address."),
            way_out=say(
                "Set UMAP_EDIT_LINK to the link, and UMAP_MAP_URL to the address that visitors see, "
                "such as {example}",
                example=_EXAMPLE,
            ),
        )
    found = _MAP.fullmatch(parts.path) or _SHORT.fullmatch(parts.path)
    if found is None:
        raise SettingsError(
            say("UMAP_MAP_URL is not the address of a map on {host}.", host=str(parts.hostname)),
            way_out=say(
                "Open the map and copy its address from the browser, such as {example}",
                example=_EXAMPLE,
            ),
        )
    named = found.groupdict()
    slug = named.get("slug") or ""
    return Address(
        origin=origin(parts),
        base=found["base"].rstrip("/"),
        language=named.get("language") or "en",
        map_id=found["id"],
        slug=slug if _SLUG.fullmatch(slug) else "map",  # other characters and no slug: 404 (protocol 1)
    )


def is_https(url: str) -> bool:
    """Tell whether an address is one of https."""
    return url.strip().lower().startswith("https:")


def over_https(address: Address) -> Address:
    """Return the same address with encryption."""
    return replace(address, origin=f"https://{address.origin.partition('://')[2]}")


def host_of(address: Address) -> str:
    """Return the host, without its port."""
    return urlsplit(address.origin).hostname or ""


def read_edit_link(link: str, address: Address) -> str:
    """Return the path of the secret edit link of the map at `address`.

    Raise SettingsError if it is no edit link, or one of another site or map. The link is not repeated.
    """
    parts = _split(link, "UMAP_EDIT_LINK")
    found = _LINK.fullmatch(unquote(parts.path))
    if found is None:
        raise SettingsError(
            say("UMAP_EDIT_LINK is not a secret edit link of uMap."),
            way_out=say(
                "Copy the link from the map's permissions in uMap. It contains "
                "/map/anonymous-edit/, and only maps without an owner have one."
            ),
        )
    if origin(parts).partition("://")[2] != address.origin.partition("://")[2]:
        raise SettingsError(
            say(
                "UMAP_EDIT_LINK is for another site ({host}) than UMAP_MAP_URL ({origin}).",
                host=str(parts.hostname),
                origin=address.origin,
            ),
            way_out=say("Copy both from the same map."),
        )
    if found["id"] != address.map_id:
        raise SettingsError(
            say(
                "UMAP_EDIT_LINK is for map {linked}, but UMAP_MAP_URL is map {map}.",
                linked=found["id"],
                map=address.map_id,
            ),
            way_out=say("Copy both from the same map."),
        )
    language = found["language"] or address.language
    return f"{found['base'].rstrip('/')}/{language}/map/anonymous-edit/{found['id']}:{found['signature']}"


def _split(url: str, setting: str) -> SplitResult:
    """Split an address. Raise SettingsError, without the text: it may be a secret in the wrong place."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        _ = parts.port  # raises ValueError if it is no number
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(
            say("{setting} is not a web address.", setting=setting),
            way_out=say("Copy the whole address, including https://"),
        )
    return parts


def origin_of(url: str) -> str | None:
    """Return scheme, host and port of an absolute http(s) address, or None."""
    try:
        return origin(_split(url, "address"))
    except SettingsError:
        return None
