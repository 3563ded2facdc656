"""From records to the layer: every row under its key, its cells under the properties' names."""

from __future__ import annotations

from itertools import chain

from umap_bot.dataset.findings import SHOWN, Findings, excerpt
from umap_bot.dataset.keys import check_key, key_text, slug, warn_of_lookalikes
from umap_bot.dataset.naming import STYLES, names_in, properties_of, property_of, seeds_of
from umap_bot.dataset.oddities import warn_of_oddities
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.table import Record, Table, nearest
from umap_bot.model.canon import Value
from umap_bot.model.layer import Feature, Layer
from umap_bot.text import say


def filtered(table: Table, recipe: Recipe) -> tuple[Table, frozenset[str]]:
    """Return the table with only those rows that have the values of the recipe's filter, compared as text.

    With it go the keys of the other rows.
    """
    if not recipe.filter:
        return table, frozenset()
    wanted = {name: key_text(value) for name, value in recipe.filter.items()}
    kept: list[Record] = []
    others: list[Record] = []
    for record in table.records:
        fits = all(key_text(record.cells.get(name)) == value for name, value in wanted.items())
        (kept if fits else others).append(record)
    table.records = kept
    return table, frozenset(filter(None, (_key(record, recipe.key) for record in others)))


def _key(record: Record, column: str) -> str:
    value = record.cells.get(column)
    return key_text(record.own_id if value is None else value)


def to_layer(
    table: Table,
    recipe: Recipe,
    findings: Findings,
    left_out: frozenset[str] = frozenset(),
    unpublished: tuple[str, ...] = (),
) -> Layer:
    """Return the layer. Raise FileError with all that was found, if there was a problem.

    The key is the column `recipe.key`; a GeoJSON feature without it is known by its own `id`. `left_out` are
    the keys of rows that were filtered away, `unpublished` the columns that were.
    """
    column = recipe.key
    table = _with_key_column(table, column, findings)
    names = properties_of(table, recipe, findings)
    seeds = seeds_of(table, recipe, names, findings, unpublished)
    rows, lines = _rows(table, column, names, findings) if column in names else ({}, {})
    warn_of_lookalikes(lines, findings)
    warn_of_oddities(table.records, findings)
    findings.stop()
    off_map = {property_of(column, recipe): column for column in unpublished}
    headers = {**off_map, **{name: header for header, name in names.items()}}
    return Layer(
        file=recipe.path,
        key=names[column],
        columns=tuple(names.values()),
        rows=rows,
        places=table.places,
        seeds=seeds,
        lines=lines,
        headers={name: header for name, header in headers.items() if header != name},
        left_out=left_out - rows.keys(),
        unpublished=frozenset(off_map) - frozenset(names.values()),
        assumed=findings.assumed,
        warnings=findings.warnings,
        reading=findings.reading,
    )


def _with_key_column(table: Table, column: str, findings: Findings) -> Table:
    own = [
        record for record in table.records if record.own_id is not None and record.cells.get(column) is None
    ]
    for record in own:
        record.cells = {**record.cells, column: record.own_id}
    if own:
        findings.warn(
            say(
                'no property "{column}" in {rows}: the feature\'s own id is taken',
                column=excerpt(column),
                rows=findings.rows([record.number for record in own]),
            )
        )
    if column in STYLES:
        findings.problem(
            say(
                "{column} can't be the key (DATASET_KEY): it belongs to the map; name another column",
                column=column,
            )
        )
    if column in table.columns:
        return table
    if own or (not table.has_header and not table.records):
        return Table((column, *table.columns), table.records, table.places, table.has_header)
    findings.problem(
        say(
            'there is no column "{column}" (DATASET_KEY); {hint}',
            column=excerpt(column),
            hint=nearest(column, table.columns),
        )
    )
    return table


def _rows(
    table: Table, column: str, names: dict[str, str], findings: Findings
) -> tuple[dict[str, Feature], dict[str, int]]:
    rows: dict[str, Feature] = {}
    lines: dict[str, int] = {}
    keyless: list[Record] = []
    same = all(name == names.get(name) for name in table.columns)
    whole = all(name in names for name in table.columns)
    for record in table.records:
        key = key_text(record.cells.get(column))
        if not key:
            keyless.append(record)
            continue
        if key in rows:
            text = say(
                '{column} "{value}" stands in {other} too; give one another {column}',
                column=column,
                value=excerpt(key),
                other=findings.record(lines[key]),
            )
            findings.problem(text, record.number, column=column, value=key)
            continue
        check_key(key, record.number, column, findings)
        properties = record.cells if same else _renamed(record.cells, names, whole=whole)
        if isinstance(properties[names[column]], str):
            properties[names[column]] = key
        rows[key] = Feature(properties, record.geometry)
        lines[key] = record.number
    _refuse_keyless(keyless, column, rows, findings)
    return rows, lines


def _renamed(cells: dict[str, Value], names: dict[str, str], *, whole: bool) -> dict[str, Value]:
    """Return the cells as properties. `whole`: no column is left out, which makes it twice as fast."""
    if whole:
        return dict(zip(map(names.__getitem__, cells), cells.values(), strict=True))
    return {names[header]: value for header, value in cells.items() if header in names}


def _refuse_keyless(records: list[Record], column: str, rows: dict[str, Feature], findings: Findings) -> None:
    """Note each row without a key, with an offer made from its name, unlike every other key."""
    taken = set(rows)
    for count, record in enumerate(records):
        if isinstance(record.cells.get(column), (list, dict)):
            text = say("{column} is a list or an object; write text or a number", column=column)
            findings.problem(text, record.number, column=column)
            continue
        texts = {name: cell for name, cell in record.cells.items() if isinstance(cell, str) and cell.strip()}
        name = next(chain(names_in(texts), texts.values()), "")
        offer = slug(name, taken, fallback="") if count < SHOWN else ""
        taken.add(offer)
        if offer:
            text = say("{column} is empty; write {value}", column=column, value=offer)
        else:
            text = say("{column} is empty; write one of its own", column=column)
        findings.problem(text, record.number, column=column)
