"""A file that feeds several layers, each by its filter: a row that moves is never on no map, nor on two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from msgspec.structs import replace

from umap_bot.errors import DatasetError, RefusedError
from umap_bot.model.base import Base
from umap_bot.model.layer import Commit, Layer
from umap_bot.ports import Dataset, LiveLayer
from umap_bot.reconcile.identity import key_of
from umap_bot.reconcile.slices import decode


class Beside:
    """The other layers that a file feeds, as the port Neighbours. `layers` have their names for people."""

    def __init__(self, layers: Iterable[tuple[str, LiveLayer]]) -> None:
        self._layers = tuple(layers)

    def standing(self, keys: frozenset[str], key: str) -> dict[str, str]:
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
    the two runs first, and also if the other one waits for a person or fails. `others` goes from the name in
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
        """Return the commit and the layer at it, with what others are to take over first."""
        known, layer = self._dataset.read(commit, base)
        leaving = layer.left_out & self._published(self._layer) if layer.left_out else frozenset()
        if not leaving:
            return known, layer
        return known, replace(layer, awaited=frozenset(self._awaited(leaving, known)))

    def _awaited(self, leaving: frozenset[str], commit: Commit) -> Iterable[str]:
        for name, other in self._others.items():
            wanted = self._wanted(leaving, other, commit)
            if wanted:
                yield from wanted - self._published(name)

    def _wanted(self, leaving: frozenset[str], other: Dataset, commit: Commit) -> frozenset[str]:
        """Return which of these rows the other layer is to have; all of them if its part can't be read."""
        try:
            return leaving & other.read(commit)[1].rows.keys()
        except DatasetError:
            return leaving
