"""The front of the room: a pass begins, a pass ends, and whoever wants to hear of it does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from msgspec.structs import replace

from umap_bot.errors import BotError, SessionEnded
from umap_bot.model.run import Run
from umap_bot.model.session import Session
from umap_bot.notify.decision import HEARTBEATS, End, Verdict, decide
from umap_bot.notify.envelopes import Item, News, envelopes, news_of
from umap_bot.notify.memory import Memory, Recollection, Told
from umap_bot.notify.message import Message, Place, letter
from umap_bot.notify.ping import Ping
from umap_bot.notify.post import Post
from umap_bot.notify.wording import in_short
from umap_bot.redaction import redact_data
from umap_bot.report.formats.terminal import one_line
from umap_bot.report.language import Language
from umap_bot.report.story.acts import USUAL, Commands
from umap_bot.report.story.session import LOGIN, deadline, how_to
from umap_bot.sessions import due
from umap_bot.text import joined, say

_log = logging.getLogger(__name__)

Ended: TypeAlias = tuple[str, End]
"""A layer's name in the state, and how its run ended."""

Hide: TypeAlias = Callable[[str, End], End]

Sessions: TypeAlias = Callable[[], Mapping[str, Session]]
"""Gives the sessions whose end is to be told of, by the layers' names in the state. Raises StateError."""


class Announcer:
    """Tells people and watchers of a pass. Nothing that goes wrong outside fails it: that is logged.

    `urls` are NOTIFY_URLS, `ping_url` NOTIFY_PING_URL, `plain` SECRETS_OVER_HTTP, `heartbeat`
    NOTIFY_HEARTBEAT; `site` is the address of the report site, `desk` that of the desk, "" if there is none;
    `now` gives the time, aware; `hide` takes out of what came of a layer what is not to be shown; `command`
    makes a sync of these layers, `commands` are what people type about each, `login` takes a new session;
    `sessions` gives those that end soon, or have ended. Raise SettingsError if one of them can't be used; no
    address is quoted.
    """

    def __init__(
        self,
        memory: Memory,
        now: Callable[[], datetime],
        tongue: Language,
        *,
        urls: str | Post = "",
        ping_url: str | Ping = "",
        plain: Collection[str] = (),
        heartbeat: str = "never",
        site: str = "",
        desk: str = "",
        hide: Hide = lambda _, end: end,
        command: str = USUAL.sync,
        commands: Mapping[str, Commands] | None = None,
        login: str = LOGIN,
        sessions: Sessions = dict,
    ) -> None:
        self._memory = Recollection(memory)
        self._now = now
        self._tongue = tongue
        self._heartbeat = HEARTBEATS[heartbeat]
        self._place = Place("", site.rstrip("/"), Commands(sync=command), desk=desk)
        self._commands = commands or {}
        self._hide = hide
        self._login = login
        self._sessions = sessions
        self._post = Post(urls, plain=plain) if isinstance(urls, str) else urls
        self._ping = Ping(ping_url, plain=plain) if isinstance(ping_url, str) else ping_url

    def begin(self) -> None:
        """Say that a pass begins."""
        self._ping.start()

    def end(self, ended: Sequence[Ended], code: int) -> None:
        """Tell how the run of each layer ended. `code` is the exit code of the pass."""
        if not self._post and not self._ping:
            return
        shown = [(layer, self._hide(layer, _whole(end))) for layer, end in ended]
        now, place = self._now(), replace(self._place, alone=len({layer for layer, _ in shown}) == 1)
        self._post.open()
        troubled: dict[str, bool] = {}
        for wave in _waves(shown):
            troubled |= self._tell(wave, now, place)
        self._remind(ended, now)
        self._ping.end(code, self._words(shown, code), troubled=any(troubled.values()))

    def _tell(self, ended: Mapping[str, End], now: datetime, place: Place) -> dict[str, bool]:
        """Send what there is to tell, and remember it. Return which layers are in trouble."""
        before = {layer: self._memory.told(layer) for layer in ended}
        verdicts = {layer: decide(end, now, before[layer], self._heartbeat) for layer, end in ended.items()}
        news = {
            layer: self._news(end, verdicts[layer], self._at(layer, place), before[layer])
            for layer, end in ended.items()
        }
        arrived = self._send(ended, list(news.values()))
        for layer, each in news.items():
            remembered = each.remembered(arrived, now)
            if remembered != before[layer]:
                self._memory.tell(layer, remembered)
        return {layer: verdict.troubled for layer, verdict in verdicts.items()}

    def _at(self, layer: str, place: Place) -> Place:
        return replace(place, layer=layer, commands=self._commands.get(layer, place.commands))

    def _news(self, end: End, verdict: Verdict, place: Place, told: Told | None) -> News:
        if not self._post:  # there is nobody to tell
            return News(verdict.untold, verdict.untold)
        return news_of(end, verdict, place, told)

    def _send(self, ended: Mapping[str, End], news: Sequence[News]) -> list[Item]:
        """Return what arrived."""
        ends = ended.values()
        held = [end.plan for end in ends if isinstance(end, Run) and end.plan and end.plan.verdict.asks]
        return [
            item
            for envelope in envelopes(news, self._place, held)
            if self._deliver(envelope.message)
            for item in envelope.items
        ]

    def _remind(self, ended: Sequence[Ended], now: datetime) -> None:
        """Tell of sessions that end. Of one that was just refused the layers' own messages tell."""
        if not self._post:
            return
        try:
            found = self._sessions()
        except BotError as error:
            _log.warning("When the session ends can't be told: %s", error)
            return
        ends = {session.place: session for session in found.values()}
        for layer, end in ended:
            if layer in found and isinstance(end, SessionEnded):
                ends.pop(found[layer].place, None)
        for session in ends.values():
            self._remind_of(session, now)

    def _remind_of(self, session: Session, now: datetime) -> None:
        name = f"session: {session.place}"
        told = self._memory.told(name)
        reminded = due(session, now, told.session if told else None)
        if reminded is None:
            return
        place = replace(self._place, layer=session.place)
        message = Message(place.subject(deadline(session, now)), (how_to(self._login),))
        if self._deliver(message):
            self._memory.tell(name, Told(sent=now, session=reminded))

    def _deliver(self, message: Message) -> bool:
        """Tell whether a message arrived somewhere."""
        return self._post.send(letter(message, self._tongue), letter(message, self._tongue, chat=True))

    def _words(self, ended: Sequence[Ended], code: int) -> str:
        """Return a line a layer."""
        lines = [
            say("Exit code {code}", code=code),
            *(joined((layer, in_short(end)), ": ") for layer, end in ended),
        ]
        return "\n".join(one_line(redact_data(self._tongue.say(line))) for line in lines)


def _waves(ended: Sequence[Ended]) -> list[dict[str, End]]:
    """Return first runs and, of layers that ran more than once, the next ones: each is told after the
    other."""
    waves: list[dict[str, End]] = []
    for layer, end in ended:
        wave = next((wave for wave in waves if layer not in wave), None)
        if wave is None:
            waves.append({layer: end})
        else:
            wave[layer] = end
    return waves


def _whole(end: End) -> End:
    """Return a run with what it found to stand of earlier ones: nobody has heard of that yet."""
    return replace(end, applied=(*end.recovered, *end.applied)) if isinstance(end, Run) else end
