"""CSV and TSV: a header row and its rows (RFC 4180, and what spreadsheets make of it)."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Final

from bot.dataset.charset import refuse_other_formats, to_text
from bot.dataset.findings import Findings, excerpt
from bot.dataset.recipe import Recipe
from bot.dataset.table import Record, Table
from bot.model.canon import Value
from bot.text import Text, say, say_n, verbatim

DELIMITERS: Final = (",", ";", "\t", "|")
"""What uMap's own import tries too."""
_SAMPLE: Final = 200
_CELL_LIMIT: Final = 64 * 2**20
"""Characters of a cell: csv's own limit (131 072) is less than a polygon's outline may take."""
_SPOKEN: Final = {"\t": say("tab")}


def read(data: bytes, recipe: Recipe, findings: Findings) -> Table:
    """Give the table of a CSV or TSV file.

    A row's number is that of its record, the header being row 1 and empty rows counting, as spreadsheets
    show it. Cells are text as it stands; an empty cell is not there; line breaks in it are \\n. Rows without
    any text are passed over, and so are empty cells beyond the header. Raise DatasetError.
    """
    refuse_other_formats(data, findings)
    text = to_text(data, recipe.encoding, findings)
    if not text.strip(" \n,;\t|"):
        findings.fatal(say("is empty, there is not even a header row; commit the file again"))
    hint = re.match(r'"?sep=([,;\t|])"?\n', text)  # Excel's own mark, which it hides
    if hint:
        text = text[hint.end() :]
    only = hint[1] if hint else "\t" if recipe.path.lower().endswith(".tsv") else ""
    delimiter = only or choose_delimiter(text)
    records = enumerate(_records(text, delimiter, findings), start=1)
    top = next(((number, record) for number, record in records if any(record)), None)
    if top is None:
        findings.fatal(say("has no header row; commit the file again"))
    header = _header(top[1], findings, top[0])
    return _table(header, records, delimiter, findings)


def choose_delimiter(text: str) -> str:
    """Give the delimiter by which the first rows have most columns, and equally many.

    If none parts the header it is the one that leaves most rows whole; a comma, if all do.
    """
    return max(DELIMITERS, key=lambda delimiter: _score(text, delimiter))


def _score(text: str, delimiter: str) -> tuple[float, float]:
    """Give columns × share of the rows that have as many as the header (0 of one column), and that share."""
    widths = list(_widths(text, delimiter))
    if not widths:
        return 0.0, 0.0
    share = widths.count(widths[0]) / len(widths)
    return (widths[0] * share if widths[0] > 1 else 0.0), share


def _widths(text: str, delimiter: str) -> Iterator[int]:
    """Give the number of cells of the first rows, as far as they can be read."""
    with suppress(csv.Error):
        for record in islice(_reader(text, delimiter), _SAMPLE):
            if any(record):
                yield len(record)


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(_CELL_LIMIT)
    return csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, strict=True)


def _records(text: str, delimiter: str, findings: Findings) -> Iterator[list[str]]:
    number = 0
    try:
        for record in _reader(text, delimiter):
            number += 1
            yield record
    except csv.Error as error:
        text = say(
            'the quotes are wrong from here on ({why}); a quote inside a cell is written twice: "a ""b"" c"',
            why=excerpt(str(error).replace("'", '"')),
        )
        findings.fatal(text, number + 1)


def _header(names: list[str], findings: Findings, row: int) -> list[str]:
    """Give the columns' names: NFC, outer white space gone. Names that repeat are problems."""
    header = [unicodedata.normalize("NFC", name).strip() for name in names]
    places: dict[str, list[int]] = {}
    for place, name in enumerate(header):
        places.setdefault(name, []).append(place)
    for name, found in places.items():
        if name and len(found) > 1:
            text = say(
                'the column "{column}" stands twice ({letters:and}); give one another name',
                column=excerpt(name),
                letters=tuple(letter(place) for place in found[:5]),
            )
            findings.problem(text, row)
    return header


def _table(
    header: list[str], records: Iterator[tuple[int, list[str]]], delimiter: str, findings: Findings
) -> Table:
    width = len(header)
    rows: list[Record] = []
    told = False
    for number, record in records:
        if len(record) != width and not _mend(record, header, number, delimiter, findings):
            continue
        cells: dict[str, Value] = {name: cell for name, cell in zip(header, record, strict=True) if cell}
        if "" in cells and not told:
            _refuse_nameless(header, record, number, findings)
            told = True
        if cells:
            rows.append(Record(number, cells))
    return Table(tuple(name for name in header if name), rows)


def _refuse_nameless(header: list[str], record: list[str], number: int, findings: Findings) -> None:
    place = next(place for place, name in enumerate(header) if not name and record[place])
    text = say(
        'column {letter} has no name, but holds "{value}"; name it in the header',
        letter=letter(place),
        value=excerpt(record[place]),
    )
    findings.problem(text, number)


def _mend(record: list[str], header: list[str], number: int, delimiter: str, findings: Findings) -> bool:
    """Tell whether a row of another width than the header's can be read, and give it that width."""
    width = len(header)
    if not any(record):
        return False
    if not any(record[width:]) and not any(header[len(record) :]):
        record[width:] = []
        record += [""] * (width - len(record))
        return True
    findings.problem(_unlike(len(record), width, _SPOKEN.get(delimiter) or verbatim(delimiter)), number)
    return False


def _unlike(count: int, width: int, delimiter: Text) -> Text:
    if count > width:
        way_out = say("put a cell that holds {delimiter} into double quotes", delimiter=delimiter)
    else:
        way_out = say("is a cell missing, or a line break in a cell without double quotes?")
    return say_n(
        "has {count} cell, the header {width} (delimiter {delimiter}); {way_out}",
        "has {count} cells, the header {width} (delimiter {delimiter}); {way_out}",
        count,
        width=width,
        delimiter=delimiter,
        way_out=way_out,
    )


def letter(place: int) -> str:
    """Give the letters by which a spreadsheet names a column: 0 is A, 26 is AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
