"""The service where several share a database: what is due is claimed, map by map, by whoever is free.

What `service` keeps in its memory is in the state here: when each layer is due, also after trouble that may
pass. A service that dies leaves a claim that ends as a lease does; another one then has the map.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import uniform
from threading import Event, Lock
from typing import Final

from umap_bot.errors import BotError, LayerBusy, StateError
from umap_bot.journal.turns import Claim, Place, Turn, Turns
from umap_bot.model.run import Run
from umap_bot.redaction import redact
from umap_bot.report.formats.terminal import one_line
from umap_bot.report.language import Language
from umap_bot.schedule.schedule import Schedule
from umap_bot.schedule.ticks import Ticks
from umap_bot.service import JITTER, PASSING, WORKERS, Pass, clock_set_back, ended_of, line, pause

log = logging.getLogger(__name__)

LOOK: Final = 15.0
"""Seconds, about, between two looks at what is due."""

BUSY: Final = timedelta(minutes=1)
"""How long a layer is left alone that another run has: of a service that died, its lease may outlast it."""


class SharedService:
    """Serves layers until `stop`, beside others. `schedules` goes from a layer's name to its schedule.

    `places` are the maps of these layers. In each service, one pass at a time is on a site.
    """

    def __init__(
        self,
        schedules: Mapping[str, Schedule],
        make_pass: Pass,
        tongue: Language,
        turns: Turns,
        places: Sequence[Place],
        *,
        jitter: float = JITTER,
    ) -> None:
        self._schedules = schedules
        self._make_pass = make_pass
        self._tongue = tongue
        self._turns = turns
        self._places = places
        self._jitter = jitter
        self._stopped = Event()
        self._claiming = Lock()
        self._enlisted = False
        self._planned = False
        self._ticks = Ticks(_now())
        self._sites: set[str] = set()

    def run(self) -> None:
        """Serve what is due, and what comes to be. Comes back when it was stopped, and the runs under way
        have ended."""
        with ThreadPoolExecutor(WORKERS) as workers:
            for _ in range(WORKERS):
                workers.submit(self._work)

    def stop(self) -> None:
        """Begin no run any more, and let those under way end. May be called before `run`, and twice."""
        self._stopped.set()

    def _work(self) -> None:
        while not self._stopped.is_set():
            try:
                found = self._serve_next()
            except BotError as error:
                log.error("%s", one_line(redact(self._tongue.say(error.text))))  # noqa: TRY400  it is foreseen
                found = False
            except Exception:  # its trace is logged, and the map is claimed again when its claim has ended
                log.exception("A pass broke off")
                found = False
            if not found:
                self._stopped.wait(LOOK * uniform(0.5, 1.5))  # noqa: S311  not all at the same moment

    def _serve_next(self) -> bool:
        """Serve one map, if one is due. Raise StateError."""
        claim = self._claim()
        if claim is None:
            return False
        try:
            self._serve(claim)
        finally:
            with self._claiming:
                self._sites.discard(claim.site)
        return True

    def _claim(self) -> Claim | None:
        with self._claiming:
            if self._stopped.is_set():
                return None
            now = _now()
            if before := self._ticks.set_back(now):
                log.warning("%s", self._tongue.say(clock_set_back(before, now)))
                self._planned = False
            if not self._enlisted:
                self._turns.enlist(self._places, now)
                self._enlisted = True
            if not self._planned:
                self._turns.no_later_than({name: self._due(name, now) for name in self._schedules}, now)
                self._planned = True
            claim = self._turns.claim(now, self._sites)
            if claim is not None:
                self._sites.add(claim.site)
            return claim

    def _serve(self, claim: Claim) -> None:
        def stopped() -> bool:
            return self._stopped.is_set() or not self._is_ours(claim)

        ended = ended_of(self._make_pass, claim.layers, stopped)
        for layer, end in ended:
            line(layer, end, self._tongue)
        self._turns.end(claim, {layer: self._turn(claim, layer, end) for layer, end in ended})

    def _due(self, layer: str, now: datetime) -> datetime:
        return self._schedules[layer].next_after(now)

    def _is_ours(self, claim: Claim) -> bool:
        """Prolong the claim before each run; if the state can't be asked, the run itself finds that out."""
        try:
            return self._turns.renew(claim, _now())
        except StateError:
            return True

    def _turn(self, claim: Claim, layer: str, end: Run | BotError) -> Turn:
        now = _now()
        due = self._due(layer, now)
        due += timedelta(seconds=self._jitter * _fraction(f"{claim.map} {due.isoformat()}"))
        failures = claim.failures[layer] + 1 if end.code in PASSING else 0
        if isinstance(end, LayerBusy):
            due = min(due, now + BUSY)
        elif failures:
            due = min(due, now + pause(failures))
        return Turn(due, end.code, failures)


def _fraction(text: str) -> float:
    """Return a number from 0 to 1 that is the same for the same text: layers of a map stay together."""
    return int.from_bytes(sha256(text.encode()).digest()[:4], "big") / 2**32


def _now() -> datetime:
    return datetime.now(UTC)
