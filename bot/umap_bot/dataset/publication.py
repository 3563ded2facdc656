"""Which columns of a file become properties: anyone can read a public map, and a file may say more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from typing import Final

from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.naming import property_of, words
from umap_bot.dataset.personal import personal_columns, spread
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.table import Record, Table, nearest
from umap_bot.model.base import Known
from umap_bot.model.hidden import EVERY
from umap_bot.model.mark import AskPublished
from umap_bot.text import say, say_n

_SIGNS: Final = re.compile(r"[;|\t]")
"""What people write between names where a comma is meant."""
_NAME: Final = "name"
"""The property that uMap shows as the title of a feature."""


def to_publish(
    table: Table, recipe: Recipe, findings: Findings, known: Mapping[str, Known]
) -> tuple[Table, tuple[str, ...]]:
    """Return the table without the columns that the recipe keeps off the map, and the names of these.

    `known` has the table's unchanged rows.

    The key stays, since it tells on the map which feature is which row. What looks personal, and of which no
    setting says yes or no, is warned of.
    """
    _refuse_contradictions(recipe, findings)
    gone = tuple(column for column in table.columns if not is_published(column, recipe))
    for record in table.records if gone else ():
        for column in gone:
            record.cells.pop(column, None)
    table.columns = tuple(column for column in table.columns if column not in gone)
    _warn_of_no_title(table, gone, recipe, findings)
    _warn_of_personal(table, recipe, findings, known)
    return table, gone


def is_published(column: str, recipe: Recipe) -> bool:
    """Tell whether the recipe lets a column become a property."""
    if column == recipe.key:
        return True
    named = not recipe.columns or EVERY in recipe.columns or column in recipe.columns
    return named and column not in recipe.leave_out


def may_be_shown(column: str, recipe: Recipe) -> bool:
    """Tell whether a message may show a word of a column as a sample."""
    unshown = {column, property_of(column, recipe)} & {*recipe.unshown}
    return is_published(column, recipe) and not unshown


def names_of_none(
    table: Table, recipe: Recipe, findings: Findings, published: AskPublished
) -> tuple[str, ...]:
    """Return the names in REPORT_HIDE of no column of the file, today or as last published.

    One that is a column's but for case, accents or signs is a problem: that column's values would be told.
    Others may be of another layer, or of what people added on the map.
    """
    if not (table.has_header or table.records):
        return ()
    names = {*table.columns, *(property_of(column, recipe) for column in table.columns)}
    unknown = [name for name in recipe.unshown if name not in names]
    unknown = [name for name in unknown if name not in published().columns]
    for name in unknown:
        if _is_meant(name, names, recipe):
            findings.problem(
                say(
                    '{setting}: there is no column "{column}"; {hint}',
                    setting="REPORT_HIDE",
                    column=excerpt(name),
                    hint=nearest(name, table.columns),
                )
            )
    return tuple(unknown)


def _is_meant(name: str, names: Set[str], recipe: Recipe) -> bool:
    """Tell whether a name was meant to be that of a column that is not hidden, or a list of some."""
    parts = {part.strip() for part in _SIGNS.split(name)}
    alike = {words(column) for column in names if column not in recipe.unshown}
    return (len(parts) > 1 and not parts.isdisjoint(names)) or (words(name) in alike and words(name) != ())


def _refuse_contradictions(recipe: Recipe, findings: Findings) -> None:
    for column in recipe.leave_out:
        if column == recipe.key:
            findings.problem(
                say(
                    'DATASET_LEAVE_OUT: "{column}" is the id column (DATASET_KEY), which is always '
                    "published; remove it from the setting, or set DATASET_KEY to another column",
                    column=excerpt(column),
                )
            )
        elif column in recipe.columns:
            findings.problem(
                say(
                    'DATASET_COLUMNS and DATASET_LEAVE_OUT both list "{column}"; remove it from one of them',
                    column=excerpt(column),
                )
            )


def _warn_of_no_title(table: Table, gone: tuple[str, ...], recipe: Recipe, findings: Findings) -> None:
    """Warn of a column of names that DATASET_COLUMNS does not name: it was hardly meant to go."""
    unnamed = [column for column in gone if column not in recipe.leave_out]
    title = next((column for column in unnamed if property_of(column, recipe) == _NAME), None)
    if title and _NAME not in {property_of(column, recipe) for column in table.columns}:
        findings.warn(
            say(
                'DATASET_COLUMNS does not list "{column}", so the features have no title on the '
                "map; to give them one, add it to the setting",
                column=excerpt(title),
            )
        )


def _warn_of_personal(table: Table, recipe: Recipe, findings: Findings, known: Mapping[str, Known]) -> None:
    if EVERY in recipe.columns:
        return
    sample = _sample(table, recipe, known) if table.unchanged else None
    columns = personal_columns(table, sample)
    found = [each for each in columns if each.column not in (recipe.key, *recipe.columns)]
    if found:
        findings.warn(
            say_n(
                "the column {found:, } looks personal, and anyone can read a public map. "
                "To keep it off the map: DATASET_LEAVE_OUT={columns:,}; to publish it: DATASET_COLUMNS=*",
                "the columns {found:, } look personal, and anyone can read a public map. "
                "To keep them off the map: DATASET_LEAVE_OUT={columns:,}; to publish them: DATASET_COLUMNS=*",
                len(found),
                found=tuple(
                    say('"{column}" ({example})', column=excerpt(each.column), example=each.example)
                    for each in found
                ),
                columns=(*recipe.leave_out, *(each.column for each in found)),
            )
        )


def _sample(table: Table, recipe: Recipe, known: Mapping[str, Known]) -> list[Record]:
    """Return the records that would be looked at if there were one of each row."""
    keys = {number: key for key, number in table.unchanged.items()}
    records = {record.number: record for record in table.records}
    names = {column: property_of(column, recipe) for column in table.columns}

    def record_of(number: int) -> Record:
        if number in records:
            return records[number]
        properties = known[keys[number]].properties
        cells = {column: properties[name] for column, name in names.items() if name in properties}
        return Record(number, cells)

    return [record_of(number) for number in spread(sorted([*keys, *records]))]
