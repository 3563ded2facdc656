"""A file that feeds several layers, each by its filter: a row that moves is never on no map, nor on two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from contextlib import suppress

from msgspec.structs import replace

from umap_bot.errors import DatasetError, RefusedError
from umap_bot.model.base import Base
from umap_bot.model.layer import Commit, Layer
from umap_bot.ports import Dataset, LiveLayer


class Beside:
    """The other layers that a file feeds, as the port Neighbours. `layers` have their names for people."""

    def __init__(self, layers: Iterable[tuple[str, LiveLayer]]) -> None:
        self._layers = tuple(layers)

    def standing(self, keys: frozenset[str], key: str) -> dict[str, str]:
        # All that compares: an idle run needs none.
        from umap_bot.reconcile.identity import key_of  # noqa: PLC0415
        from umap_bot.reconcile.slices import decode  # noqa: PLC0415

        found: dict[str, str] = {}
        for name, layer in self._layers:
            with suppress(RefusedError):
                features = map(decode, layer.read().standing.features)
                here = keys.intersection(filter(None, (key_of(feature, key) for feature in features)))
                found |= dict.fromkeys(here, name)
        return found


class Portion:
    """One layer's part of a file, as the port Dataset.

    A row that this layer loses to another one is `awaited` until that layer has published it: whichever of
    the two runs first, and also if the other one waits for a person or fails. Then it has `moved`; so has one
    that another layer loses to this one. `others` goes from the name in
    the state of each other layer of the file to its part, `published` gives the keys that a layer has
    published.
    """

    def __init__(
        self,
        dataset: Dataset,
        layer: str,
        others: Mapping[str, Dataset],
        published: Callable[[str], frozenset[str]],
    ) -> None:
        self._dataset = dataset
        self._layer = layer
        self._others = others
        self._published = published

    def head(self) -> Commit:
        return self._dataset.head()

    def history(self, head: Commit, since: str = "") -> tuple[Commit, ...]:
        return self._dataset.history(head, since)

    def named(self, name: str, head: Commit) -> tuple[Commit, bool]:
        return self._dataset.named(name, head)

    def read(self, commit: Commit, base: Base | None = None) -> tuple[Commit, Layer]:
        """Return the commit and the layer at it, with what others are to take over first, and what moved."""
        known, layer = self._dataset.read(commit, base)
        here = self._published(self._layer)
        leaving, coming = layer.left_out & here, layer.rows.keys() - here
        awaited: set[str] = set()
        moved: set[str] = set()
        for name, other in self._others.items() if leaving or coming else ():
            there = self._published(name)
            wanted = leaving and self._among(other, known, leaving, unread=leaving)
            awaited |= wanted - there
            moved |= wanted & there
            moved |= (coming & there) - self._among(other, known, coming & there, unread=coming)
        layer = replace(layer, awaited=frozenset(awaited), moved=frozenset(moved))
        missing = here - layer.rows.keys() - layer.left_out - layer.bad_rows.keys
        return known, self._sparing(layer, known) if missing and not layer.bad_rows.unknown else layer

    def _among(self, other: Dataset, commit: Commit, keys: Set[str], unread: Set[str]) -> Set[str]:
        """Return which of these keys another layer's rows have, those among them that can't be read;
        `unread` if its part can't be read at all."""
        if not keys:
            return keys
        try:
            part = other.read(commit)[1]
        except DatasetError:
            return unread
        return keys & (part.rows.keys() | part.bad_rows.keys)

    def _sparing(self, layer: Layer, commit: Commit) -> Layer:
        """Return the layer; if another one has rows of unknown ids, none of these counts as gone from here: a
        row may have lost its id as it moved."""
        for other in self._others.values():
            with suppress(DatasetError):
                if other.read(commit)[1].bad_rows.unknown:
                    return replace(layer, bad_rows=replace(layer.bad_rows, unknown=True))
        return layer
