"""A map on its site: one session, one way in, and its page, for any number of its layers."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

import msgspec

from bot.errors import RefusedError, UnreachableError
from bot.model.canon import Value
from bot.model.layer import Entry
from bot.umap.access import EditLink, Everyone, WayIn
from bot.umap.address import Address, read_address
from bot.umap.entry import Page, read_page
from bot.umap.page import settings_of_json, settings_of_page
from bot.umap.wire import Bounds, Reply, Wire


class Access(msgspec.Struct, frozen=True):
    """What a way in opens: `editable` and `owned` are the map's, `layers` have their own `editable`."""

    kind: str
    release: str
    editable: bool
    owned: bool
    layers: tuple[Entry, ...]


class UmapMap:
    """A map. The way in is taken once; after that its cookie goes with every request.

    `latest` is the page as it was last read.
    """

    def __init__(self, address: Address, way_in: WayIn, wire: Wire) -> None:
        self.address = address
        self.way_in = way_in
        self.wire = wire
        self.entered = False
        self.latest: Page | None = None

    def __repr__(self) -> str:
        return f"UmapMap({self.address.url})"

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
            raise UnreachableError(f"The site answered with map {page.map_id}, not {self.address.map_id}.")
        self.latest = page
        return page

    def _shown(self, reply: Reply) -> Reply:
        """Give the answer if it shows the map. A missing map is 404; a deleted one 403, as a private one."""
        if reply.status == HTTPStatus.OK:
            return reply
        if reply.status == HTTPStatus.FORBIDDEN:
            raise RefusedError(
                "uMap does not show the map: it was deleted or made private (uMap does not say which).",
                way_out="A deleted map stays until the site empties its trash: ask its administrators.",
            )
        if reply.status == HTTPStatus.NOT_FOUND:
            raise RefusedError(
                f"There is no map {self.address.map_id} on {self.wire.host}.", way_out="Check UMAP_MAP_URL."
            )
        raise UnreachableError(
            f"{self.wire.host} answers HTTP {reply.status} for the map.", way_out="Try again later."
        )


def open_map(
    url: str,
    *,
    edit_link: str | None = None,
    agent: str,
    pause: Callable[[float], None],
    bounds: Bounds | None = None,
) -> UmapMap:
    """Give the map at `url`; nothing is sent yet. Raise SettingsError for a wrong address or link."""
    address = read_address(url)
    way_in: WayIn = EditLink(edit_link, address) if edit_link else Everyone()
    return UmapMap(address, way_in, Wire(address.origin, agent=agent, pause=pause, bounds=bounds))
