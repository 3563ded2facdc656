"""The command `serve` on a schedule of milliseconds, a pass for each map, with a tenth of each pause.

A crontab's least is a minute. All else is the program's own.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from typing import Any

from umap_bot import service, sharing
from umap_bot.cli.commands import serve
from umap_bot.cli.main import run
from umap_bot.settings import Settings
from umap_bot.wiring import WallClock


@dataclass(frozen=True)
class Every:
    pause: timedelta

    def next_after(self, moment: datetime) -> datetime:
        return moment + self.pause


def of_map(settings: Settings, milliseconds: int) -> Every:
    """Layers of one map are one pass: the number in its address makes the maps' schedules differ."""
    number = int(re.findall(r"[0-9]+", settings.umap_map_url)[-1])
    return Every(timedelta(milliseconds=milliseconds, microseconds=number))


def hurry() -> None:
    clock: Any = WallClock
    clock.pause = lambda _, seconds: Event().wait(seconds / 10)
    slow: Any = service
    slow.FIRST_PAUSE, slow.LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=4)
    looking: Any = sharing
    looking.LOOK, looking.BUSY = 0.1, timedelta(milliseconds=100)


def main(milliseconds: str, *words: str) -> int:
    hurry()
    quick: Any = serve
    quick._schedule = lambda settings, _name: of_map(settings, int(milliseconds))
    quick.Service = partial(service.Service, jitter=0)
    quick.SharedService = partial(sharing.SharedService, jitter=0)
    return run(["serve", *words])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
