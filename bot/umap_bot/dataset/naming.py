"""From the columns of a file to the properties on the map."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Final

from umap_bot.dataset.findings import Findings, excerpt, listed
from umap_bot.dataset.limits import MOST_COLUMNS, refuse_columns
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.table import Table, nearest
from umap_bot.model.canon import Value, canonical
from umap_bot.model.hidden import EVERY
from umap_bot.model.layer import GEOMETRY
from umap_bot.text import Text, say

_LISTED: Final = 5
STYLES: Final = ("_umap_options", "_storage_options")
"""uMap's own part of a feature's properties (the second: of old maps). It belongs to the map."""
_TAKEN: Final = frozenset(
    (
        *("rank", "layer", "measure", "lang", "locale", "gain", "loss", "bbox", "zoom"),
        *("north", "south", "east", "west", "left", "right", "top", "bottom"),
    )
)
"""Names that uMap fills in itself in popup texts, where a feature has no value of its own (protocol 10). Of
the place (`lat`, `lon`, `lng`, `alt`) it says the same."""
_LONGEST: Final = 200
"""Characters of a name."""
_LOST: Final = "__proto__"
"""A property of this name is gone once uMap has loaded it (protocol 10)."""


_JOINERS: Final = re.compile("[\u200c\u200d]")
"""Characters that nobody sees and that some scripts, and emoji, need."""
_LONG: Final = 100
"""Characters of a name whose words are not looked at."""
_NAMES: Final = (("name",), ("nom",), ("label",), ("libelle",), ("title",), ("titre",))
"""Names that columns of names have, the best first: uMap's own, and those of the files that people import."""


def words(name: str) -> tuple[str, ...]:
    """Return the words of a name: case, accents, separators, the unseen folded; `camelCase` is two words."""
    if len(name) > _LONG:
        return ()
    parted = re.sub(r"([a-zà-öø-ÿ])([A-ZÀ-ÖØ-Þ])", r"\1 \2", without_unseen(name))
    folded = unicodedata.normalize("NFKD", parted).casefold()
    return tuple(
        re.findall(r"[a-z0-9]+", "".join(char for char in folded if not unicodedata.combining(char)))
    )


def without_unseen(name: str) -> str:
    """Return a name without the characters that nobody sees, such as zero-width blanks (category Cf)."""
    return name if name.isascii() else "".join(char for char in name if unicodedata.category(char) != "Cf")


def names_in(cells: Mapping[str, Value]) -> Iterator[str]:
    """Return the texts that name a row or a feature, the best first."""
    for wanted in _NAMES:
        for column, value in cells.items():
            text = canonical(value)
            if isinstance(text, str) and text.strip() and words(column) == wanted:
                yield text


def check_names(table: Table, recipe: Recipe, findings: Findings) -> None:
    """Look at the columns before any message tells their names, and at the settings that name some.

    Raise DatasetError for names that can't be told in one line, and for more columns than a map can use.
    """
    if len(table.columns) > MOST_COLUMNS:
        refuse_columns(len(table.columns), findings)
    good = [_check_name(column, findings) for column in table.columns]
    if not all(good):
        findings.stop()
    if table.has_header or table.records:  # GeoJSON without a feature has no columns to be among
        _must_be_columns(recipe.rename, "DATASET_RENAME", table, findings)
        _must_be_columns(recipe.filter, "filter", table, findings)
        named = (name for name in recipe.columns if name not in (EVERY, recipe.key))
        _must_be_columns(named, "DATASET_COLUMNS", table, findings)
        _must_be_columns(recipe.leave_out, "DATASET_LEAVE_OUT", table, findings)


def _must_be_columns(names: Iterable[str], setting: str, table: Table, findings: Findings) -> None:
    for name in names:
        if name not in table.columns:
            findings.problem(
                say(
                    '{setting}: there is no column "{column}"; {hint}',
                    setting=setting,
                    column=excerpt(name),
                    hint=nearest(name, table.columns),
                )
            )


def properties_of(table: Table, recipe: Recipe, findings: Findings) -> dict[str, str]:
    """Return column → property, in the file's order: renamed, and without the dots that uMap's editor would
    make `_` at each load. Two columns that meet are a problem."""
    names: dict[str, str] = {}
    dotted: list[str] = []
    unseen: list[str] = []
    for column in table.columns:
        if column in STYLES:
            findings.warn(say("{column} is not published, because styles belong to the map", column=column))
            continue
        name = recipe.rename.get(column, column)
        _check_name(name, findings)
        if "." in name:
            dotted.append(name)
        names[column] = property_of(column, recipe)
        if without_unseen(name) != name and not _JOINERS.search(name):
            unseen.append(name)
    if dotted:
        findings.warn(_without_dots(dotted))
    if unseen:
        findings.warn(
            say(
                "these column names contain invisible characters: {columns}; type them again",
                columns=listed(unseen, _LISTED),
            )
        )
    _warn_of_taken(table, names, findings)
    _refuse_meetings(names, findings)
    return names


def property_of(column: str, recipe: Recipe) -> str:
    """Return the name that a column has on the map."""
    return recipe.rename.get(column, column).replace(".", "_")


def _warn_of_taken(table: Table, names: dict[str, str], findings: Findings) -> None:
    taken = {column: name for column, name in names.items() if name in _TAKEN}
    for column, name in taken.items():
        if any(record.cells.get(column) in (None, "") for record in table.records):
            findings.warn(
                say(
                    'where "{column}" is empty, {property} in a popup shows uMap\'s own value; to '
                    "avoid that, rename the column: DATASET_RENAME={column}=…",
                    column=excerpt(column),
                    property=f"{{{name}}}",
                )
            )


def _without_dots(dotted: list[str]) -> Text:
    names = tuple(
        say('"{name}" → "{new}"', name=excerpt(name), new=excerpt(name.replace(".", "_")))
        for name in dotted[:_LISTED]
    )
    if dotted[_LISTED:]:
        return say("uMap does not allow dots in field names: {names:, }, …", names=names)
    return say("uMap does not allow dots in field names: {names:, }", names=names)


def _check_name(name: str, findings: Findings) -> bool:
    if not name.strip():
        findings.problem(say("a property has an empty name; give it one"))
    elif any(unicodedata.category(char) == "Cc" for char in name):
        findings.problem(
            say(
                'the name of the column "{column}" contains a line break or another control '
                "character; write the name on one line",
                column=excerpt(name),
            ),
            column=name,
        )
    elif len(name) > _LONGEST:
        findings.problem(
            say(
                'the name of the column "{column}" has more than {most} characters; check that the '
                "header row is not missing",
                column=excerpt(name),
                most=_LONGEST,
            ),
            column=name,
        )
    elif name == _LOST:
        findings.problem(
            say(
                'browsers drop a field named "{column}"; rename the column in the file or with '
                "DATASET_RENAME",
                column=name,
            ),
            column=name,
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
                say(
                    'the columns "{first}" and "{second}" would both become the field "{name}"; rename '
                    "one of them in the file or with DATASET_RENAME",
                    first=excerpt(first),
                    second=excerpt(column),
                    name=excerpt(name),
                )
            )


def seeds_of(
    table: Table,
    recipe: Recipe,
    names: dict[str, str],
    findings: Findings,
    unpublished: Container[str] = (),
) -> tuple[str, ...]:
    """Return the seeds as properties. They may be named by column or by property; `geometry` is the place.

    `unpublished` are the columns that are kept off the map: none of them can be one.
    """
    place = ("geometry",) if table.places else ()
    seeds = [_seed(seed, recipe, names) for seed in recipe.seed]
    if table.has_header or table.records:
        for seed, name in zip(recipe.seed, seeds, strict=True):
            if not name and seed in unpublished:
                findings.problem(
                    say(
                        'DATASET_SEED: the column "{name}" is not published; remove it from the setting',
                        name=excerpt(seed),
                    )
                )
            elif not name or (name == GEOMETRY and not table.places):
                findings.problem(
                    say(
                        'DATASET_SEED: there is no column "{name}"; {hint}',
                        name=excerpt(seed),
                        hint=nearest(seed, (*names, *place)),
                    )
                )
            elif name == names.get(recipe.key):
                findings.problem(
                    say(
                        'DATASET_SEED: "{name}" is the id column (DATASET_KEY), which can\'t be listed '
                        "here; remove it from the setting",
                        name=excerpt(seed),
                    )
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
