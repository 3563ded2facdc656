"""A state that is older than the map: what later versions of the file explain is nobody's edit."""

from __future__ import annotations

import msgspec

from umap_bot.model.base import Base, Known, Origin
from umap_bot.model.canon import Value
from umap_bot.model.layer import GEOMETRY, Commit, Feature, Layer
from umap_bot.reconcile.identity import key_of
from umap_bot.reconcile.sides import Sides
from umap_bot.reconcile.slices import content, is_made_for
from umap_bot.reconcile.threeway import cell_canonical, edited


class Astray(msgspec.Struct, frozen=True):
    """A feature on the map that is neither as base says nor as the file: which of its cells are not."""

    feature: Feature
    cells: frozenset[str]


class Later:
    """Brings a base up to what versions of the file say that were published after it, the newest first.

    The state of a layer can be an old copy. A run that it does not know of has written nothing but what the
    file said then: a cell that stands just so on the map was published, and so was a feature of which every
    cell does. All else stays as it would be without.
    """

    def __init__(self, sides: Sides, base: Base) -> None:
        self._base = base
        self._wanted = sides.desired.rows.keys()
        self._astray = dict(_ours_astray(sides, base)) | dict(_unmanaged(sides))
        self._known: dict[str, Known] = {}
        self._newest: Commit | None = None
        self._cells = 0

    @property
    def is_needed(self) -> bool:
        return bool(self._astray)

    def look(self, commit: Commit, layer: Layer) -> None:
        """Take from a version what explains the map."""
        for key, astray in list(self._astray.items()):
            row = layer.rows.get(key)
            known = self._explained(key, row, astray.feature, layer) if row else None
            if known is None:
                continue
            self._known[key] = known
            self._newest = self._newest or commit

    def base(self) -> Base | None:
        """Return base as far as it could be brought; None if nothing was explained."""
        if self._newest is None:
            return None
        return msgspec.structs.replace(
            self._base,
            known={**self._base.known, **self._known},
            origin=Origin(how="later", commit=self._newest, differing=self._cells),
        )

    def _explained(self, key: str, row: Feature, live: Feature, layer: Layer) -> Known | None:
        known = self._known.get(key) or self._base.known.get(key)
        if known is None and key not in self._wanted:
            return self._whole(key, row, live, layer)
        cells = self._astray[key].cells
        same = [name for name in (*layer.owned, *_place(layer)) if name in cells and _same(name, row, live)]
        if not same:
            return None
        self._settle(key, same)
        properties: dict[str, Value] = known.properties if known else {}
        properties.update((name, row.properties.get(name)) for name in same if name != GEOMETRY)
        geometry = row.geometry if GEOMETRY in same else (known.geometry if known else None)
        return Known.of(properties, geometry, live.umap_id)

    def _whole(self, key: str, row: Feature, live: Feature, layer: Layer) -> Known | None:
        """Of a feature that neither base nor the file has, every cell must be as it was published."""
        if edited(row, live, layer.owned, geometry=layer.owns_geometry):
            return None
        self._settle(key, [*layer.owned, *_place(layer)])
        return Known.of(row.properties, row.geometry, live.umap_id)

    def _settle(self, key: str, cells: list[str]) -> None:
        self._cells += len(cells)
        astray = self._astray.pop(key)
        if left := astray.cells.difference(cells):
            self._astray[key] = Astray(astray.feature, left)


def _place(layer: Layer) -> tuple[str, ...]:
    return (GEOMETRY,) if layer.owns_geometry else ()


def _same(name: str, row: Feature, live: Feature) -> bool:
    if name == GEOMETRY:
        return row.geometry is not None and not edited(Feature({}, row.geometry), live, (), geometry=True)
    return cell_canonical(name, row.properties.get(name)) == cell_canonical(name, live.properties.get(name))


def _ours_astray(sides: Sides, base: Base) -> list[tuple[str, Astray]]:
    columns = tuple(dict.fromkeys((*sides.base_columns, *sides.desired.owned)))
    places = sides.desired.owns_geometry
    found = []
    for key, standing in sides.identities.ours.items():
        live, row = standing.feature, sides.desired.rows.get(key)
        cells = set(edited(base.known.get(key) or Feature({}), live, columns, geometry=places))
        if key not in base.known and places:
            cells.add(GEOMETRY)
        if row is not None:
            cells &= set(edited(row, live, columns, geometry=places))
        kept = base.kept.cells.get(key, {})
        cells = {name for name in cells if kept.get(name, ...) != _canonical(name, live)}
        if cells:
            found.append((key, Astray(live, frozenset(cells))))
    return found


def _canonical(name: str, live: Feature) -> object:
    return cell_canonical(name, live.geometry if name == GEOMETRY else live.properties.get(name))


def _unmanaged(sides: Sides) -> list[tuple[str, Astray]]:
    """Return the features that we made, as their uMap ids say, for rows that neither base nor the file
    has."""
    seen = sides.base.kept.unmanaged if sides.base else frozenset()
    found = []
    for feature in (standing.feature for standing in sides.identities.unmanaged):
        key = key_of(feature, sides.desired.key)
        if key and is_made_for(feature.umap_id, sides.live.entry, key) and content(feature) not in seen:
            found.append((key, Astray(feature, frozenset())))
    return found
