"""Which columns of a file could be its key, and which one its names."""

from __future__ import annotations

from typing import Final

from umap_bot.dataset.keys import key_text
from umap_bot.dataset.naming import words
from umap_bot.dataset.places.coordinate_columns import candidates
from umap_bot.dataset.table import Table

_KEYS: Final = ("id", "identifiant", "key", "cle", "code", "ref", "reference", "uuid", "uid", "gid", "fid")
_NAMES: Final = ("name", "nom", "label", "libelle", "title", "titre", "intitule", "denomination")


def key_candidates(table: Table) -> list[str]:
    """Return the columns that are filled in every row and never hold the same twice, likeliest first.

    Columns that say where things are do not count: a place may move.
    """
    places = _places(table)
    found = [column for column in table.columns if column not in places and _is_key(table, column)]
    if table.records and "id" not in table.columns and _ids_of_features(table):
        found.append("id")
    return sorted(found, key=lambda column: _rank(column, _KEYS))


def name_candidates(table: Table, key: str) -> tuple[list[str], str | None]:
    """Return the columns that could name the rows, and the one that most likely does."""
    places = _places(table)
    columns = [column for column in table.columns if column != key and column not in places]
    likely = min(columns, key=lambda column: _rank(column, _NAMES), default=None)
    return columns, likely if likely is not None and _rank(likely, _NAMES) < len(_NAMES) else None


def _is_key(table: Table, column: str) -> bool:
    keys = [key_text(record.cells.get(column)) for record in table.records]
    return bool(keys) and all(keys) and len(set(keys)) == len(keys)


def _ids_of_features(table: Table) -> bool:
    """Return whether the GeoJSON features have ids of their own, beside their properties."""
    ids = [key_text(record.own_id) for record in table.records]
    return all(ids) and len(set(ids)) == len(ids)


def _places(table: Table) -> set[str]:
    if table.places:
        return set()
    return {name for kind in candidates(table.columns) for found in kind for name in found.columns}


def _rank(column: str, wanted: tuple[str, ...]) -> int:
    """Return how well a name fits: its place in the list, first alone, then as one of several words."""
    parts = words(column)
    joined = "".join(parts)
    if joined in wanted:
        return wanted.index(joined)
    found = [wanted.index(part) for part in parts if part in wanted]
    return len(wanted) - 1 if found else len(wanted)
