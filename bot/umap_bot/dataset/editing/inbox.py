"""The table of what visitors sent: who keeps the map marks there what is accepted."""

from __future__ import annotations

from typing import Final

import msgspec

from umap_bot.dataset.editing.file import table_of
from umap_bot.dataset.naming import words
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.table import nearest
from umap_bot.dataset.writing.cells import cell_text
from umap_bot.errors import UsageError
from umap_bot.text import say

_COLUMNS: Final = {
    "id": ("id", "identifiant"),
    "column": ("column", "field", "colonne", "champ"),
    "value": ("value", "valeur"),
    "seen": ("seen", "vu"),
    "status": ("status", "statut", "etat"),
}
"""What columns are called; all others, such as a contact, are not looked at."""
_ACCEPTED: Final = frozenset({"accepted", "accepte", "acceptee", "ok", "oui", "yes"})


class Received(msgspec.Struct, frozen=True):
    """One accepted row: its number, and the correction that it is (`correction`)."""

    row: int
    key: str
    pair: str
    seen: str


def received(data: bytes, file: str) -> tuple[Received, ...]:
    """Return the accepted rows of a table, in its order. Raise DatasetError for a file that can't be read,
    UsageError if a column is missing."""
    table = table_of(data, Recipe(path=file))
    own = {name: found for found in table.columns if (name := _meaning(found))}
    missing = next((name for name in _COLUMNS if name not in own and name != "seen"), None)
    if missing:
        raise UsageError(
            say(
                "{file} has no column {column}; {hint}",
                file=file,
                column=missing,
                hint=nearest(missing, table.columns),
            ),
            way_out=say("It needs the columns id, column, value and status."),
        )
    found = []
    for record in table.records:
        cells = {name: cell_text(record.cells.get(column)).strip() for name, column in own.items()}
        if "".join(words(cells["status"])) in _ACCEPTED:
            seen = f"{cells['column']}={cells['seen']}" if cells.get("seen") else ""
            pair = f"{cells['column']}={cells['value']}"
            found.append(Received(record.number, cells["id"], pair, seen))
    return tuple(found)


def _meaning(column: str) -> str:
    name = "".join(words(column))
    return next((meaning for meaning, names in _COLUMNS.items() if name in names), "")
