"""The live side: one layer of a uMap, looked at, read, and written under uMap's lock."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from bot.errors import RefusedError, UnreachableError
from bot.model.layer import Collection, Entry, Live, Push, Save
from bot.umap import body
from bot.umap.answers import Answer, TooLargeError, judge, refuse_csrf, too_large
from bot.umap.entry import Page, find_layer
from bot.umap.failures import LostAnswerError
from bot.umap.form import fields_of, refuse_unfit
from bot.umap.map import UmapMap
from bot.umap.versions import Version, read_content, read_versions
from bot.umap.wire import Reply

_SNAPSHOTS: Final = 5
_SLOW: Final = 10.0
"""Seconds to give a server that broke off an answer to a push: it may still store it (protocol 16, 13)."""


class UmapLayer:
    """A layer of a map, by id or name; without either, the only one. Implements the port LiveLayer.

    `limit` is the size in bytes at which the site refuses a file, if that is known; a refusal tells it.
    Requests: look 1; read 4 the first time with an edit link (link, page, version list, layer), then 3;
    push 2 (page, layer).
    """

    def __init__(self, of: UmapMap, layer: str | None = None, *, limit: int | None = None) -> None:
        self._map = of
        self._wanted = layer
        self._limit = limit
        self._unsure: str | None = None

    def __repr__(self) -> str:
        return f"UmapLayer({self._map!r}, {self._wanted!r})"

    def look(self) -> Entry:
        """Give the layer's entry in the page, in one request.

        Before the way in was taken this is a stranger's view: the version is right, `editable` is what a
        stranger may. If strangers are shown nothing, the way in is taken. `read` gives the true `editable`.
        Raise RefusedError, UnreachableError.
        """
        return find_layer(self._map.look(), self._wanted)

    def read(self) -> Live:
        """Give one snapshot of page and layer: the version in the page is that of the file.

        After a push whose answer was lost, a layer that is still as before is read a second time, later.
        Raise RefusedError (also for a file that can't be written back without loss), UnreachableError.
        """
        live = self._snapshot()
        if self._unsure is not None and self._unsure == live.version:
            self._map.wire.pause(_SLOW)
            live = self._snapshot()
        self._unsure = None
        return live

    def push(self, wanted: Collection, on: Live) -> None:
        """Send the layer under the lock of `on`; what comes of it is told by the next read.

        Name, rank, group and display are as the page says just before, or uMap would change them; the
        settings are left out, so uMap keeps them. If the page shows a newer version, nothing is sent: uMap
        would merge or refuse.
        Raise RefusedError if uMap refuses or nothing may be sent, UnreachableError if it can't be.
        """
        file = wanted.encode()
        if self._limit is not None and len(file) >= self._limit:
            raise too_large(len(file), self._limit)
        if self._map.latest is None or self._map.wire.cookie("csrftoken") is None:
            self._map.enter()
        for _ in range(2):
            page, entry = self._entry(on.entry.layer_id)
            refuse_unfit(entry, on, self._map.way_in)
            if entry.version != on.version:
                return
            answer = self._post(page, entry, file)
            if answer is not Answer.CSRF:
                self._unsure = on.version if answer is Answer.LOST else None
                return
            self._map.enter()
        raise refuse_csrf()

    def overwritten(self, push: Push | None) -> tuple[Save, ...]:  # noqa: ARG002  the set rule comes next
        """Give the saves of others that the push ran over: none are looked for yet."""
        return ()

    def versions(self) -> tuple[Version, ...]:
        """Give the version list (protocol 7). Raise RefusedError, UnreachableError."""
        return self._versions(self._entry(self._wanted)[1].layer_id)

    def content(self, version: Version) -> Collection | None:
        """Give the content of a version, None if uMap no longer keeps it. Raise as read."""
        page, entry = self._entry(self._wanted)
        return read_content(self._map.wire, page, entry.layer_id, version)

    def _versions(self, layer_id: str) -> tuple[Version, ...]:
        return read_versions(self._map.wire, self._map.latest or self._map.page(), layer_id)

    def _entry(self, wanted: str | None) -> tuple[Page, Entry]:
        """Give page and entry with the way in taken; anew if it was taken long ago and is not good now."""
        was_in = self._map.entered
        page = self._map.page()
        entry = find_layer(page, wanted)
        if was_in and not entry.editable:
            page = self._map.enter()
            entry = find_layer(page, wanted)
        return page, entry

    def _snapshot(self) -> Live:
        for attempt in range(1, _SNAPSHOTS + 1):
            page, entry = self._entry(self._wanted)
            # Before the layer: what is stored after this list and is not ours, our push may have run over.
            known = tuple(kept.version for kept in self._versions(entry.layer_id)) if entry.version else ()
            reply = self._shown(
                self._map.wire.get(page.path("datalayer_view", {"pk": entry.layer_id}), plain=True)
            )
            version = reply.headers.get("X-Datalayer-Version") or self._unmoved(entry)
            try:
                standing = body.decode(reply.body)
            except body.BodyError as error:
                if not error.passing or attempt == _SNAPSHOTS:
                    raise
            else:
                if version == entry.version or not entry.version:  # before 2.8 the page has no versions
                    return Live(entry=entry, version=version, standing=standing, carried=standing, known=known)
            self._map.wire.pause(attempt / 2)
        raise UnreachableError("The layer is saved again and again while it is read.", way_out="Try later.")

    def _unmoved(self, entry: Entry) -> str:
        """Give the version of a file that came without one, "" if it moved meanwhile.

        Behind nginx the header is there only if the site's administrators kept a line of uMap's
        documentation (protocol 4). The page knows: if it says the same before and after, it was that one.
        """
        after = find_layer(self._map.look(), entry.layer_id).version
        return after if after == entry.version else ""

    def _post(self, page: Page, entry: Entry, file: bytes) -> Answer:
        path = page.path("datalayer_update", {"pk": entry.layer_id})
        lock = {"X-Datalayer-Reference": entry.version}
        try:
            reply = self._map.wire.post(path, fields_of(entry), file, lock)
        except LostAnswerError:
            return Answer.LOST
        try:
            return judge(reply, entry.version, len(file))
        except TooLargeError:
            self._limit = len(file)
            raise

    def _shown(self, reply: Reply) -> Reply:
        if reply.status == HTTPStatus.OK:
            return reply
        if reply.status == HTTPStatus.NOT_FOUND:  # though the page lists it: its file was purged (fact 6)
            raise RefusedError(
                "uMap lists the layer, but has lost its file.",
                way_out="Open the map, layer, “Versions”, and restore the newest one.",
            )
        if reply.status == HTTPStatus.FORBIDDEN:
            raise RefusedError("uMap does not show the layer.", way_out="Was the map made private?")
        raise UnreachableError(f"uMap answers HTTP {reply.status} for the layer.", way_out="Try again later.")
