"""The state in no more room than it needs: what databases keep of deleted rows goes back to the system."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from umap_bot.errors import StateError
from umap_bot.journal import leases, retention
from umap_bot.journal.retention import Keep
from umap_bot.journal.schema import run
from umap_bot.journal.store import Store
from umap_bot.text import say


class Compacted(NamedTuple):
    """How many runs went, and the state's size before and after, in octets."""

    runs: int
    before: int
    after: int


def compact(store: Store, layers: Iterable[str], keep: Keep, now: datetime) -> Compacted:
    """Let runs of these layers go that are beyond what is kept, and make the database smaller.

    Raise LayerBusy while a run has any layer, StateError if there is no state or another program uses it.
    """
    if not store.is_there():
        raise StateError(
            say("There is no state at {place}, so there is nothing to compact.", place=store.place),
            way_out=say("Check STATE_URL."),
        )
    before = store.size()
    with store.write() as connection:
        leases.refuse_held(connection, now)
        runs = _count(connection)
        for layer in layers:
            retention.prune(connection, layer, keep)
        gone = runs - _count(connection)
    store.shrink()
    return Compacted(gone, before, store.size())


def _count(connection: Connection) -> int:
    count: int = connection.execute(select(func.count()).select_from(run)).scalar_one()
    return count
