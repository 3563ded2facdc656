"""Which columns no report tells the values of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from umap_bot.model.canon import nfc

EVERY: Final = "*"
"""In DATASET_COLUMNS: every column, looked at and meant to be public."""


class Hidden(msgspec.Struct, frozen=True):
    """Columns by their names in the file and on the map: those that are `named`; and, if it is said which are
    `shown`, all others."""

    named: frozenset[str] = frozenset()
    shown: frozenset[str] | None = None

    @classmethod
    def of(cls, named: Iterable[str], shown: Iterable[str] | None = None) -> Hidden:
        """Return the columns, each as the file and the map may spell its name."""
        return cls(_spellings(named), None if shown is None else _spellings(shown))

    def __bool__(self) -> bool:
        return bool(self.named) or self.shown is not None

    def __contains__(self, column: object) -> bool:
        return column in self.named or (self.shown is not None and column not in self.shown)

    def __or__(self, other: Hidden) -> Hidden:
        """Return what either hides."""
        shown = [each.shown for each in (self, other) if each.shown is not None]
        return Hidden(self.named | other.named, frozenset.intersection(*shown) if shown else None)


def _spellings(names: Iterable[str]) -> frozenset[str]:
    """Return names in NFC, and as uMap's editor has them, which takes no dots."""
    return frozenset(nfc(spelt) for name in names for spelt in (name, name.replace(".", "_")))
