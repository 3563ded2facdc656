"""What people did on the map and the file does not say yet, as it would be proposed for the file."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET

from umap_bot.model.canon import Value
from umap_bot.model.change import Change, Create, Delete, Field, Move, Point, Update
from umap_bot.model.layer import GEOMETRY, Feature

EditKind = Literal["cell", "place", "removed", "added"]


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """One edit of a person: a cell, a place, a feature that was removed or added.

    `key` is that of the row, "" of a feature that was added and has none. `field` is the property and
    `column` its column in the file, `line` the row's number. `before` is what the file says, `after` what the
    map holds: values, or geometries. `feature` is the one that was added, `raw` its exact text. `at` is where
    it is. `is_asked`: a person is asked who wins.
    """

    kind: EditKind
    key: str
    name: str
    field: str = ""
    column: str = ""
    line: int = 0
    before: Value = None
    after: Value = None
    feature: Feature = Feature({})
    raw: str = ""
    at: Point | None = None
    is_asked: bool = False

    @property
    def change(self) -> Change:
        """What would make the map again what the file says: the part of a plan that this edit is about."""
        if self.kind == "cell":
            field = Field(self.field, _set(self.after), _set(self.before))
            return Update(key=self.key, name=self.name, fields=(field,), at=self.at)
        if self.kind == "place":
            move = Move(_geometry(self.after), _geometry(self.before))
            return Update(key=self.key, name=self.name, move=move, at=self.at)
        if self.kind == "removed":
            return Create(key=self.key, name=self.name, properties={}, geometry=None, recreates=True)
        return Delete(key=self.feature.umap_id or "", name=self.name, raw=self.raw, at=self.at, why="foreign")

    @property
    def subject(self) -> tuple[str, str]:
        """The key and cell that it is about, as decisions name them."""
        cells = {"cell": self.field, "place": GEOMETRY}
        return self.key, cells.get(self.kind, "")


def _set(value: Value) -> Value | msgspec.UnsetType:
    return UNSET if value is None else value


def _geometry(value: Value) -> dict[str, Value] | None:
    return value if isinstance(value, dict) else None
