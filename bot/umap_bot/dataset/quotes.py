"""Double quotes of a CSV that do not do what they are there for: spaces beside them, rows within them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.table import Record
from umap_bot.text import Text, say

_SPACES: Final = " \t\u00a0\u202f"


def has_spaces_before_quotes(text: str, delimiter: str) -> bool:
    """Tell whether a cell of the text begins with spaces and a double quote, as in `a, "b"`.

    A delimiter, spaces, and one quote alone open a cell: within a quoted cell the quote would stand twice.
    """
    mark = re.escape(delimiter)
    return f"{delimiter} " in text and re.search(rf'{mark} +"[^"\n{mark}]', text) is not None


def wrong_quotes(why: str, line: str, delimiter: str) -> Text:
    """Return what is wrong with the quotes of a line in which the reading of a CSV broke off."""
    spaces, mark = _SPACES.replace(delimiter, ""), re.escape(delimiter)
    if "expected after" in why and re.search(rf'"[{spaces}]+({mark}|$)', line, re.MULTILINE):
        return say("there is a space after the closing double quote of a cell; remove the space")
    return say(
        'the double quotes are wrong from here on ({why}); write a quote inside a cell twice: "a ""b"" c"',
        why=excerpt(why.replace("'", '"')),
    )


def refuse_quoted_header(header: list[str], delimiters: Sequence[str], findings: Findings, row: int) -> None:
    """Raise FileError if a header that begins with a quote is one cell which holds all the names."""
    names = [name for name in header if name]
    if len(names) == 1 and any(delimiter in names[0] for delimiter in delimiters):
        findings.fatal(quoted_row(names[0]), row)


def is_quoted_row(record: list[str], width: int, delimiter: str) -> bool:
    """Tell whether a row is one cell that holds all the others."""
    return not any(record[1:]) and 1 < width <= record[0].count(delimiter) + 1


def quoted_row(cell: str) -> Text:
    """Return what is wrong with a row that stands in double quotes as a whole."""
    return say(
        'the whole row is one quoted cell ("{sample}"), as if the file had been exported '
        "twice; remove the double quotes around each row",
        sample=excerpt(cell),
    )


def warn_of_swallowed_rows(
    records: list[Record], header: list[str], delimiter: str, findings: Findings
) -> None:
    """Warn of cells that hold the rest of a row, a line break and the beginning of another row.

    Two lone quotes do that, with all rows between them: each line break is one between rows, so there are as
    many delimiters as so many rows have. Prose has spaces behind its commas.
    """
    found: dict[str, tuple[str, list[int]]] = {}
    for record in records:
        cells: dict[str, Any] = record.cells
        if "\n" not in "".join(cells.values()):
            continue
        for column, cell in cells.items():
            if "\n" in cell and _holds_rows(cell, len(header) - 1, delimiter):
                found.setdefault(column, (cell, []))[1].append(record.number)
    for column, (cell, numbers) in found.items():
        findings.warn(
            say(
                'the column "{column}" seems to contain whole rows in {rows} ("{sample}"), perhaps '
                "because of two stray double quotes; remove them, or write them twice",
                column=excerpt(column),
                rows=findings.rows(numbers),
                sample=excerpt(cell),
            )
        )


def _holds_rows(cell: str, delimiters: int, delimiter: str) -> bool:
    rows = cell.count("\n")
    prose = f"{delimiter} " in cell or (delimiters == 1 and f"{delimiter}\n" in cell)
    return 0 < cell.count(delimiter) == rows * delimiters and not prose
