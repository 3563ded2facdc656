"""What is to become of a file: cells set, records removed, records added."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from umap_bot.model.canon import Geometry, Value

NOTHING_SET: Mapping[int, Mapping[str, Value]] = MappingProxyType({})


class NewRecord(msgspec.Struct, frozen=True):
    """A record to be added, by columns. Only a file with geometries of its own (GeoJSON) takes `geometry`."""

    cells: Mapping[str, Value]
    geometry: Geometry | None = None


class Edits(msgspec.Struct, frozen=True, kw_only=True):
    """Edits of records by their numbers (`Record.number`); columns are named in NFC, as tables have them.

    `cells` are the new values by column, None empties a cell. `places` are new geometries, in a file that has
    geometries of its own. `column` is a column that is added to the file, "" for none.
    """

    cells: Mapping[int, Mapping[str, Value]] = NOTHING_SET
    places: Mapping[int, Geometry] = MappingProxyType({})
    removed: frozenset[int] = frozenset()
    added: tuple[NewRecord, ...] = ()
    column: str = ""
