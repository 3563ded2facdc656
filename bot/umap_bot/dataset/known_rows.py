"""Which rows of a file base has as they stand: known by their source, they need not be read again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec

from umap_bot import model
from umap_bot.dataset.recipe import Recipe
from umap_bot.model.base import Known

_READ_AT_LEAST: Final = 10
"""Rows that are read though they are known. What would be odd of all rows together (all at one place, all
swapped) is seldom so of these; if it is, there is a warning, and with a warning every row is read."""
_SIZE: Final = 12
"""Bytes of a source. A row that changed would have to meet its own old source by chance."""


@cache
def _reader() -> str:
    """Return a digest of Python and of the program's text that reads. (A clone that is pulled keeps its
    version.)"""
    found = blake2b(sys.version.encode(), digest_size=_SIZE)
    rooms = (Path(__file__).parent, Path(model.__file__).parent)
    for file in sorted(file for room in rooms for file in room.rglob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()


class KnownRows:
    """The rows of base by their sources.

    A source is the digest of all that the reading of a row depends on: the program, the recipe, the columns
    of the file, and what stands in the file for this row. So a row with a source of base's says what base
    says. Only rows that were read without any warning have one.
    """

    def __init__(self, recipe: Recipe, known: Mapping[str, Known]) -> None:
        self._recipe = recipe
        self._keys = {row.source: key for key, row in known.items() if row.source}
        self._to_read = _READ_AT_LEAST

    def of(self, columns: Iterable[str]) -> Callable[[bytes | msgspec.Raw], str]:
        """Return what gives the source of a row of a file with these columns, of the row's text."""
        context = msgspec.json.encode([_reader(), self._recipe, tuple(columns)])
        person = blake2b(context, digest_size=blake2b.PERSON_SIZE).digest()

        def source(text: bytes | msgspec.Raw) -> str:
            return blake2b(text, digest_size=_SIZE, person=person).hexdigest()

        return source

    def take(self, source: str) -> str | None:
        """Return the key of base's row with this source, once: a second row of it is to be read, and to be
        refused. None for a row that is to be read."""
        key = self._keys.pop(source, None)
        if key is not None and self._to_read:
            self._to_read -= 1
            return None
        return key
