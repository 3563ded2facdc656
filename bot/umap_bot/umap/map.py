"""A map on its site: one session, one way in, and its page, for any number of its layers."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final, TypeVar, cast

import msgspec

from umap_bot.encryption import refuse_plain
from umap_bot.errors import BotError, GoneError, UnreachableError
from umap_bot.model.canon import Value
from umap_bot.model.layer import Entry
from umap_bot.redaction import redact_data
from umap_bot.text import Text, say
from umap_bot.umap.address import Address, host_of, is_https, over_https, read_address
from umap_bot.umap.entry import Page, read_page
from umap_bot.umap.page import settings_of_json, settings_of_page
from umap_bot.umap.ways.access import Everyone, WayIn
from umap_bot.umap.ways.edit_link import EditLink
from umap_bot.umap.wire import Bounds, Reply, Wire

T = TypeVar("T")

_PRIVATE: Final = frozenset({0, 3})  # a draft; editors only
_GONE: Final = frozenset({9, 99})  # blocked by the site; deleted


class Access(msgspec.Struct, frozen=True):
    """What a way in opens: `editable` and `owned` are the map's, `layers` have their own `editable`.

    `user` is the name of the account that is logged in, "" if none is; `is_owner` that the map is its own.
    """

    kind: Text
    user: str
    is_owner: bool
    release: str
    editable: bool
    owned: bool
    layers: tuple[Entry, ...]


class UmapMap:
    """A map. The way in is taken once; after that its cookie goes with every request.

    `latest` is the page as it was last read. A `shared` map is that of one pass over several of its layers:
    what it looked like at the first look, or why it could not be seen, holds for the looks at the others.
    """

    def __init__(self, address: Address, way_in: WayIn, wire: Wire, *, shared: bool = False) -> None:
        self.address = address
        self.way_in = way_in
        self.wire = wire
        self.entered = False
        self.latest: Page | None = None
        self._shared = shared
        self._unseen: BotError | None = None
        self._in_vain = False

    def __repr__(self) -> str:
        return f"UmapMap({self.address.url})"

    def glance(self) -> Page:
        """Return the page as it was seen in this pass; of a map that is not shared, look at it."""
        if self._unseen is not None:
            raise self._unseen
        if self._shared and self.latest is not None:
            return self.latest
        try:
            return self.look()
        except BotError as error:
            self._unseen = error if self._shared else None
            raise

    def look(self) -> Page:
        """Return the page's settings, in one request and without the way in if it was not taken yet.

        What a stranger is shown has the layers and their versions, but is not `editable`. Only if uMap shows
        strangers nothing, the way in is taken. Raise RefusedError, UnreachableError.
        """
        reply = self.wire.get(self.address.settings)
        if reply.status == HTTPStatus.FORBIDDEN:  # private, or the cookie has run out
            return self.enter()
        page = self._read(settings_of_json(self._shown(reply).body))
        # Up to 3.4 these settings are given to everybody, whatever the page itself answers (protocol 1).
        inside = self.entered and (page.editable or any(layer.editable for layer in page.layers))
        return page if inside or page.sharing not in _PRIVATE else self.enter()

    def enter(self) -> Page:
        """Take the way in, anew if need be, and return the page: HTML, because that sets the CSRF cookie.

        Two requests with an edit link. Raise RefusedError, UnreachableError.
        """
        reply = self._shown(self.way_in.enter(self.wire, self.address))
        page = self._read(settings_of_page(reply.body))
        self.entered = True
        return page

    def renew(self) -> bool:
        """Take the way in anew, for a page that lets us edit nothing: a cookie may have run out, a session
        ended. Tell whether it was taken; what was in vain once is not tried again. Raise as enter."""
        if self._in_vain:
            return False
        page = self.enter()
        self._in_vain = not (page.editable or any(layer.editable for layer in page.layers))
        return True

    def page(self) -> Page:
        """Return the page with the way in taken. Raise RefusedError, UnreachableError."""
        return self.look() if self.entered else self.enter()

    def seen(self) -> Page:
        """Return the page with the way in taken; of a shared map, perhaps as it was some moments ago."""
        return self.latest if self._shared and self.entered and self.latest else self.page()

    def access(self) -> Access:
        """Tell what the way in opens. Raise RefusedError if it no longer works, UnreachableError."""
        page = self.page()
        return Access(
            kind=self.way_in.kind,
            user=page.user or "",
            is_owner=page.is_owner,
            release=page.release,
            editable=page.editable,
            owned=page.owned,
            layers=page.layers,
        )

    def _read(self, properties: dict[str, Value]) -> Page:
        page = read_page(_clean(properties), self.address.url)
        if page.map_id != self.address.map_id:
            raise UnreachableError(
                say(
                    "The site answered with map {answered}, not {asked}.",
                    answered=page.map_id,
                    asked=self.address.map_id,
                ),
                way_out=say("Check UMAP_MAP_URL: open the map in a browser and copy its address."),
            )
        if page.sharing in _GONE:
            raise self._not_shown()
        self.latest = page
        return page

    def _shown(self, reply: Reply) -> Reply:
        """Return the answer if it shows the map. A missing map is 404; a deleted one 403, as a private
        one."""
        if reply.status == HTTPStatus.OK:
            return reply
        if reply.status == HTTPStatus.FORBIDDEN:
            raise self._not_shown()
        if reply.status == HTTPStatus.NOT_FOUND:
            raise GoneError(
                say("There is no map {map} on {host}.", map=self.address.map_id, host=self.wire.host),
                way_out=say("Check UMAP_MAP_URL: open the map in a browser and copy its address."),
            )
        raise UnreachableError(
            say("{host} answered HTTP {status} for the map.", host=self.wire.host, status=reply.status),
            way_out=say("Try again later."),
        )

    def _not_shown(self) -> GoneError:
        return GoneError(
            say("uMap does not show the map: it was deleted or made private, and uMap does not say which."),
            way_out=self.way_in.unseen,
        )


def _clean(value: T) -> T:
    """Return a part of the page without secrets: what it says is told, and kept. It holds the edit link."""
    if isinstance(value, str):
        return cast("T", redact_data(value))
    if isinstance(value, dict):
        return cast("T", {name: _clean(member) for name, member in value.items()})
    return cast("T", [_clean(member) for member in value]) if isinstance(value, list) else value


def open_map(
    url: str,
    *,
    edit_link: str | None = None,
    way_in: WayIn | None = None,
    agent: str,
    pause: Callable[[float], None],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    bounds: Bounds | None = None,
    shared: bool = False,
    plain: Collection[str] = (),
) -> UmapMap:
    """Return the map at `url`; nothing is sent yet. Raise SettingsError for a wrong address or link, and for
    a secret that would go over http to a host that is not among `plain`.

    An `edit_link` is one of this map; another `way_in` is the same for every map of its site.
    """
    address = read_address(url)
    if edit_link and is_https(edit_link):
        address = over_https(address)
    way: WayIn = EditLink(edit_link, address) if edit_link else way_in or Everyone()
    if way.setting and not is_https(address.origin):
        refuse_plain(way.setting, host_of(address), plain)
    wire = Wire(address.origin, agent=agent, pause=pause, now=now, bounds=bounds)
    return UmapMap(address, way, wire, shared=shared)
