"""Claims a map, and keeps it until it is killed, or until its standard input ends."""

import sys

from tests.journal.made import NOON
from umap_bot.journal.store import Store
from umap_bot.journal.turns import Turns

claim = Turns(Store(sys.argv[1]), sys.argv[2]).claim(NOON)
assert claim is not None
sys.stdout.write(f"{claim.map}\n")
sys.stdout.flush()
sys.stdin.read()
