"""Which version of the file was last published, if nobody knows: the one that the map is nearest to."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import msgspec

from umap_bot.model.base import Origin
from umap_bot.model.canon import Canon, canonical, canonical_geometry, digest
from umap_bot.model.layer import GEOMETRY, Commit, Feature, Layer, Live
from umap_bot.reconcile.identity import key_of
from umap_bot.reconcile.skip_unchanged import row_digest
from umap_bot.reconcile.slices import decode
from umap_bot.reconcile.threeway import cell_canonical

SHARE: Final = Fraction(1, 10)
"""What share of the cells may differ on the map from the version that is taken for the published one."""

Cells = dict[str, Canon]


class Candidate(msgspec.Struct, frozen=True):
    """A version of the file beside the map: `differing` of `cells` owned cells are not as it says.

    `sense` is the digest of its rows: of two versions with one sense there is nothing to choose.
    """

    commit: Commit
    columns: tuple[str, ...]
    differing: int
    cells: int
    sense: str


def keyed(live: Live, key: str) -> dict[str, list[Feature]]:
    """Return the features on the map that have an identifier, by it."""
    found: dict[str, list[Feature]] = {}
    for raw in live.carried.features:
        feature = decode(raw)
        if own := key_of(feature, key):
            found.setdefault(own, []).append(feature)
    return found


class Likeness:
    """Compares versions of a file with the map, one after the other, the newest first."""

    def __init__(self, features: dict[str, list[Feature]]) -> None:
        self._live = {key: [_cells(one) for one in group] for key, group in features.items()}
        self._names = {name for group in self._live.values() for cells in group for name in cells}
        self._found: dict[str, Candidate] = {}
        self._shape: tuple[tuple[str, ...], bool] = ((), False)
        self._counted: dict[tuple[str, str], int] = {}
        self._unknown = set(features)

    def look(self, commit: Commit, layer: Layer) -> bool:
        """Compare a version. Tell whether no other one can be nearer, so that none needs to be looked at."""
        shape = (layer.owned, layer.owns_geometry)
        if shape != self._shape:
            self._shape, self._counted = shape, {}
        self._unknown -= layer.rows.keys()
        candidate = self._candidate(commit, layer)
        self._found.setdefault(candidate.sense, candidate)
        return candidate.differing == 0 and self._names <= {*layer.columns, GEOMETRY}

    def nearest(self) -> Origin | None:
        """Return the version that is strictly nearer than all others, and near enough; None without one."""
        columns = {name for candidate in self._found.values() for name in candidate.columns}
        filled = {name: self._filled(name) for name in columns}
        ranked: list[tuple[int, int, Commit]] = []
        for candidate in self._found.values():
            # A column that it does not have yet, or any more: what stands there is not as it says.
            more = sum(filled[name] for name in columns.difference(candidate.columns))
            ranked.append((candidate.differing + more, candidate.cells + more, candidate.commit))
        ranked.sort(key=lambda one: one[0])
        if not ranked or ranked[0][0] > SHARE * ranked[0][1]:
            return None
        if len(ranked) > 1 and ranked[1][0] == ranked[0][0]:
            return None
        differing, cells, commit = ranked[0]
        unknown = tuple(sorted(self._unknown))
        return Origin(how="likeness", commit=commit, differing=differing, cells=cells, unknown=unknown)

    def _candidate(self, commit: Commit, layer: Layer) -> Candidate:
        width = len(layer.owned) + layer.owns_geometry
        differing = cells = 0
        rows: list[tuple[str, str]] = []
        for key, row in layer.rows.items():
            stands = key in self._live
            if not stands and row.geometry is None:
                continue  # it never was on the map
            of_row = row_digest(row)
            rows.append((key, of_row))
            cells += width
            differing += self._differing(key, row, of_row) if stands else width
        alone = width * len(self._live.keys() - layer.rows.keys())
        sense = digest([self._shape, sorted(rows)])
        return Candidate(commit, layer.owned, differing + alone, cells + alone, sense)

    def _differing(self, key: str, row: Feature, of_row: str) -> int:
        """Count the cells of a row that are not so on the map. A row is compared once, however many versions
        have it."""
        if (key, of_row) not in self._counted:
            counts = (self._count(row, cells) for cells in self._live[key])
            self._counted[key, of_row] = min(counts)
        return self._counted[key, of_row]

    def _count(self, row: Feature, live: Cells) -> int:
        columns, places = self._shape
        count = sum(canonical(row.properties.get(name)) != live.get(name) for name in columns)
        place = canonical_geometry(row.geometry) if places else None
        return count + (place is not None and place != live.get(GEOMETRY))

    def _filled(self, name: str) -> int:
        """Count the features that have something in a property."""
        return sum(any(name in cells for cells in group) for group in self._live.values())


def _cells(feature: Feature) -> Cells:
    """Return all that says something, in canonical form."""
    values = {**feature.properties, GEOMETRY: feature.geometry}
    cells = {name: cell_canonical(name, value) for name, value in values.items()}
    return {name: value for name, value in cells.items() if value is not None}
