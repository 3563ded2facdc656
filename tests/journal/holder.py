"""Takes a layer and keeps it until it is killed, or until its standard input ends."""

import sys

from tests.journal.made import LAYER, StillClock
from umap_bot.journal.journal import SqlJournal

with SqlJournal(sys.argv[1]).lease(LAYER, StillClock()):
    sys.stdout.write("taken\n")
    sys.stdout.flush()
    sys.stdin.read()
