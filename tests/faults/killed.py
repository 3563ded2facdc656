"""Lives one sync on the real uMap, and is killed by kill -9 just before the n-th call of a port.

Prints how many calls there were if it lives to the end.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from tests.faults.scene import AGENT, NAME, Bot, Table
from umap_bot.model.state import LayerState
from umap_bot.run.run import run_once
from umap_bot.umap.layer.layer import UmapLayer
from umap_bot.umap.map import open_map


class Mortal:
    """A port whose calls count; what asks nothing of anybody is given as it is."""

    left = 0

    def __init__(self, port: Any) -> None:
        self._port = port

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return self._counted(found) if callable(found) and name != "until" else found

    def _counted(self, call: Any) -> Any:
        def counted(*arguments: Any, **named: Any) -> Any:
            Mortal.left -= 1
            if Mortal.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **named)

        return counted


class MortalJournal:
    """The port Journal: its lease gives a session whose calls count."""

    def __init__(self, bot: Bot) -> None:
        self._journal = bot.journal

    @contextmanager
    def lease(self, layer: str, clock: Any) -> Iterator[Any]:
        with self._journal.lease(layer, clock) as session:
            yield Mortal(session)

    def load(self, layer: str, clock: Any, *, changes: bool = True) -> LayerState:
        return self._journal.load(layer, clock, changes=changes)

    def unforeseen(self, error: Exception) -> NoReturn:
        raise error


def main(url: str, edit_link: str, state: str, states: str, at: str) -> None:
    Mortal.left = int(at)
    bot = Bot(url, edit_link, Table(*json.loads(states)), Path(state))
    opened = open_map(url, edit_link=edit_link, agent=AGENT, pause=bot.clock.pause, now=bot.clock.now)
    layer: Any = Mortal(UmapLayer(opened, NAME))
    table: Any = Mortal(bot.table)
    run_once(bot.job, table, layer, MortalJournal(bot), bot.clock)
    sys.stdout.write(f"{int(at) - Mortal.left}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
