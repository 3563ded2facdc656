"""umap-bot as it is started at a terminal: Ctrl-C reaches it, whoever runs the tests may ignore it."""

from __future__ import annotations

import signal
import sys

from umap_bot.cli.main import run

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(run(sys.argv[1:]))
