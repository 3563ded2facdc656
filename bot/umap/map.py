"""A map on its site: one session, one way in, and its page, for any number of its layers."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import msgspec

from bot.errors import BotError, RefusedError, UnreachableError
from bot.model.canon import Value
from bot.model.layer import Entry
from bot.text import Text, say
from bot.umap.access import EditLink, Everyone, WayIn
from bot.umap.address import Address, read_address
from bot.umap.entry import Page, read_page
from bot.umap.page import settings_of_json, settings_of_page
from bot.umap.wire import Bounds, Reply, Wire


class Access(msgspec.Struct, frozen=True):
    """What a way in opens: `editable` and `owned` are the map's, `layers` have their own `editable`."""

    kind: Text
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

    def __repr__(self) -> str:
        return f"UmapMap({self.address.url})"

    def glance(self) -> Page:
        """Give the page as it was seen in this pass; of a map that is not shared, look at it."""
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
        """Give the page's settings, in one request and without the way in if it was not taken yet.

        What a stranger is shown has the layers and their versions, but is not `editable`. Only if uMap shows
        strangers nothing, the way in is taken. Raise RefusedError, UnreachableError.
        """
        reply = self.wire.get(self.address.settings)
        if reply.status == HTTPStatus.FORBIDDEN:  # private, or the cookie has run out
            return self.enter()
        return self._read(settings_of_json(self._shown(reply).body))

    def enter(self) -> Page:
        """Take the way in, anew if need be, and give the page: HTML, because that sets the CSRF cookie.

        Two requests with an edit link. Raise RefusedError, UnreachableError.
        """
        reply = self._shown(self.way_in.enter(self.wire, self.address))
        page = self._read(settings_of_page(reply.body))
        self.entered = True
        return page

    def page(self) -> Page:
        """Give the page with the way in taken. Raise RefusedError, UnreachableError."""
        return self.look() if self.entered else self.enter()

    def seen(self) -> Page:
        """Give the page with the way in taken; of a shared map, perhaps as it was some moments ago."""
        return self.latest if self._shared and self.entered and self.latest else self.page()

    def layers(self) -> tuple[Entry, ...]:
        """Give all layers of the map, in the page's order."""
        return self.page().layers

    def access(self) -> Access:
        """Tell what the way in opens. Raise RefusedError if it no longer works, UnreachableError."""
        page = self.page()
        return Access(self.way_in.kind, page.release, page.editable, page.owned, page.layers)

    def _read(self, properties: dict[str, Value]) -> Page:
        page = read_page(properties, self.address.url)
        if page.map_id != self.address.map_id:
            raise UnreachableError(
                say(
                    "The site answered with map {answered}, not {asked}.",
                    answered=page.map_id,
                    asked=self.address.map_id,
                )
            )
        self.latest = page
        return page

    def _shown(self, reply: Reply) -> Reply:
        """Give the answer if it shows the map. A missing map is 404; a deleted one 403, as a private one."""
        if reply.status == HTTPStatus.OK:
            return reply
        if reply.status == HTTPStatus.FORBIDDEN:
            raise RefusedError(
                say("uMap does not show the map: it was deleted or made private (uMap does not say which)."),
                way_out=say("A deleted map stays until the site empties its trash: ask its administrators."),
            )
        if reply.status == HTTPStatus.NOT_FOUND:
            raise RefusedError(
                say("There is no map {map} on {host}.", map=self.address.map_id, host=self.wire.host),
                way_out=say("Check UMAP_MAP_URL."),
            )
        raise UnreachableError(
            say("{host} answers HTTP {status} for the map.", host=self.wire.host, status=reply.status),
            way_out=say("Try again later."),
        )


def open_map(
    url: str,
    *,
    edit_link: str | None = None,
    agent: str,
    pause: Callable[[float], None],
    bounds: Bounds | None = None,
    shared: bool = False,
) -> UmapMap:
    """Give the map at `url`; nothing is sent yet. Raise SettingsError for a wrong address or link."""
    address = read_address(url)
    way_in: WayIn = EditLink(edit_link, address) if edit_link else Everyone()
    wire = Wire(address.origin, agent=agent, pause=pause, bounds=bounds)
    return UmapMap(address, way_in, wire, shared=shared)
