"""The command `serve` whose schedule comes due every so many milliseconds, and whose pauses are short.

A crontab's least is a minute. All else is the program's own.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot import service
from bot.cli import serve
from bot.cli.main import run


@dataclass(frozen=True)
class Every:
    pause: timedelta

    def next_after(self, moment: datetime) -> datetime:
        return moment + self.pause


def main(milliseconds: str, *words: str) -> int:
    every = Every(timedelta(milliseconds=int(milliseconds)))
    quick: Any = serve
    quick._schedule = lambda _: every
    quick.Service = partial(service.Service, jitter=0)
    slow: Any = service
    slow.FIRST_PAUSE, slow.LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=4)
    return run(["serve", *words])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
