"""What people did at the desk, and who it was."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, select

from umap_bot.journal import texts
from umap_bot.journal.rows import moment, time_text
from umap_bot.journal.schema import deed as table
from umap_bot.journal.store import Store
from umap_bot.model.access import Deed
from umap_bot.redaction import redact_data

SHOWN: Final = 20


class Deeds:
    """Every method is one transaction, and raises StateError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, deed: Deed) -> None:
        values = {
            "at": time_text(deed.at),
            "by": texts.plain(deed.by),
            "said": texts.write(deed.said, redact_data),
            "layer": deed.layer,
            "run": deed.run,
        }
        with self._store.write() as connection:
            connection.execute(table.insert().values(values))

    def newest(self, layer: str, limit: int = SHOWN) -> tuple[Deed, ...]:
        """Return what was done last about a layer, newest first."""
        query = select(table).where(table.c.layer == layer).order_by(table.c.id.desc()).limit(limit)
        with self._store.read() as connection:
            return tuple(map(_deed, connection.execute(query)))

    def of_run(self, number: int) -> tuple[Deed, ...]:
        """Return what was done about a run, oldest first."""
        query = select(table).where(table.c.run == number).order_by(table.c.id)
        with self._store.read() as connection:
            return tuple(map(_deed, connection.execute(query)))


def _deed(row: Row[Any]) -> Deed:
    return Deed(at=moment(row.at), by=row.by, said=texts.read(row.said), layer=row.layer, run=row.run)
