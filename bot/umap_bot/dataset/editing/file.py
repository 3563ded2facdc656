"""A file with edits, and the proof that nothing else of it has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from xml.parsers import expat

from msgspec.structs import replace

from umap_bot.dataset.decode import reader_of
from umap_bot.dataset.delimited import column_letter
from umap_bot.dataset.editing import features, ods, text, xlsx
from umap_bot.dataset.editing.edits import Edits
from umap_bot.dataset.editing.package import Cells, CellValue
from umap_bot.dataset.findings import Findings
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.sheets.answer import Request, Sheet
from umap_bot.dataset.sheets.grid import number, plain_number
from umap_bot.dataset.sheets.parts import UNPACKING, DamagedError, DoctypeError
from umap_bot.dataset.sheets.process import ask
from umap_bot.dataset.sheets.sheet import header_of
from umap_bot.dataset.table import Record, Table
from umap_bot.dataset.writing.cells import cell_text
from umap_bot.errors import DatasetError
from umap_bot.model.canon import Canon, Geometry, Value, canonical, canonical_geometry
from umap_bot.text import say

_BROKEN = (
    *UNPACKING,
    *(expat.ExpatError, KeyError, IndexError, DamagedError, DoctypeError),
)
"""What writing into a file raises that is laid out in a way that we don't know."""


def table_of(data: bytes, recipe: Recipe) -> Table:
    """Return the records of a file as they stand in it, all of them, with their coordinates as cells. Raise
    DatasetError."""
    read, unit = reader_of(recipe)
    findings = Findings(recipe.path, unit)
    table = read(data, _plain(recipe), findings)
    findings.stop()
    return table


def edited(data: bytes, recipe: Recipe, edits: Edits) -> bytes:
    """Return the file with these edits. Raise DatasetError if that can't be done without touching anything
    else.

    In a spreadsheet a removed row is emptied: rows below it would move under formulas, filters and prints.
    """
    before = table_of(data, recipe)
    try:
        written = _written(data, _plain(recipe), edits, before)
        if _is_proved(before, written, recipe, edits):
            return written
    except _BROKEN as error:
        raise _refusal(recipe) from error
    raise _refusal(recipe)


def letters_of(data: bytes, recipe: Recipe, table: Table) -> dict[str, str]:
    """Return the letters by which a spreadsheet names the columns; nothing of a file without any."""
    if is_geojson(recipe):
        return {}
    names: Iterable[str] = table.columns
    if not _is_text(recipe):
        sheet = ask(data, Request(recipe.sheet, recipe.key), Findings(recipe.path))
        _, names = header_of(sheet.rows, recipe.key)
    return {name: column_letter(index) for index, name in enumerate(names) if name}


def is_geojson(recipe: Recipe) -> bool:
    """Tell whether a file has geometries of its own, and values that are no text."""
    return PurePosixPath(recipe.path).suffix.lower() in (".geojson", ".json")


def _is_text(recipe: Recipe) -> bool:
    return PurePosixPath(recipe.path).suffix.lower() in (".csv", ".tsv")


def _plain(recipe: Recipe) -> Recipe:
    return replace(recipe.normalized(), filter={})


def _written(data: bytes, recipe: Recipe, edits: Edits, table: Table) -> bytes:
    findings = Findings(recipe.path, reader_of(recipe)[1])
    if _is_text(recipe):
        return text.write(data, recipe, edits, findings)
    if is_geojson(recipe):
        return features.write(data, edits)
    sheet = ask(data, Request(recipe.sheet, recipe.key), findings)
    cells = _in_sheet(sheet, recipe, edits, table, findings)
    write = xlsx.write if _is_excel(data) else ods.write
    return write(data, sheet.name, cells, findings) if cells else data


def _is_excel(data: bytes) -> bool:
    """Tell an .xlsx from an .ods, whatever it is called."""
    return b"[Content_Types].xml" in data


def _in_sheet(sheet: Sheet, recipe: Recipe, edits: Edits, table: Table, findings: Findings) -> Cells:
    """Return the edits as cells of the sheet by their numbers. A new column comes after all others."""
    top, names = header_of(sheet.rows, recipe.key)
    width = max(len(cells) for _, cells in sheet.rows)
    places = {name: index for index, name in enumerate(names) if name}
    found: dict[int, dict[int, CellValue]] = {}
    if edits.column:
        places[edits.column] = width
        found[top] = {width: edits.column}
    own = {record.number: record.cells for record in table.records}
    wanted: dict[int, Mapping[str, Value]] = {
        **edits.cells,
        **{number: dict.fromkeys(own[number]) for number in edits.removed},
        **dict(enumerate((record.cells for record in edits.added), start=sheet.rows[-1][0] + 1)),
    }
    numeric = _numeric_columns(table) if edits.added else frozenset[str]()
    for row, cells in wanted.items():
        for name, value in cells.items():
            was = own.get(row, {}).get(name)
            as_number = name in numeric if row not in own else _is_number(was)
            if name in places and (value is not None or was is not None):
                found.setdefault(row, {})[places[name]] = _cell(value, as_number=as_number)
    _refuse_merged(sheet, found, {index: name for name, index in places.items()}, findings)
    return found


def _refuse_merged(sheet: Sheet, cells: Cells, names: Mapping[int, str], findings: Findings) -> None:
    for top, first, bottom, last in sheet.marks.merged:
        for row in cells.keys() & range(top, bottom + 1):
            if within := sorted(column for column in cells[row] if first <= column <= last):
                column = names[within[0]]
                findings.fatal(
                    say('the column "{column}" has merged cells; unmerge them first', column=column)
                )


def _numeric_columns(table: Table) -> frozenset[str]:
    """Return the columns whose filled cells are all numbers."""
    values: dict[str, list[Value]] = {}
    for record in table.records:
        for name, value in record.cells.items():
            values.setdefault(name, []).append(value)
    return frozenset(name for name, found in values.items() if all(map(_is_number, found)))


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cell(value: Value, *, as_number: bool) -> CellValue:
    """Return a value as a cell holds it: a number where the cells are numbers, if nothing of it is lost."""
    said = cell_text(value, workbook=True)
    found = number(said) if as_number else None
    if found is not None and canonical(found) == canonical(said):
        return plain_number(found)
    return said or None


Fact = tuple[Canon, dict[str, Value], Canon, Value]
"""What a record says: in the cells that change, in the others, and of its place and own id."""


def _is_proved(before: Table, written: bytes, recipe: Recipe, edits: Edits) -> bool:
    """Read the file again: it says what is wanted, and beside that what it said."""
    try:
        after = table_of(written, recipe)
    except DatasetError:
        return False
    kept = [record for record in before.records if record.number not in edits.removed]
    wanted = [_wanted(record, edits, recipe) for record in kept]
    wanted += [_fact(dict(each.cells), {*each.cells}, each.geometry, None, recipe) for each in edits.added]
    found = list(_found(after, [{*edits.cells.get(each.number, ())} for each in kept], edits))
    columns = [name for name in after.columns if name != edits.column or name in before.columns]
    same_columns = is_geojson(recipe) or columns == list(before.columns)
    return same_columns and found == wanted


def _wanted(record: Record, edits: Edits, recipe: Recipe) -> Fact:
    new = edits.cells.get(record.number, {})
    place = edits.places.get(record.number, record.geometry)
    return _fact({**record.cells, **new}, {*new}, place, record.own_id, recipe)


def _found(table: Table, edited_columns: list[set[str]], edits: Edits) -> Iterator[Fact]:
    of_added = [{*each.cells} for each in edits.added]
    if len(table.records) != len(edited_columns) + len(of_added):
        return
    for record, names in zip(table.records, [*edited_columns, *of_added], strict=True):
        yield _fact(record.cells, names, record.geometry, record.own_id, None)


def _fact(
    cells: Mapping[str, Value],
    changed: set[str],
    place: Geometry | None,
    own_id: Value,
    recipe: Recipe | None,
) -> Fact:
    """Return what a record says; with a recipe, what it is to say in a file of that kind."""
    as_text = recipe is not None and not is_geojson(recipe)
    workbook = recipe is not None and not _is_text(recipe)
    values = {
        name: cell_text(value, workbook=workbook) if as_text else value
        for name, value in cells.items()
        if name in changed
    }
    rest = {name: value for name, value in cells.items() if name not in changed}
    return canonical(values), rest, canonical_geometry(place), own_id


def _refusal(recipe: Recipe) -> DatasetError:
    return DatasetError(
        say("{file} can't be changed without changing other parts of it.", file=recipe.path),
        way_out=say("Save it as CSV UTF-8 or .ods, and use that file."),
    )
