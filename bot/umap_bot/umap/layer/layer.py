"""The live side: one layer of a uMap, looked at, read, and written under uMap's lock."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from http import HTTPStatus
from typing import Final

import msgspec

from umap_bot import progress
from umap_bot.errors import GoneError, RefusedError, UnreachableError
from umap_bot.http.failures import LostAnswerError
from umap_bot.model.layer import Collection, Entry, Live, Push, Save
from umap_bot.text import say, say_n
from umap_bot.umap.entry import MissingLayerError, Page, find_layer
from umap_bot.umap.layer import body
from umap_bot.umap.layer.answers import NOT_KNOWN, Answer, TooLargeError, judge, refuse, too_large
from umap_bot.umap.layer.creation import make, new_entry, nothing_yet, refuse_making
from umap_bot.umap.layer.form import fields_of, refuse_unfit
from umap_bot.umap.layer.trail import Trail
from umap_bot.umap.layer.versions import (
    UNLISTED,
    Version,
    is_listed,
    read_content,
    read_versions,
    refuse_blind,
    stored_at,
)
from umap_bot.umap.map import UmapMap
from umap_bot.umap.wire import Reply

_SNAPSHOTS: Final = 5
_SLOW: Final = 10.0
"""Seconds to give a server that broke off an answer to a push: it may still store it (protocol 16, 13)."""
_MERGED: Final = 15.0
"""Seconds after a push by which a merge that began before it has ended (protocol 0, fact 2)."""
_LARGE: Final = 1_000
"""Features from which on a merge takes that long."""


class UmapLayer:
    """A layer of a map, by id or name; without either, the only one. Implements the port LiveLayer.

    `limit` is the size in bytes at which the site refuses a file, if that is known; a refusal tells it.
    `create`: a layer that the page has no name of is read as an empty one, and the first push makes it.
    Once a layer was read it is that one until the next look, whatever others are named like it then.
    Requests: look 1; read 4 the first time with an edit link (link, page, version list, layer), then 3, and
    after a push of a large layer 1 more; push 2 (page, layer); overwritten 1 for each version that is new
    and may be a save that was run over: none if all is well.
    """

    def __init__(
        self, of: UmapMap, layer: str | None = None, *, limit: int | None = None, create: bool = False
    ) -> None:
        self._map = of
        self._wanted = layer
        self._limit = limit
        self._create = create
        self._seen: Entry | None = None
        self._unsure: Live | None = None
        self._sent = False
        self._trail = Trail(self.content)

    def __repr__(self) -> str:
        return f"UmapLayer({self._map!r}, {self._wanted!r})"

    def until(self, end: datetime) -> AbstractContextManager[None]:
        """Begin no pause that would end later than that: what has to wait longer raises UnreachableError."""
        return self._map.wire.patience.until(end)

    def look(self) -> Entry:
        """Return the layer's entry in the page, in one request.

        Before the way in was taken this is a stranger's view: the version is right, `editable` is what a
        stranger may. If strangers are shown nothing, the way in is taken. `read` gives the true `editable`.
        Raise RefusedError, UnreachableError.
        """
        progress.step(say("Reading the map"))
        self._trail.begin()
        self._seen = None
        return self._find(self._map.glance())

    def read(self) -> Live:
        """Return one snapshot of page and layer: the version in the page is that of the file.

        After a push whose answer was lost, a slow server is given its time first. A large layer is read a
        second time after any push, if it has changed since: a merge that began before our push ends seconds
        later, and wipes it (protocol 0, fact 2). Raise RefusedError (also for a file that can't be written
        back without loss), UnreachableError.
        """
        progress.step(say("Reading the layer from uMap"))
        unsure, sent = self._unsure, self._sent
        self._unsure, self._sent = None, False
        live = self._later(unsure, _SLOW) if unsure else self._snapshot(fresh=sent)
        if sent and len(live.standing.features) > _LARGE:
            live = self._later(live, _MERGED)
        return live

    def push(self, wanted: Collection, on: Live) -> None:
        """Send the layer under the lock of `on`; what comes of it is told by the next read.

        Name, rank, group and display are as the page says just before, or uMap would change them; the
        settings are left out, so uMap keeps them. If the page shows a newer version, nothing is sent: uMap
        would merge or refuse. Raise RefusedError if uMap refuses or nothing may be sent, UnreachableError if
        it can't be.
        """
        count = len(wanted.features)
        progress.step(say_n("Saving {count} feature to uMap", "Saving {count} features to uMap", count))
        file = wanted.encode()
        if not body.is_readable(file, count):
            raise RefusedError(
                say(
                    "The layer would be too large for umap-bot to read again: {count} features.", count=count
                ),
                way_out=say("Split the data into several layers."),
            )
        if self._limit is not None and len(file) >= self._limit:
            raise too_large(len(file), self._limit)
        self._seen = None if on.entry.new else on.entry
        for _ in range(2):
            answer = make(self._map, on.entry, file) if on.entry.new else self._post(file, on)
            if answer not in NOT_KNOWN:
                self._note(answer, wanted, on)
                return
            _ = self._map.enter() if answer is Answer.CSRF else self._map.renew()
        raise refuse(answer)

    def overwritten(self, push: Push, live: Live) -> tuple[Save, ...]:
        """Return the saves of others that the push ran over, as `live` shows them: it was read after the
        push.

        Looked at beside it are earlier pushes of this process whose answers were lost: uMap may have stored
        them late. If uMap no longer keeps what was before the push, one save without content says so.
        Raise RefusedError, UnreachableError.
        """
        # The layer is not there yet, or the push made it, or its site keeps no versions.
        if live.entry.new or not is_listed(push.version):
            return ()
        return self._trail.overrun(push, live)

    def content(self, version: Version) -> Collection | None:
        """Return the content of a version, None if uMap no longer keeps it. Raise as read."""
        page = self._map.latest or self._map.page()
        return read_content(self._map.wire, page, self._find(page).layer_id, version)

    def _note(self, answer: Answer | None, wanted: Collection, on: Live) -> None:
        """Remember what a push was answered, for the read after it; None: it was not sent."""
        if answer is None:
            return
        lost = answer is Answer.LOST
        if not on.entry.new:
            push = Push(version=on.version, was=on.standing, ours=wanted, known=on.known)
            self._trail.sent(push, lost=lost)
        self._unsure = on if lost else None
        self._sent = answer is not Answer.CONFLICT

    def _find(self, page: Page) -> Entry:
        """Return the layer that is meant: the one that was read, else the one of the settings."""
        try:
            return find_layer(page, self._seen.layer_id if self._seen else self._wanted)
        except MissingLayerError:
            if self._seen:
                raise _deleted(self._seen.name) from None
            if not self._create or not self._wanted:
                raise
            return new_entry(page, self._wanted, self._map.address.url)

    def _entry(self, *, fresh: bool = True) -> tuple[Page, Entry]:
        """Return page and entry with the way in taken; anew if it was taken long ago and is not good now."""
        was_in = self._map.entered
        page = self._map.page() if fresh else self._map.seen()
        entry = self._find(page)
        if was_in and not entry.editable and self._map.renew():
            page = self._map.page()  # up to 2.9 names in the HTML are not quite as they are (protocol 2)
            entry = self._find(page)
        if entry.new:
            refuse_making(page, entry.name)
        if not entry.editable:
            entry = msgspec.structs.replace(entry, way_on=self._map.way_in.advise(page, entry))
        return page, entry

    def _later(self, live: Live, seconds: float) -> Live:
        """Wait, and read again if the page then shows another version."""
        self._map.wire.patience.wait(seconds)
        entry = self._entry()[1]
        return live if entry.version == live.version else self._snapshot()

    def _snapshot(self, *, fresh: bool = True) -> Live:
        for attempt in range(_SNAPSHOTS):
            if attempt:
                self._map.wire.patience.wait(attempt / 2)
            page, entry = self._entry(fresh=fresh or attempt > 0)
            if entry.new:
                return nothing_yet(entry)
            refuse_blind(entry)
            self._seen = entry
            try:
                live = self._taken(page, entry)
            except body.BodyError as error:
                if not error.passing or attempt == _SNAPSHOTS - 1:
                    raise
            else:
                # A list without the live version is older than the layer.
                if live.version == entry.version and (
                    live.version in live.known or not is_listed(live.version)
                ):
                    return live
        raise UnreachableError(
            say("The layer keeps being saved while umap-bot reads it."), way_out=say("Try again later.")
        )

    def _taken(self, page: Page, entry: Entry) -> Live:
        """Read the layer; what it says for a version need not be that of the page. Raise as read."""
        # The list before the layer: what is stored after it and is not ours, our push may have run over.
        has_list = is_listed(entry.version)
        listed = read_versions(self._map.wire, page, entry.layer_id) if has_list else ()
        view = page.path("datalayer_view", {"pk": entry.layer_id})
        reply = self._shown(self._map.wire.get(view, plain=True, layer=True))
        # Before 2.8 the page has no versions.
        version = entry.version and (reply.headers.get("X-Datalayer-Version") or self._unmoved(entry))
        standing = body.decode(reply.intact())
        return Live(
            entry=entry,
            version=version,
            standing=standing,
            carried=standing,
            known=self._trail.listed(listed),
            times={each.version: stored_at(each) for each in listed if each.at},
            warnings=(UNLISTED,) if version and not has_list else (),
        )

    def _unmoved(self, entry: Entry) -> str:
        """Return the version of a file that came without one, "" if it moved meanwhile.

        Behind nginx the header is there only if the site's administrators kept a line of uMap's
        documentation (protocol 4). The page knows: if it says the same before and after, it was that one.
        """
        after = self._find(self._map.look()).version
        return after if after == entry.version else ""

    def _post(self, file: bytes, on: Live) -> Answer | None:
        """Send the file as an update. None: the page shows another version already, so it was not sent."""
        if self._map.latest is None or self._map.wire.cookie("csrftoken") is None:
            self._map.enter()
        page, entry = self._entry()
        refuse_unfit(entry, on, self._map.way_in)
        if entry.version != on.version:
            return None
        path = page.path("datalayer_update", {"pk": entry.layer_id})
        lock = {"X-Datalayer-Reference": entry.version}
        try:
            reply = self._map.wire.post(path, fields_of(entry), file, lock)
        except LostAnswerError:
            return Answer.LOST
        self._map.wire.pause_as_asked(reply)
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
                say("uMap lists the layer but has lost its data."),
                way_out=say("In uMap, open the layer, then “Versions”, and restore the newest one."),
            )
        if reply.status == HTTPStatus.FORBIDDEN:
            raise RefusedError(
                say("uMap does not show the layer."),
                way_out=say("The map may have been made private. Check its permissions in uMap."),
            )
        raise UnreachableError(
            say("uMap answered HTTP {status} for the layer.", status=reply.status),
            way_out=say("Try again later."),
        )


def _deleted(name: str) -> GoneError:
    return GoneError(
        say("The layer “{name}” is no longer on the map: someone has just deleted it.", name=name),
        way_out=say("Add it again on the map, or create it: umap-bot sync --create-layer"),
    )
