"""Upgrades a database, and is killed before the n-th statement of it, before its commit, or never."""

import os
import signal
import sys
from typing import Any

from sqlalchemy import Connection, Engine, event

from umap_bot.journal.store import Store

url, step = sys.argv[1:]
done = 0


def begins(connection: Connection, *_: Any) -> None:
    global done  # noqa: PLW0603  a script
    if not connection.get_execution_options().get("reading"):
        done += 1
        if step == str(done):
            os.kill(os.getpid(), signal.SIGKILL)


def commits(connection: Connection) -> None:
    if step == "commit" and not connection.get_execution_options().get("reading"):
        os.kill(os.getpid(), signal.SIGKILL)


event.listen(Engine, "before_cursor_execute", begins)
event.listen(Engine, "commit", commits)
with Store(url).read():
    sys.stdout.write(f"{done}\n")
