"""What `check` looks at, one thing after the other; what fails says how to mend it and stops nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec

from umap_bot.dataset.findings import excerpt
from umap_bot.dataset.made_keys import counted_keys
from umap_bot.dataset.sources.feed import Feed
from umap_bot.errors import BotError
from umap_bot.model.canon import canonical
from umap_bot.model.hidden import Hidden
from umap_bot.model.layer import Commit, Entry, Layer, Live
from umap_bot.model.release import beyond_tried
from umap_bot.reconcile.columns import refuse_unnamed
from umap_bot.reconcile.guard.refusals import unversioned
from umap_bot.reconcile.guard.usage import used_by
from umap_bot.reconcile.lost.likeness import keyed
from umap_bot.reconcile.news import is_remade
from umap_bot.reconcile.slices import decode
from umap_bot.report.hide import without_columns, words_without
from umap_bot.report.language import Language
from umap_bot.report.popup import shown_nowhere
from umap_bot.report.story.notes import newer, remade
from umap_bot.report.story.session import reminder, until
from umap_bot.report.story.words import assumed, features, moment, rows, with_coordinates
from umap_bot.settings import readable_by_others
from umap_bot.text import Text, joined, say, say_n, verbatim
from umap_bot.umap.layer.shown import shown_by
from umap_bot.umap.map import Access
from umap_bot.umap.page import settings_of_json
from umap_bot.umap.ways.access import Everyone
from umap_bot.umap.ways.advice import live_sync, risks, way_in
from umap_bot.umap.ways.session import SessionCookie
from umap_bot.wiring import Wired, sessions_of


class Finding(msgspec.Struct, frozen=True):
    """One line: what was looked at, what was found. `code` is the exit code of a failure, 0 of a success."""

    what: str
    text: Text
    way_out: Text = Text("")
    code: int = 0
    notes: tuple[Text, ...] = ()


def check(wired: Wired, env_file: Path) -> Iterator[Finding]:
    """Look at settings, repository, file, map, layer, right to edit and state, in this order."""
    yield _settings(env_file)
    yield from _Check(wired).findings()


def check_messages(wired: Wired, tongue: Language) -> Iterator[Finding]:
    """Send one trial message and one ping, as far as the settings name somebody, and tell what came back."""
    settings = wired.settings
    urls, ping_url = settings.notify_urls, settings.notify_ping_url
    if not urls and not ping_url:
        way_out = say("Set NOTIFY_URLS, for messages, or NOTIFY_PING_URL.")
        yield Finding("message", say("nobody is told: no setting names an address"), way_out, 10)
        return
    from umap_bot.notify.trial import try_out  # noqa: PLC0415  slow to import: only who asks for it waits

    try:
        for each in try_out(
            wired.work.job.layer,
            tongue,
            urls=urls.get_secret_value() if urls else "",
            ping_url=ping_url.get_secret_value() if ping_url else "",
            plain=settings.secrets_over_http,
        ):
            yield Finding(each.what, each.said, code=0 if each.arrived else 14)
    except BotError as error:
        yield Finding("message", error.message, error.way_out, error.code)


def _settings(env_file: Path) -> Finding:
    if not env_file.is_file():
        return Finding("settings", say("from the environment"))
    warning = say(
        "Other users of this machine can read {file} and the secrets in it. To prevent that: chmod 600 "
        "{file}",
        file=str(env_file),
    )
    notes = (warning,) if readable_by_others(env_file) else ()
    return Finding("settings", verbatim(str(env_file)), notes=notes)


def _tried(what: str, look: Callable[[], Finding], columns: Hidden) -> Finding:
    """Return what a look found, or its error, without the values of hidden columns."""
    try:
        found = look()
    except BotError as error:
        told = without_columns(error, columns)
        return Finding(what, told.message, told.way_out, told.code)
    notes = tuple(words_without(note, columns) for note in found.notes)
    return msgspec.structs.replace(found, notes=notes)


class _Check:
    """The checks of one layer. What one of them read is kept for those after it; None if it failed."""

    def __init__(self, wired: Wired) -> None:
        self._wired = wired
        self._head: Commit | None = None
        self._desired: Layer | None = None
        self._live: Live | None = None

    def findings(self) -> Iterator[Finding]:
        columns = self._wired.settings.hidden_columns
        if self._wired.feed:
            yield _tried("source", partial(self._source, self._wired.feed), columns)
        yield _tried("repository", self._repository, columns)
        if self._head:
            yield _tried("file", partial(self._file, self._head), columns)
        yield _tried("map", self._map, columns)
        yield _tried("layer", self._layer, columns)
        yield from self._unnamed()
        if self._wired.settings.umap_session_cookie:
            yield _tried("session", self._session, columns)
        yield _tried("state", self._state, columns)

    def _source(self, feed: Feed) -> Finding:
        taken = feed.taken()
        if taken.error:
            raise taken.error
        known = taken.state.changed
        text = (
            say("{source}, with new data; the next sync fetches it", source=feed.name)
            if taken.outcome == "new"
            else say("{source}, nothing new since {time}", source=feed.name, time=moment(known))
        )
        return Finding("source", text)

    def _repository(self) -> Finding:
        head = self._wired.work.dataset.head()
        self._head = head
        text = say(
            "{repository}, newest version {version}",
            repository=self._wired.settings.dataset_repo or self._wired.repository.url,
            version=head.short,
        )
        return Finding("repository", text)

    def _file(self, head: Commit) -> Finding:
        commit, layer = self._wired.work.dataset.read(head)
        self._desired = layer
        places = (
            with_coordinates(layer)
            if layer.places
            else say("no coordinates: it can change features but not add any")
        )
        text = say(
            "{file}, {by}: {rows}, {places}, columns {columns:, }",
            file=layer.file,
            by=joined((commit.author, moment(commit.date)), ", "),
            rows=rows(len(layer.rows)),
            places=places,
            columns=layer.columns,
        )
        notes = (*layer.bad_rows.told, *assumed(layer), *layer.warnings, *counted_keys(layer))
        return Finding("file", text, notes=notes)

    def _map(self) -> Finding:
        access = self._wired.map.access()
        name = access.layers[0].map_name if access.layers else self._wired.map.address.url
        text = self._entered(access, name)
        tried = beyond_tried(access.release)
        notes = [newer(access.release, tried)] if tried else []
        notes += live_sync(self._wired.map.latest or self._wired.map.page())
        return Finding(
            "map",
            text,
            notes=(*notes, *risks(self._wired.map.way_in, self._wired.map.page()), *self._exposed()),
        )

    def _entered(self, access: Access, name: str) -> Text:
        """Name the map, with the way in if there is one: whether a layer needs one is told with the layer."""
        if isinstance(self._wired.map.way_in, Everyone):
            return say("{map}, uMap {release}", map=name, release=access.release)
        of_session = isinstance(self._wired.map.way_in, SessionCookie)
        way = say("{way} of “{name}”", way=access.kind, name=access.user) if of_session else access.kind
        return say("{map}, uMap {release}, sign-in method: {way}", map=name, release=access.release, way=way)

    def _exposed(self) -> tuple[Text, ...]:
        if not self._wired.map.wire.exposed:
            return ()
        warning = say(
            "The map's address starts with http, but the site sets cookies for https only. The bot sends "
            "them unencrypted, so others on the network can read them. If the site has an https address, "
            "use it."
        )
        return (warning,)

    def _layer(self) -> Finding:
        live = self._wired.work.layer.read()
        self._live = live
        entry = live.entry
        text = say('"{layer}", {features}', layer=entry.name, features=features(len(live.standing.features)))
        if entry.remote:
            return self._remote(entry, text)
        if entry.group:
            of_group = say("{layer}; this is a group of layers", layer=text)
            return Finding("layer", of_group, say("Set UMAP_LAYER to a layer of the group."), 13)
        if old := unversioned(live):
            return Finding("layer", joined((text, old.message), ". "), old.way_out, old.code)
        if not entry.editable:
            locked = say("{layer}; can be read but not edited", layer=text)
            return Finding("layer", locked, self._way_on(entry), 13)
        if isinstance(self._wired.map.way_in, Everyone):
            may = say("{layer}; anyone can edit it, so no secret is needed", layer=text)
        else:
            may = say("{layer}; can be edited", layer=text)
        notes = (*live.warnings, *self._remade(entry), *self._still_there(live), *self._unseen(entry))
        return Finding("layer", may, notes=notes)

    def _remote(self, entry: Entry, text: Text) -> Finding:
        """Tell of a layer whose features are another map's: which one's, if it is on the same uMap."""
        shown = shown_by(self._wired.map, entry)
        if shown:
            way_out = say("Set UMAP_MAP_URL to that map: {address}", address=shown.map_url)
            return Finding("layer", joined((text, shown.sentence), "; "), way_out, 13)
        remote = say(
            "{layer}; shows remote data ({address}), which can't be edited",
            layer=text,
            address=entry.remote or "",
        )
        return Finding("layer", remote, code=13)

    def _way_on(self, entry: Entry) -> Text:
        """Return what to do about a layer that may not be edited, by the page's state."""
        page = self._wired.map.latest or self._wired.map.page()
        way = way_in(entry, page)
        if way.kind == "owner" and isinstance(self._wired.map.way_in, Everyone):
            return joined((way.why, way.way_out))
        return self._wired.map.way_in.advise(page, entry)

    def _remade(self, entry: Entry) -> tuple[Text, ...]:
        seen = self._wired.journal.reader.seen(self._wired.work.job.layer)
        return (remade(entry.name),) if seen and is_remade(entry, seen) else ()

    def _still_there(self, live: Live) -> tuple[Text, ...]:
        """Tell which columns that are kept off the map stand there all the same, whoever put them there."""
        unpublished = self._desired.unpublished if self._desired else frozenset()
        held = Counter(
            name
            for raw in (live.standing.features if unpublished else ())
            for name, value in decode(raw).properties.items()
            if name in unpublished and canonical(value) is not None
        )
        if not held:
            return ()
        columns = tuple(
            say("{column} ({features})", column=excerpt(name), features=features(held[name]))
            for name in sorted(held)
        )
        return (
            say(
                "Still on the map, although DATASET_COLUMNS or DATASET_LEAVE_OUT excludes them: {columns:, "
                "}. A sync removes what umap-bot published. Remove the rest in uMap.",
                columns=columns,
            ),
        )

    def _unseen(self, entry: Entry) -> tuple[Text, ...]:
        """Tell how many of the file's columns no popup shows: after the first sync it looks as before."""
        of_map = settings_of_json(self._wired.map.wire.get(self._wired.map.address.settings).body)
        unseen = shown_nowhere(self._desired, entry.settings, of_map) if self._desired else ()
        # What a colour, a filter or the order is made of is seen, too.
        count = sum(not any(used_by(entry, column)) for column in unseen)
        if not count:
            return ()
        return (
            say_n(
                "{count} column is not shown anywhere on the map. To print a popup template that shows it: "
                "umap-bot template",
                "{count} columns are not shown anywhere on the map. To print a popup template that shows "
                "them: umap-bot template",
                count,
            ),
        )

    def _session(self) -> Finding:
        now = self._wired.clock.now()
        session = sessions_of([self._wired]).found()[self._wired.work.job.layer]
        notes = (reminder(session, now),) if session.is_near(now) else ()
        return Finding("session", until(session), notes=notes)

    def _unnamed(self) -> Iterator[Finding]:
        """Tell of a name in REPORT_HIDE that nothing has: a run would end there. It takes file and map to
        know."""
        if self._wired.work.job.alone and self._desired and self._live:
            try:
                refuse_unnamed(self._desired, self._live)
            except BotError as error:
                yield Finding("file", error.message, error.way_out, error.code)

    def _state(self) -> Finding:
        layer = self._wired.work.job.layer
        state = self._wired.journal.load(layer, self._wired.clock, changes=False)
        last = next(iter(state.history), None)
        said = say("this layer has not been synced yet")
        if last and last.ended:
            said = say("last change {time}", time=last.ended)
        elif self._live and self._desired and keyed(self._live, self._desired.key) and state.base is None:
            said = say("new: this layer has no runs yet, but the map has features with ids")
        return Finding("state", joined((self._wired.journal.place, said), "; "))
