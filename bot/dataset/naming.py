"""From the columns of a file to the properties on the map."""

from __future__ import annotations

import unicodedata
from typing import Final

from bot.dataset.findings import Findings, shown
from bot.dataset.recipe import Recipe
from bot.dataset.table import Table, nearest
from bot.model.layer import GEOMETRY

MOST_COLUMNS: Final = 1_000
STYLES: Final = ("_umap_options", "_storage_options")
"""uMap's own part of a feature's properties (the second: of old maps). It belongs to the map."""


def check_names(table: Table, recipe: Recipe, findings: Findings) -> None:
    """Look at the columns before any message tells their names, and at the settings that name some.

    Raise DatasetError for names that can't be told in one line, and for more columns than a map can use.
    """
    if len(table.columns) > MOST_COLUMNS:
        findings.fatal(f"has {len(table.columns)} columns, {MOST_COLUMNS} at most; is it the right file?")
    good = [_check_name(column, findings) for column in table.columns]
    if not all(good):
        findings.stop()
    if table.finite or table.records:  # GeoJSON without a feature has no columns to be among
        _must_be_columns(recipe.rename, "DATASET_RENAME", table, findings)
        _must_be_columns(recipe.filter, "filter", table, findings)


def _must_be_columns(names: dict[str, str], setting: str, table: Table, findings: Findings) -> None:
    for name in names:
        if name not in table.columns:
            findings.problem(f"{setting}: there is no column {shown(name)}; {nearest(name, table.columns)}")


def properties_of(table: Table, recipe: Recipe, findings: Findings) -> dict[str, str]:
    """Give column → property, in the file's order: renamed, and without the dots that uMap's editor would
    make `_` at each load. Two columns that meet are a problem."""
    names: dict[str, str] = {}
    dotted: list[str] = []
    for column in table.columns:
        if column in STYLES:
            findings.warn(f"{column} is left out: styles belong to the map")
            continue
        name = recipe.rename.get(column, column)
        _check_name(name, findings)
        if "." in name:
            dotted.append(name)
        names[column] = name.replace(".", "_")
    if dotted:
        listed = ", ".join(f"{shown(name)} → {shown(name.replace('.', '_'))}" for name in dotted[:5])
        findings.warn(f"uMap takes no dots in names: {listed}" + (", …" if dotted[5:] else ""))
    _refuse_meetings(names, findings)
    return names


def _check_name(name: str, findings: Findings) -> bool:
    if not name.strip():
        findings.problem("a property has an empty name; name it")
    elif any(unicodedata.category(char) == "Cc" for char in name):
        findings.problem(
            f"the column {shown(name)} has a line break or another control character in its name; "
            "write the name in one line"
        )
    else:
        return True
    return False


def _refuse_meetings(names: dict[str, str], findings: Findings) -> None:
    columns: dict[str, str] = {}
    for column, name in names.items():
        first = columns.setdefault(name, column)
        if first != column:
            findings.problem(
                f"the columns {shown(first)} and {shown(column)} would both be the property {shown(name)}; "
                "give one another name, in the file or by DATASET_RENAME"
            )


def seeds_of(table: Table, recipe: Recipe, names: dict[str, str], findings: Findings) -> tuple[str, ...]:
    """Give the seeds as properties. They may be named by column or by property; `geometry` is the place."""
    place = ("geometry",) if table.places else ()
    seeds = [_seed(seed, recipe, names) for seed in recipe.seed]
    if table.finite or table.records:
        for seed, name in zip(recipe.seed, seeds, strict=True):
            if not name or (name == GEOMETRY and not table.places):
                findings.problem(
                    f"DATASET_SEED: there is no column {shown(seed)}; {nearest(seed, (*names, *place))}"
                )
            elif name == names.get(recipe.key):
                findings.problem(
                    f"DATASET_SEED: {shown(seed)} is the key, it can't be a seed; take it away there"
                )
    return tuple(dict.fromkeys(name for name in seeds if name))


def _seed(seed: str, recipe: Recipe, names: dict[str, str]) -> str:
    if seed in names:
        return names[seed]
    if seed in names.values():
        return seed
    return (
        GEOMETRY if seed == "geometry" or seed in (recipe.geometry, recipe.latitude, recipe.longitude) else ""
    )
