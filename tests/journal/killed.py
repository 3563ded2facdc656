"""Lives a whole run, and is killed just before (or just after) its n-th transaction is committed."""

import os
import signal
import sys

from sqlalchemy import Connection, Engine, event

from tests.journal.made import (
    COMMIT,
    CREATE,
    EDIT,
    LAYER,
    StillClock,
    base,
    collection,
    live,
    plan,
    save,
)
from tests.journal.remembering import leased
from umap_bot.journal.journal import SqlJournal
from umap_bot.model.run import Applied

url, number = sys.argv[1], int(sys.argv[2])
left = [number]


def count(connection: Connection) -> None:
    if not connection.get_execution_options().get("reading"):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)


event.listen(Engine, "commit", count)
with leased(SqlJournal(url), LAYER, StillClock()) as memory:
    run = memory.open("sync", COMMIT)
    run = memory.intend(run, plan(CREATE, drift=(EDIT,)), live("v1", "a"), collection("b"))
    memory.lost(save("x1"))
    memory.applied(Applied(run.number, (CREATE,), base("half")))
    memory.close(run.end(plan()), base("whole"), "stamp", None)
sys.stdout.write(f"{left[0]}\n")
