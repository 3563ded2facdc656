"""Ends a run, and is killed just before, or just after, the statement that lets old runs go."""

import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from tests.journal.made import COMMIT, LAYER, StillClock, base, plan
from umap_bot.journal.journal import SqlJournal

url, when = sys.argv[1:]


def kill(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if statement.startswith("DELETE FROM bot_run"):
        os.kill(os.getpid(), signal.SIGKILL)


event.listen(Engine, f"{when}_cursor_execute", kill)
with SqlJournal(url, keep=1).lease(LAYER, StillClock()) as session:
    session.close(session.open("sync", COMMIT).end(plan()), base("new"), "new", None)
