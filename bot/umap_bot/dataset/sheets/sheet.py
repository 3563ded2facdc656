"""XLSX and ODS: one sheet of a workbook, its header row wherever it stands, and the rows below it."""

from __future__ import annotations

from typing import Final

from umap_bot.dataset.delimited import column_letter, header_names, nameless
from umap_bot.dataset.findings import Findings, excerpt, listed, quoted
from umap_bot.dataset.keys import key_text
from umap_bot.dataset.known_rows import KnownRows
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.sheets import archive
from umap_bot.dataset.sheets.answer import TOP, Cell, Marks, Request, Sheet
from umap_bot.dataset.sheets.complaints import refuse_valueless, warn_of_marks
from umap_bot.dataset.sheets.process import ask
from umap_bot.dataset.table import Record, Table, read_so_far
from umap_bot.model.canon import Value, nfc, number_text
from umap_bot.text import say

_LISTED: Final = 5
_LARGE: Final = 10**15
"""From here on a spreadsheet rounds what people type: it keeps 15 digits."""

Row = tuple[int, list[Cell]]


def read(data: bytes, recipe: Recipe, findings: Findings, _known_rows: KnownRows | None = None) -> Table:
    """Return the table of a sheet: that of `recipe.sheet`, or of those that people see the one that has the
    key column, or the first if none has it.

    The header is the first row (of the first 30 that hold anything) with the key column's name in it, else
    the first of two cells or more, all of them text, that has more than half as many as the widest row. A
    row's number is the one that spreadsheets show. Cells keep their types; dates and times are ISO text, an
    empty cell is not there. All rows are read: their cells have no text that could be compared. Raise
    DatasetError.
    """
    archive.check(data, findings)
    sheet = ask(data, Request(recipe.sheet, recipe.key), findings)
    _warn_of_sheets(sheet, recipe, findings)
    rows = sheet.rows
    if not rows:
        findings.fatal(
            say('the sheet "{sheet}" is empty; choose another in DATASET_SHEET', sheet=excerpt(sheet.name))
        )
    top = _header_index(rows, recipe.key)
    number, cells = rows[top]
    header = header_names([_as_text(cell) for cell in cells], findings, number)
    _warn_of_titles(rows[:top], number, findings)
    refuse_valueless(sheet.marks, header, number, findings)
    records = _records(rows[top + 1 :], header, recipe.key, sheet.marks, findings)
    warn_of_marks(sheet.marks, header, number, records, findings)
    _tell_of_large(records, recipe.key, findings)
    _warn_of_neighbours(header, findings)
    columns = tuple(name for name in header if name)
    return Table(columns, records, sheet=sheet.name if sheet.others else "")


def header_of(rows: list[Row], key: str) -> tuple[int, list[str]]:
    """Return the number of the header row, and its names, "" for a column that has none."""
    number, cells = rows[_header_index(rows, key)]
    return number, _header_texts(cells)


def _header_index(rows: list[Row], key: str) -> int:
    """Return the index of the header among the rows that hold anything."""
    top = rows[:TOP]
    named = (index for index, (_, cells) in enumerate(top) if key in _header_texts(cells))
    widest = max(map(_filled, top))
    wordy = (index for index, row in enumerate(top) if _is_wordy(row[1]) and 2 * _filled(row) > widest)
    return next(named, next(wordy, 0))


def _header_texts(cells: list[Cell]) -> list[str]:
    """Return the cells of a row as the columns' names would be."""
    return [nfc(_as_text(cell)).strip() for cell in cells]


def _filled(row: Row) -> int:
    return sum(cell is not None for cell in row[1])


def _is_wordy(cells: list[Cell]) -> bool:
    filled = [cell for cell in cells if cell is not None]
    return len(filled) > 1 and all(isinstance(cell, str) and cell.strip() for cell in filled)


def _as_text(cell: Cell) -> str:
    """Return a cell as text: numbers as JavaScript spells them."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell if isinstance(cell, str) else "" if cell is None else number_text(cell)


def _records(rows: list[Row], header: list[str], key: str, marks: Marks, findings: Findings) -> list[Record]:
    records: list[Record] = []
    index = header.index(key) if key in header else -1
    faulty = {(row, column) for row, column, *_ in (*marks.errors, *marks.unknown)}
    nameless = gap = False
    last = rows[0][0] if rows else 0
    for number, cells in read_so_far(rows):
        gap = gap or number > last + 1
        last = number
        nameless = nameless or _refuse_nameless(cells, header, number, findings)
        filled: dict[str, Value] = {
            name: cell for name, cell in zip(header, cells, strict=False) if name and cell is not None
        }
        if not filled or (number, index) in faulty:
            continue
        found = key_text(filled.get(key))
        if index >= 0 and _is_apart(found, key, number, findings, gap=gap):
            continue
        _refuse_nul(filled, number, findings)
        records.append(Record(number, filled))
    return records


def _is_apart(found: str, key: str, number: int, findings: Findings, *, gap: bool) -> bool:
    """Note a row that is none of the table: a second header, or a note below an empty row."""
    if found == key:
        text = say(
            "this row repeats the header; if a second table begins here, move it to another "
            "sheet, otherwise remove the row"
        )
    elif gap and not found:
        text = say(
            "this row is below an empty row and has no {column}; if it is a note, a total or "
            "another table, move it to another sheet, otherwise add its {column}",
            column=excerpt(key),
        )
    else:
        return False
    findings.problem(text, number, f"apart: {found}")
    return True


def _refuse_nameless(cells: list[Cell], header: list[str], number: int, findings: Findings) -> bool:
    """Note a cell in a column without a name."""
    names = [*header, *[""] * (len(cells) - len(header))]
    for index, (name, cell) in enumerate(zip(names, cells, strict=False)):
        if not name and cell is not None:
            findings.problem(nameless(index, _as_text(cell)), number, of_file=True)
            return True
    return False


def _refuse_nul(cells: dict[str, Value], number: int, findings: Findings) -> None:
    for name, cell in cells.items():
        if isinstance(cell, str) and "\0" in cell:
            text = say('"{column}" contains a NUL character; remove it', column=excerpt(name))
            findings.problem(text, number, column=name)


def _warn_of_sheets(sheet: Sheet, recipe: Recipe, findings: Findings) -> None:
    if sheet.others and not recipe.sheet:
        name, names = excerpt(sheet.name), listed(sheet.others, _LISTED)
        if sheet.keyed:
            text = say(
                'the sheet "{sheet}" is read, because only it has the column "{key}"; the others '
                "are: {names}. To choose another, set DATASET_SHEET",
                sheet=name,
                key=excerpt(recipe.key),
                names=names,
            )
        else:
            text = say(
                'the sheet "{sheet}" was read because it comes first; the others are: {names}. To '
                "choose another, set DATASET_SHEET",
                sheet=name,
                names=names,
            )
        findings.warn(text)
    if sheet.hidden:
        findings.warn(say('the sheet "{sheet}" is hidden but is still read', sheet=excerpt(sheet.name)))


def _warn_of_titles(rows: list[Row], number: int, findings: Findings) -> None:
    texts = [_as_text(cell) for _, cells in rows for cell in cells if cell is not None]
    if texts:
        findings.warn(
            say(
                "row {row} is read as the header; the text above it is ignored: {texts}",
                row=number,
                texts=listed([" ".join(text.split()) for text in texts], _LISTED),
            )
        )


def _tell_of_large(records: list[Record], key: str, findings: Findings) -> None:
    """Warn of numbers that were rounded, once for each column; note keys that became one another so."""
    found: dict[str, dict[float, list[int]]] = {}
    for record in records:
        for name, cell in record.cells.items():
            if isinstance(cell, (int, float)) and abs(cell) >= _LARGE:
                found.setdefault(name, {}).setdefault(cell, []).append(record.number)
    for name, rows in found.items():
        equal = next((numbers for numbers in rows.values() if len(numbers) > 1), None)
        if equal:
            text = say(
                '"{column}" is the same number of more than 15 digits in {rows}, perhaps because '
                "spreadsheets round such numbers; type them as text",
                rows=findings.rows(equal),
                column=excerpt(name),
            )
        else:
            text = say(
                '{record}: "{column}" is a number of more than 15 digits, which spreadsheets round; '
                "type it as text",
                record=findings.record(next(iter(rows.values()))[0]),
                column=excerpt(name),
            )
        if equal and name == key:
            findings.problem(text, equal[0], column=name)
        else:
            findings.warn(text)


def _warn_of_neighbours(header: list[str], findings: Findings) -> None:
    """Warn of columns that an empty one parts from the others: they may be another table."""
    names = [index for index, name in enumerate(header) if name]
    gaps = [index for index in range(names[0], names[-1]) if not header[index]] if names else []
    if gaps:
        after = [header[index] for index in names if index > gaps[0]]
        findings.warn(
            say(
                "column {letter} is empty, and the columns to the right of it are read as part of "
                "the table ({names}); if they are another table, move it to another sheet",
                letter=column_letter(gaps[0]),
                names=say("{names:, }", names=tuple(map(quoted, after[:_LISTED]))),
            )
        )
