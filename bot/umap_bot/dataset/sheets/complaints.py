"""What is told of a sheet's marks: cells that hold no value, and what is otherwise than it looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from umap_bot.dataset.delimited import column_letter
from umap_bot.dataset.findings import Findings, excerpt, listed
from umap_bot.dataset.sheets.answer import Marks, Odd, Oddity
from umap_bot.dataset.table import Record
from umap_bot.text import Text, say, say_n, verbatim

_LISTED: Final = 5


def refuse_valueless(marks: Marks, header: list[str], top: int, findings: Findings) -> None:
    """Note the cells of the table that hold no value: errors, and formulas whose result is not stored."""
    for row, column, error in marks.errors:
        if _is_in(row, column, header, top):
            text = say(
                "{cell} contains the error {error}; correct the formula, or type the value",
                cell=_cell(row, column, header),
                error=excerpt(error, 20),
            )
            findings.problem(text, row, column=_name(column, header), of_file=row == top)
    for row, column in marks.unknown:
        if _is_in(row, column, header, top):
            text = say(
                "{cell} is a formula whose result is not stored in the file; open the file in "
                "LibreOffice or Excel, and save it again",
                cell=_cell(row, column, header),
            )
            name = _name(column, header)
            findings.problem(text, row, f"unknown {column}", column=name, of_file=row == top)


def _is_in(row: int, column: int, header: list[str], top: int) -> bool:
    """Tell whether a cell belongs to the table. In the header every cell does."""
    return row == top or (row > top and column < len(header) and header[column] != "")


def _name(column: int, header: list[str]) -> str:
    return header[column] if column < len(header) else ""


def _cell(row: int, column: int, header: list[str]) -> Text:
    name = _name(column, header)
    cell = f"{column_letter(column)}{row}"
    return say('{cell} ("{column}")', cell=cell, column=excerpt(name)) if name else verbatim(cell)


def warn_of_marks(
    marks: Marks, header: list[str], top: int, records: list[Record], findings: Findings
) -> None:
    """Warn of merged cells, of cells that are shown otherwise than they are read, and of what is hidden."""
    bottom = records[-1].number if records else top
    _warn_of_merged(marks, header, top, bottom, findings)
    for odd in marks.odd:
        if odd.column < len(header) and header[odd.column] and odd.row > top:
            findings.warn(_ODDITIES[odd.kind](odd, header[odd.column]))
    hidden = set(marks.hidden_rows)
    rows = [record.number for record in records if record.number in hidden]
    if rows:
        findings.warn(
            say_n(
                "{rows} is hidden in the sheet but is still read",
                "{rows} are hidden in the sheet but are still read",
                len(rows),
                rows=findings.rows(rows),
            )
        )
    columns = [name for column, name in enumerate(header) if name and column in marks.hidden_columns]
    if columns:
        findings.warn(
            say_n(
                "a column is hidden in the sheet but is still read: {names}",
                "columns are hidden in the sheet but are still read: {names}",
                len(columns),
                names=listed(columns, _LISTED),
            )
        )


def _padded(odd: Odd, column: str) -> Text:
    return say_n(
        'the column "{column}" has {count} number displayed with leading zeros ({shown}) '
        "that are not part of its value; format the column as text, and type the zeros",
        'the column "{column}" has {count} numbers displayed with leading zeros ({shown}) '
        "that are not part of their values; format the column as text, and type the zeros",
        odd.count,
        column=excerpt(column),
        shown=excerpt(odd.shown, 20),
    )


def _zero_date(odd: Odd, column: str) -> Text:
    return say_n(
        'the column "{column}" has {count} date that is really the number 0 (row {row}, '
        "read as {shown}), probably a reference to an empty cell; empty the cell",
        'the column "{column}" has {count} dates that are really the number 0 (the first in '
        "row {row}, read as {shown}), probably references to empty cells; empty the cells",
        odd.count,
        column=excerpt(column),
        row=odd.row,
        shown=excerpt(odd.shown, 20),
    )


def _shifted_date(odd: Odd, column: str) -> Text:
    return say_n(
        'the column "{column}" has {count} date before March 1900 (row {row}, read as '
        "{shown}, as in LibreOffice); Excel shows the next day. Type it as text",
        'the column "{column}" has {count} dates before March 1900 (the first in row {row}, '
        "read as {shown}, as in LibreOffice); Excel shows the next day. Type them as text",
        odd.count,
        column=excerpt(column),
        row=odd.row,
        shown=excerpt(odd.shown, 20),
    )


def _no_date(odd: Odd, column: str) -> Text:
    return say_n(
        'the column "{column}" has {count} number formatted as a date or time that is not '
        "one (row {row}: {shown}); it is read as a number. Change the cell format",
        'the column "{column}" has {count} numbers formatted as dates or times that are not '
        "(the first in row {row}: {shown}); they are read as numbers. Change the cell format",
        odd.count,
        column=excerpt(column),
        row=odd.row,
        shown=excerpt(odd.shown, 20),
    )


def _covered(odd: Odd, column: str) -> Text:
    return say_n(
        'the column "{column}" has {count} value hidden under a merged cell (row {row}: '
        "{shown}), which is still read; unmerge the cells",
        'the column "{column}" has {count} values hidden under merged cells (the first in '
        "row {row}: {shown}), which are still read; unmerge the cells",
        odd.count,
        column=excerpt(column),
        row=odd.row,
        shown=excerpt(odd.shown, 20),
    )


_ODDITIES: Final[dict[Oddity, Callable[[Odd, str], Text]]] = {
    "padded": _padded,
    "zero date": _zero_date,
    "shifted date": _shifted_date,
    "no date": _no_date,
    "covered": _covered,
}


def _warn_of_merged(marks: Marks, header: list[str], top: int, bottom: int, findings: Findings) -> None:
    touching = [
        f"{column_letter(left)}{first}:{column_letter(right)}{last}"
        for first, left, last, right in marks.merged
        if last >= top and first <= bottom and any(header[left : right + 1])
    ]
    if touching:
        findings.warn(
            say(
                "merged cells ({ranges}): only the first cell of each has a value, and the others "
                "are empty; unmerge them, and type the value in each",
                ranges=listed(touching, _LISTED),
            )
        )
