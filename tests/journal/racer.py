"""Takes a layer again and again, against others, and tells from when to when it had it."""

import json
import os
import sys
from time import monotonic_ns

from tests.journal.made import COMMIT, LAYER, StillClock, base, plan
from umap_bot.errors import LayerBusy
from umap_bot.journal.journal import SqlJournal

journal, clock = SqlJournal(sys.argv[1]), StillClock()
held: list[tuple[int, int]] = []
while len(held) < int(sys.argv[2]):
    try:
        with journal.lease(LAYER, clock) as session:
            begin = monotonic_ns()
            session.close(session.open("sync", COMMIT).end(plan()), base("1"), "s", None)
            held.append((begin, monotonic_ns()))
    except LayerBusy:
        os.sched_yield()
sys.stdout.write(json.dumps(held))
