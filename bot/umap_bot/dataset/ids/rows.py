"""The rows of a file, those that have an id and those that have none, and which id each of these gets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from contextlib import suppress
from typing import Final, TypeVar

import msgspec

from umap_bot.dataset.decode import reader_of
from umap_bot.dataset.findings import Findings, Unit, excerpt
from umap_bot.dataset.keys import key_text
from umap_bot.dataset.made_keys import FreeKeys, base_of_place, base_of_row
from umap_bot.dataset.naming import check_names, names_in, property_of
from umap_bot.dataset.personal import personal_columns
from umap_bot.dataset.places.points import located
from umap_bot.dataset.publication import is_published
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.table import Record, Table
from umap_bot.dataset.writing.identify import rank
from umap_bot.errors import DatasetError
from umap_bot.model.canon import Value
from umap_bot.model.layer import Feature
from umap_bot.model.mark import mark_of
from umap_bot.text import Text, say

Group = TypeVar("Group", bound=Hashable)

_NAME: Final = "name"
_LISTED: Final = 5


class Rows(msgspec.Struct, frozen=True):
    """A file's rows by their numbers. `key` is the column of the ids, `exists` whether the file has it.
    `sheet` is the sheet of a workbook in which people see several, else "".

    `own` are the ids that rows have. `missing` are the rows without one, as they would be on the map,
    without what looks personal.
    `cells` are those of every record, to prove that they stay.
    """

    key: str
    unit: Unit
    exists: bool
    sheet: str
    own: dict[int, str]
    missing: dict[int, Feature]
    cells: dict[int, dict[str, Value]]


def read(data: bytes, recipe: Recipe) -> Rows:
    """Return the rows of a file, those that DATASET_FILTER leaves out among them. Raise DatasetError."""
    reader, unit = reader_of(recipe)
    recipe = msgspec.structs.replace(recipe.normalized(), filter={})
    findings = Findings(recipe.path, unit)
    table = reader(data, recipe, findings)
    check_names(table, recipe, findings)
    own: dict[int, str] = {}
    for record in table.records:
        value = record.cells.get(recipe.key)
        if isinstance(value, (list, dict)):
            text = say("{column} is a list or an object; write text or a number", column=recipe.key)
            findings.problem(text, record.number, column=recipe.key)
        if key := key_text(record.own_id if value is None else value):
            own[record.number] = key
    findings.stop()
    return Rows(
        key=recipe.key,
        unit=unit,
        exists=recipe.key in table.columns,
        sheet=table.sheet,
        own=own,
        missing=_features(table, recipe, unit, own),
        cells={record.number: record.cells for record in table.records},
    )


def _features(table: Table, recipe: Recipe, unit: Unit, own: Mapping[int, str]) -> dict[int, Feature]:
    """Return the rows without an id as features. What is wrong with their places is not told here."""
    copies = [Record(each.number, dict(each.cells), each.geometry) for each in table.records]
    placed = Table(table.columns, copies, table.places, table.has_header)
    with suppress(DatasetError):
        located(placed, recipe, Findings(recipe.path, unit))
    names = _names(placed, recipe)
    return {each.number: _feature(each, names) for each in copies if each.number not in own}


def _names(table: Table, recipe: Recipe) -> dict[str, str]:
    """Return column → property of what an id may be made of, or a row known by: an id is public for ever."""
    personal = {each.column for each in personal_columns(table)}
    return {
        column: property_of(column, recipe)
        for column in table.columns
        if column != recipe.key and column not in personal and is_published(column, recipe)
    }


def _feature(record: Record, names: Mapping[str, str]) -> Feature:
    properties = {names[column]: value for column, value in record.cells.items() if column in names}
    if _NAME not in properties and (name := next(names_in(properties), "")):
        properties = {_NAME: name, **properties}
    return Feature(properties, record.geometry)


def chosen(rows: Rows, given: Mapping[int, str], taken: Iterable[str] = ()) -> dict[int, str]:
    """Return an id for each row that has none: the one `given`, else made as `export` makes them.

    `taken` are ids that no row may get. Numbers follow the order of the rows. Of several rows of one name
    their places decide which is -2.
    """
    free = FreeKeys((*rows.own.values(), *given.values()), taken)
    bases = {number: _base(row) for number, row in rows.missing.items() if number not in given}
    order = list(bases)
    if not free.are_numbers:
        order.sort(key=lambda number: (bases[number], rank(rows.missing[number]), number))
    made = {number: free.free(bases[number]) for number in order}
    return {number: given.get(number) or made[number] for number in rows.missing}


def _base(row: Feature) -> str:
    return base_of_row(row.properties) or base_of_place(row.properties, row.geometry)


def doubtful(rows: Rows, ids: Mapping[int, str]) -> list[Text]:
    """Return what a person should look at: ids that stand twice, and rows that may be one place."""
    findings = Findings("", rows.unit)
    twice = _grouped(rows.own.items())
    doubts = [
        say(
            'duplicate id "{value}" ({rows}); give each row its own id',
            value=excerpt(key),
            rows=findings.rows(numbers),
        )
        for key, numbers in twice.items()
        if len(numbers) > 1
    ]
    marks = ((number, mark_of(row.properties, row.geometry)) for number, row in rows.missing.items())
    alike = _grouped((number, mark) for number, mark in marks if mark)
    doubts += [
        say(
            "{rows} have the same name and place ({ids:, }); if they are duplicates, remove all but one",
            rows=findings.rows(numbers),
            ids=tuple(ids[number] for number in numbers[:_LISTED]),
        )
        for numbers in alike.values()
        if len(numbers) > 1
    ]
    return doubts


def _grouped(pairs: Iterable[tuple[int, Group]]) -> dict[Group, list[int]]:
    found: dict[Group, list[int]] = defaultdict(list)
    for number, value in pairs:
        found[value].append(number)
    return found
