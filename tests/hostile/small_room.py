"""umap-bot in the room of `confined`, started by `tests.programs` in 20 ms: hundreds of runs take minutes.

A pause is over at once, and a request has two seconds and not a minute: what is seen is that they end.
"""

from __future__ import annotations

import resource
import signal
from functools import partial

from tests.hostile.confined import MEMORY, SECONDS
from umap_bot.cli.main import main
from umap_bot.umap import wire
from umap_bot.wiring import WallClock

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.alarm(SECONDS)
    setattr(wire, "Bounds", partial(wire.Bounds, connect=2.0, read=2.0, push=2.0))  # noqa: B010
    setattr(WallClock, "pause", lambda *_: None)  # noqa: B010
    main()
