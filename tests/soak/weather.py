"""Bad weather between service and uMap: one request in ten meets a fault, until the trouble ends."""

from __future__ import annotations

import re
from collections import Counter
from random import Random
from typing import Final

from tests.faults.faults import (
    cut,
    drop_after,
    drop_before,
    empty,
    reset_after,
    reset_before,
    says,
    truncate,
    twice,
)
from tests.faults.proxy import Answer, Exchange, Fault, Proxy, Request

ANY: Final[tuple[Fault, ...]] = (
    drop_before,
    drop_after,
    reset_before,
    reset_after,
    truncate,
    cut,
    empty,
    says(500),
    says(502),
    says(503, b"", ("Retry-After", "1")),
    says(502, stored=True),
)
OF_PUSHES: Final = (*ANY, twice)
LAYER: Final = re.compile(r"/datalayer/update/([-\w]+)/")


class Weather(Proxy):
    """A proxy with chance. It keeps counts, and no request: it runs for long.

    `pushes_of` counts the pushes that reached uMap, by the layer's id; `faults` what was done to how many.
    """

    def begin(self, random: Random, share: float) -> None:
        self.random, self.share = random, share
        self.count, self.faults, self.pushes_of = 0, Counter[str](), Counter[str]()

    def forward(self, request: Request) -> Answer:
        answer = super().forward(request)
        found = LAYER.search(request.path)
        if found and answer.status == 200:
            with self._mutex:
                self.pushes_of[found[1]] += 1
        return answer

    def _answer(self, exchange: Exchange) -> None:
        kind = exchange.request.kind
        with self._mutex:
            self.count += 1
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            fault = self._chosen(kind)
        if fault is not None:
            fault(exchange)
        else:
            exchange.give(exchange.forward())

    def _chosen(self, kind: str) -> Fault | None:
        if self.random.random() >= self.share:
            return None
        self.faults[kind] += 1
        return self.random.choice(OF_PUSHES if kind == "push" else ANY)
