"""People's edits in the file: as its bytes, or, where these can't be written, as corrections by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from umap_bot.dataset.decode import decode, reader_of
from umap_bot.dataset.editing.edits import Edits, NewRecord
from umap_bot.dataset.editing.file import edited, is_geojson, letters_of, table_of
from umap_bot.dataset.editing.values import why_not
from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.keys import key_text
from umap_bot.dataset.made_keys import FreeKeys, base_of_place, base_of_row
from umap_bot.dataset.naming import STYLES, property_of
from umap_bot.dataset.places.choice import choose
from umap_bot.dataset.places.coordinate_columns import CoordinateColumns
from umap_bot.dataset.places.points import located
from umap_bot.dataset.places.spelling import spelled_place
from umap_bot.dataset.publication import is_published
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.table import Record, Table
from umap_bot.dataset.writing.cells import cell_text
from umap_bot.errors import DatasetError
from umap_bot.model.canon import Geometry, Value, canonical, canonical_geometry
from umap_bot.model.layer import Layer
from umap_bot.model.proposal import Edit
from umap_bot.text import NOTHING, Text, say

_LISTED: Final = 5


class Correction(msgspec.Struct, frozen=True):
    """A cell to be corrected by hand. `address` is the spreadsheet's name for it, or the feature and its
    property; "" as `before` or `after` is an empty cell."""

    address: Text
    key: str
    before: str
    after: str


class Left(msgspec.Struct, frozen=True):
    """An edit, or a field of one, that the file can't take over, and why."""

    edit: Edit
    why: Text


class Proposed(msgspec.Struct, frozen=True):
    """What a file becomes. `data` is None if nothing can be written into it; then `why` says it and
    `corrections` are what to do by hand. `edits` are those that are written, what was added with its id."""

    data: bytes | None
    edits: tuple[Edit, ...]
    left: tuple[Left, ...]
    corrections: tuple[Correction, ...] = ()
    why: Text = NOTHING


def propose(data: bytes, recipe: Recipe, edits: Iterable[Edit], taken: Iterable[str] = ()) -> Proposed:
    """Return the file with these edits: just their cells and rows are changed, and a sync reads it as wanted.

    `taken` are ids that no new row may get. Raise DatasetError for a file that can't be read.
    """
    draft = _Draft(data, recipe, taken)
    for edit in edits:
        draft.take(edit)
    if not draft.edits:
        return Proposed(None, (), tuple(draft.left))
    done, left = tuple(draft.edits), tuple(draft.left)
    try:
        written = edited(data, recipe, draft.in_file)
        unlike = _unlike(decode(written, recipe), done, decode(data, recipe))
        if not unlike:
            return Proposed(written, done, left)
        why = say("A sync would not read these values back as they are on the map: {names:, }.", names=unlike)
    except DatasetError as error:
        why = error.text
    return Proposed(None, done, left, tuple(draft.corrections()), why)


class _Draft:
    """Edits of people, as edits of the cells of one file."""

    def __init__(self, data: bytes, recipe: Recipe, taken: Iterable[str]) -> None:
        self.edits: list[Edit] = []
        self.left: list[Left] = []
        self._data = data
        self._recipe = recipe.normalized()
        self._table = table_of(data, recipe)
        self._records = {record.number: record for record in self._table.records}
        self._cells: dict[int, dict[str, Value]] = {}
        self._places: dict[int, Geometry] = {}
        self._removed: set[int] = set()
        self._added: list[NewRecord] = []
        self._source = self._coordinates()
        self._geometries = self._located()
        own = (key_text(record.cells.get(self._recipe.key)) for record in self._table.records)
        self._keys = FreeKeys(filter(None, own), taken)
        of_places = self._source.columns if self._source else ()
        self._columns = {
            property_of(column, self._recipe): column
            for column in self._table.columns
            if is_published(column, self._recipe) and column not in of_places
        }

    @property
    def in_file(self) -> Edits:
        return Edits(
            cells=self._cells,
            places=self._places,
            removed=frozenset(self._removed),
            added=tuple(self._added),
        )

    def take(self, edit: Edit) -> None:
        """Write an edit down, or note why it can't be."""
        if edit.kind == "added":
            self._add(edit)
            return
        if edit.kind == "removed":
            self._removed.add(edit.line)
        elif edit.kind == "cell":
            if why := self._refusal(edit.after):
                self.left.append(Left(edit, why))
                return
            self._cells.setdefault(edit.line, {})[edit.column] = edit.after
        elif not self._move(edit):
            return
        self.edits.append(edit)

    def _refusal(self, value: Value) -> Text | None:
        text = value if isinstance(value, str) else cell_text(value)
        return why_not(text, in_cell=not is_geojson(self._recipe))

    def _move(self, edit: Edit) -> bool:
        place = edit.after if isinstance(edit.after, dict) else {}
        if is_geojson(self._recipe):
            self._places[edit.line] = place
            return True
        record = self._records[edit.line]
        try:
            cells = self._spelled(record.cells, self._geometries.get(edit.line), place)
        except ValueError:
            self.left.append(Left(edit, say("the coordinate columns of the file can't hold this place")))
            return False
        self._cells.setdefault(edit.line, {}).update(cells)
        return True

    def _spelled(self, cells: Mapping[str, Value], was: Geometry | None, place: Geometry) -> dict[str, Value]:
        """Return the cells of a place. Raise ValueError if the columns can't hold it."""
        if self._source is None:
            raise ValueError("no columns for places")
        if was is None:  # as another row writes places
            number = next((number for number, other in self._geometries.items() if other), None)
            model = self._records[number].cells if number is not None else {}
            written = spelled_place(self._source, model, self._geometries.get(number or 0), place)
            return {**{name: model.get(name) for name in self._source.columns}, **written}
        return spelled_place(self._source, cells, was, place)

    def _add(self, edit: Edit) -> None:
        properties = edit.feature.properties
        own = property_of(self._recipe.key, self._recipe)
        found = key_text(properties.get(own))
        base = base_of_row(properties) or base_of_place(properties, edit.feature.geometry)
        key = found if found and self._keys.take(found) else self._keys.free(base)
        cells: dict[str, Value] = {}
        for name, value in properties.items():
            if name == own or name in STYLES or canonical(value) is None:
                continue
            if name not in self._columns:
                self.left.append(Left(edit, say('the file has no column for "{field}"', field=excerpt(name))))
            elif why := self._refusal(value):
                self.left.append(Left(edit, say('"{field}" {why}', field=excerpt(name), why=why)))
            else:
                cells[self._columns[name]] = value
        cells |= {**self._recipe.filter, self._recipe.key: key}
        place = edit.feature.geometry
        if is_geojson(self._recipe):
            self._added.append(NewRecord(cells, place))
        else:
            try:
                cells |= self._spelled({}, None, place or {})
            except ValueError:
                why_place = say("the coordinate columns of the file can't hold this place")
                self.left.append(Left(edit, why_place))
                return
            self._added.append(NewRecord(cells))
        self.edits.append(replace(edit, key=key, name=edit.name or key))

    def _coordinates(self) -> CoordinateColumns | None:
        if is_geojson(self._recipe):
            return None
        return choose(self._table, self._recipe, Findings(self._recipe.path))

    def _located(self) -> dict[int, Geometry | None]:
        """Return the places of the records, by their numbers."""
        copies = [Record(each.number, dict(each.cells), each.geometry) for each in self._table.records]
        placed = Table(self._table.columns, copies, self._table.places, self._table.has_header)
        located(placed, self._recipe, Findings(self._recipe.path, reader_of(self._recipe)[1]))
        return {each.number: each.geometry for each in copies}

    def corrections(self) -> Iterator[Correction]:
        """Return all that changes, cell by cell, for people who do it by hand."""
        letters = letters_of(self._data, self._recipe, self._table)
        for number, cells in sorted(self._cells.items()):
            was = self._records[number].cells
            key = key_text(was.get(self._recipe.key))
            for column, value in cells.items():
                address = _address(letters, number, column)
                yield Correction(address, key, cell_text(was.get(column)), cell_text(value))
        for number in sorted(self._removed):
            key = key_text(self._records[number].cells.get(self._recipe.key))
            yield Correction(say("row {row}", row=number), key, say_all(self._records[number].cells), "")
        after = max(self._records, default=1)
        for number, record in enumerate(self._added, start=after + 1):
            for column, value in record.cells.items():
                key = key_text(record.cells.get(self._recipe.key))
                yield Correction(_address(letters, number, column), key, "", cell_text(value))


def say_all(cells: Mapping[str, Value]) -> str:
    """Return the cells of a row in one line."""
    return " · ".join(filter(None, map(cell_text, cells.values())))


def _address(letters: Mapping[str, str], number: int, column: str) -> Text:
    if column in letters:
        return say("{letter}{row} ({column})", letter=letters[column], row=number, column=column)
    return say("feature {number}, {column}", number=number, column=column)


def _unlike(layer: Layer, edits: Iterable[Edit], before: Layer) -> tuple[str, ...]:
    """Return the names of the features that the file would not describe as the map has them, and of those
    that it would describe in another way than before."""
    edits = tuple(edits)
    touched = {edit.key for edit in edits}
    wrong = [edit.name for edit in edits if not _says(layer, edit)]
    wrong += [
        key
        for key, row in before.rows.items()
        if key not in touched
        and (
            key not in layer.rows
            or canonical(layer.rows[key].properties) != canonical(row.properties)
            or canonical_geometry(layer.rows[key].geometry) != canonical_geometry(row.geometry)
        )
    ]
    return tuple(excerpt(name) for name in dict.fromkeys(wrong))[:_LISTED]


def _says(layer: Layer, edit: Edit) -> bool:
    row = layer.rows.get(edit.key)
    if edit.kind == "removed" or row is None:
        return edit.kind == "removed" and row is None
    if edit.kind == "cell":
        return canonical(row.properties.get(edit.field)) == canonical(edit.after)
    place = edit.feature.geometry if edit.kind == "added" else edit.after
    return canonical_geometry(row.geometry) == canonical_geometry(place if isinstance(place, dict) else None)
