"""From records to the layer: every row under its key, its cells under the properties' names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from itertools import islice
from operator import itemgetter
from shlex import quote
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from umap_bot.dataset.findings import EACH, Findings, excerpt, listed
from umap_bot.dataset.keys import check_key, key_text, record_key, warn_of_lookalikes
from umap_bot.dataset.made_keys import FreeKeys, base_of_row
from umap_bot.dataset.naming import STYLES, properties_of, property_of, seeds_of
from umap_bot.dataset.oddities import warn_of_oddities
from umap_bot.dataset.personal import personal_columns
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.table import Record, Table, nearest
from umap_bot.model.base import Known
from umap_bot.model.canon import Value
from umap_bot.model.layer import Feature, Layer
from umap_bot.model.mark import AskPublished, Published, mark_of, nothing_published
from umap_bot.text import Text, joined, say, say_n, verbatim

_LISTED: Final = 10
_RESTORE: Final = say(
    "These rows are on the map under their previous ids: restore the column from the "
    "previous version of the file."
)
_GONE: Final = 5
"""Ids that no row has any more, and that are named where another id is empty."""
_OFFERS: Final = 4_096
"""Rows without a key that are offered one."""


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
    return table, frozenset(filter(None, (record_key(record, recipe.key) for record in others)))


class Rows(Mapping[str, Feature]):
    """The rows of a layer, in the file's order. What base says of a row is decoded when it is asked for."""

    def __init__(self, rows: dict[str, Feature | Known]) -> None:
        self._rows = rows

    def __getitem__(self, key: str) -> Feature:
        row = self._rows[key]
        if isinstance(row, Known):
            row = self._rows[key] = Feature(row.properties, row.geometry)
        return row

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: object) -> bool:
        return key in self._rows


def to_layer(
    table: Table,
    recipe: Recipe,
    findings: Findings,
    left_out: frozenset[str] = frozenset(),
    unpublished: tuple[str, ...] = (),
    known: Mapping[str, Known] = MappingProxyType({}),
    published: AskPublished = nothing_published,
) -> Layer:
    """Return the layer. Raise FileError with all that was found, if there was a problem.

    The key is the column `recipe.key`; a GeoJSON feature without it is known by its own `id`. `left_out` are
    the keys of rows that were filtered away, `unpublished` the columns that were. `known` has the rows of
    base, the table's unchanged ones among them.
    """
    column = recipe.key
    table = _with_key_column(table, column, findings, published)
    names = properties_of(table, recipe, findings)
    seeds = seeds_of(table, recipe, names, findings, unpublished)
    read, lines = _rows(table, column, names, findings, left_out, published) if column in names else ({}, {})
    _warn_of_shared(lines, left_out, findings)
    warn_of_lookalikes(lines, findings)
    warn_of_oddities(table.records, findings)
    findings.stop()
    rows: dict[str, Feature | Known] = {key: read.get(key) or known[key] for key in lines}
    off_map = {property_of(column, recipe): column for column in unpublished}
    headers = {**off_map, **{name: header for header, name in names.items()}}
    return Layer(
        file=recipe.path,
        key=names[column],
        columns=tuple(names.values()),
        rows=Rows(rows),
        places=table.places,
        decimal=table.decimal,
        seeds=seeds,
        sources={} if findings.warnings else _sources(table, lines, known),
        lines=lines,
        headers={name: header for name, header in headers.items() if header != name},
        left_out=left_out - lines.keys(),
        unpublished=frozenset(off_map) - frozenset(names.values()),
        assumed=findings.assumed,
        warnings=findings.warnings,
        reading=findings.reading,
    )


def _sources(table: Table, lines: dict[str, int], known: Mapping[str, Known]) -> dict[str, str]:
    """Return the sources of the rows that have one. All of them are somewhere: else there was a warning."""
    sources = {key: known[key].source for key in table.unchanged}
    read = {record.number: record.source for record in table.records if record.source}
    if read:
        sources |= {key: read[number] for key, number in lines.items() if number in read}
    return sources


def _warn_of_shared(lines: dict[str, int], left_out: frozenset[str], findings: Findings) -> None:
    """Warn of keys that rows which are filtered away have too: a row that moves over can't be told apart."""
    shared = sorted(number for key, number in lines.items() if key in left_out)
    if shared:
        findings.warn(
            say(
                "the ids of {rows} also occur in rows that DATASET_FILTER leaves out; give each row "
                "its own id",
                rows=findings.rows(shared),
            )
        )


def _with_key_column(table: Table, column: str, findings: Findings, published: AskPublished) -> Table:
    own = [
        record for record in table.records if record.own_id is not None and record.cells.get(column) is None
    ]
    for record in own:
        record.cells = {**record.cells, column: record.own_id}
    if own:
        findings.warn(
            say(
                'no property "{column}" in {rows}: the feature\'s own id is used',
                column=excerpt(column),
                rows=findings.rows([record.number for record in own]),
            )
        )
    if column in STYLES:
        findings.problem(
            say(
                "{column} can't be the id column (DATASET_KEY), because it belongs to the map; "
                "choose another column",
                column=column,
            )
        )
    if column in table.columns:
        return table
    if own or (not table.has_header and not table.records):
        return replace(table, columns=(column, *table.columns))
    hint = nearest(column, table.columns)
    findings.problem(_no_key_column(column, table.sheet, hint))
    is_table = len(table.columns) > 1 or table.places  # else the delimiter may be wrong
    if is_table and "column" not in hint.values:
        findings.advise(_RESTORE if published().marks else _write_ids(findings))
    return table


def _no_key_column(column: str, sheet: str, hint: Text) -> Text:
    if not sheet:
        return say('there is no column "{column}" (DATASET_KEY); {hint}', column=excerpt(column), hint=hint)
    return say(
        'there is no column "{column}" (DATASET_KEY) in the sheet "{sheet}" (DATASET_SHEET); {hint}',
        column=excerpt(column),
        sheet=excerpt(sheet),
        hint=hint,
    )


def _rows(
    table: Table,
    column: str,
    names: dict[str, str],
    findings: Findings,
    left_out: frozenset[str],
    published: AskPublished,
) -> tuple[dict[str, Feature], dict[str, int]]:
    rows: dict[str, Feature] = {}
    lines = dict(table.unchanged)
    keyless: list[Record] = []
    same = all(name == names.get(name) for name in table.columns)
    whole = all(name in names for name in table.columns)
    for record in table.records:
        key = key_text(record.cells.get(column))
        if not key:
            keyless.append(record)
            continue
        if key in lines:
            text = say(
                'duplicate {column} "{value}" (also in {other}); change one of them',
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
    if keyless:
        before, present = published().of(names[column]), {*lines, *left_out}
        had = _keys_before(keyless, names, present, before)
        _refuse_lost(had, column, findings)
        free = FreeKeys(lines, (*left_out, *before.marks, *before.used))
        gone = before.gone({*present, *had.values()})
        new = [record for record in keyless if record.number not in had]
        _refuse_keyless(new, table, column, free, gone, findings)
    return rows, dict(sorted(lines.items(), key=itemgetter(1))) if table.unchanged else lines


def _keys_before(
    keyless: list[Record], names: dict[str, str], present: Set[str], before: Published
) -> dict[int, str]:
    """Return the keys that rows without one had as last published, and that no other row has now."""
    keys = before.ids_by_mark()
    if not keys:
        return {}
    found: dict[int, str] = {}
    for record in keyless:
        mark = mark_of(_renamed(record.cells, names, whole=False), record.geometry)
        if mark and (key := keys.get(mark, "")) and key not in present:
            found[record.number] = key
    return found


def _refuse_lost(had: dict[int, str], column: str, findings: Findings) -> None:
    before = listed(list(had.values()), _LISTED)
    of_all = say("{column} is empty; the ids were {ids}: write them back", column=column, ids=before)
    for number, key in had.items():
        text = say("{column} is empty; it was {value}: write it back", column=column, value=excerpt(key))
        findings.problem(text, number, column=column, of_all=of_all)
    if len(had) > EACH:
        findings.advise(_RESTORE)


def _renamed(cells: dict[str, Value], names: dict[str, str], *, whole: bool) -> dict[str, Value]:
    """Return the cells as properties. `whole`: no column is left out, which makes it twice as fast."""
    if whole:
        return dict(zip(map(names.__getitem__, cells), cells.values(), strict=True))
    return {names[header]: value for header, value in cells.items() if header in names}


def _refuse_keyless(
    records: list[Record],
    table: Table,
    column: str,
    free: FreeKeys,
    gone: Mapping[str, str],
    findings: Findings,
) -> None:
    """Note each row without a key, with a new one: of nothing personal.

    Before that it is asked about those that are `gone` from the file (key → name). To write a new one in
    place of one of them would remove a feature, unasked.
    """
    personal = {each.column for each in personal_columns(table)} if records else set()
    for count, record in enumerate(records):
        if isinstance(record.cells.get(column), (list, dict)):
            text = say("{column} is a list or an object; write text or a number", column=column)
            findings.problem(text, record.number, column=column)
            continue
        cells = {name: cell for name, cell in record.cells.items() if name not in personal}
        new = free.free(base_of_row(cells)) if count < _OFFERS else ""
        empty = say("{column} is empty", column=column)
        of_all = joined((empty, _whose(gone)), "; ") if gone else empty
        findings.problem(_keyless_text(column, new, gone), record.number, column=column, of_all=of_all)
    if len(records) > EACH and not findings.is_advised:
        findings.advise(_write_ids(findings, after_restoring=bool(gone)))


def _keyless_text(column: str, new: str, gone: Mapping[str, str]) -> Text:
    """Say that a row has no key, and which one to write; "" as `new`: none was made."""
    if not gone:
        if new:
            return say("{column} is empty; write {value}", column=column, value=new)
        return say("{column} is empty; write a unique one", column=column)
    question = say_n(
        "the id {ids} is no longer in the file: does it belong to this row?",
        "the ids {ids} are no longer in the file: does one of them belong to this row?",
        len(gone),
        ids=named_keys(gone),
    )
    if new:
        return say(
            "{column} is empty; {question} If not, write {value}", column=column, question=question, value=new
        )
    return say("{column} is empty; {question} If not, write a unique one", column=column, question=question)


def _whose(gone: Mapping[str, str]) -> Text:
    """Ask of several rows together which ids are theirs."""
    return say_n(
        "the id {ids} is no longer in the file: does it belong to one of these rows?",
        "the ids {ids} are no longer in the file: do they belong to these rows?",
        len(gone),
        ids=named_keys(gone),
    )


def named_keys(gone: Mapping[str, str]) -> Text:
    """Return the first keys with the names of their rows."""
    parts = tuple(
        say('{id} ("{title}")', id=excerpt(key), title=excerpt(name)) if name else verbatim(excerpt(key))
        for key, name in islice(gone.items(), _GONE)
    )
    return say("{ids:, }, …", ids=parts) if len(gone) > _GONE else say("{ids:, }", ids=parts)


def _write_ids(findings: Findings, *, after_restoring: bool = False) -> Text:
    command = f"umap-bot ids {quote(findings.file)}"
    if after_restoring:
        return say(
            "First write back the ids that belong to these rows. To add new ids to the others, "
            "in a copy of the file: {command}",
            command=command,
        )
    return say("To add ids automatically, in a copy of the file: {command}", command=command)
