"""CSV and TSV: a header row and its rows (RFC 4180, and what spreadsheets make of it)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Final, Protocol

from msgspec.structs import replace

from umap_bot.dataset.charset import UNSHOWN, foreign_words, refuse_other_formats, to_text
from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.known_rows import KnownRows
from umap_bot.dataset.limits import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_IN_CELL,
    MOST_ROWS,
    refuse_columns,
    refuse_number_of_cells,
)
from umap_bot.dataset.places.choice import is_plain
from umap_bot.dataset.publication import is_published, may_be_shown
from umap_bot.dataset.quotes import (
    has_spaces_before_quotes,
    is_quoted_row,
    quoted_row,
    refuse_quoted_header,
    warn_of_swallowed_rows,
    wrong_quotes,
)
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.table import Record, Table, read_so_far
from umap_bot.model.canon import Value, nfc
from umap_bot.text import Text, say, say_n, verbatim

DELIMITERS: Final = (",", ";", "\t", "|")
"""What uMap's own import tries too."""
_NAMES: Final = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
"""Delimiters that a settings file can't hold, or not well."""
EXCELS_MARK: Final = re.compile(r'"?sep=([,;\t|])"?(?:\r\n|\r|\n)')
"""A first line that tells Excel the delimiter, and that it hides."""
_SAMPLE: Final = 200
_SAMPLE_SIZE: Final = 2**20
"""Rows, and characters, by which the delimiter is chosen."""
_MOST_RECORDS: Final = 10 * MOST_ROWS
"""Empty ones among them: going through 90 million takes a minute."""
_CHUNK: Final = 2**20
"""Characters that are given to csv at once: it takes four bytes for each."""
Numbered = tuple[int, list[str]]
_JSON: Final = re.compile(r"""\s*(\{\s*"|\[\s*\{)""")


def read(data: bytes, recipe: Recipe, findings: Findings, known_rows: KnownRows | None = None) -> Table:
    """Return the table of a CSV or TSV file.

    A row's number is that of its record, the header being row 1 and empty rows counting, as spreadsheets
    show it. Cells are text as it stands; an empty cell is not there; line breaks in it are \\n. Rows without
    any text are passed over, and so are empty cells beyond the header. Rows that `known_rows` know have no
    record. Raise FileError.
    """
    text, delimiter = opened(data, recipe, findings)
    if has_spaces_before_quotes(text, delimiter):
        findings.assume(
            say("spaces after delimiters are ignored, because some are followed by double quotes")
        )
    records: Iterator[Numbered] = enumerate(_records(text, delimiter, findings), start=1)
    top = next(((number, record) for number, record in records if any(record)), None)
    if top is None:
        findings.fatal(say("the file has no header row; add one and commit the file again"))
    if text.startswith('"'):
        refuse_quoted_header(top[1], DELIMITERS, findings, top[0])
    header = header_names(top[1], findings, top[0])
    records = _counted(records, findings)
    unchanged: dict[str, int] = {}
    if known_rows is not None and is_plain(tuple(filter(None, header)), recipe):
        rows = _unknown(records, header, known_rows, unchanged)
    else:
        rows = ((number, record, "") for number, record in records)
    table = _table(header, rows, delimiter, findings)
    table.unchanged = unchanged
    if findings.reading.words:
        _ask_of_guess(table, recipe, findings)
    if table.records and text.count("\n") > table.records[-1].number:
        warn_of_swallowed_rows(table.records, header, delimiter, findings)
    return table


def _ask_of_guess(table: Table, recipe: Recipe, findings: Findings) -> None:
    """Ask whether words were read well, of columns that may be shown; what is kept off the map needs no
    question."""
    shown, published = (
        foreign_words(_texts(table, [column for column in table.columns if fits(column, recipe)]))
        for fits in (may_be_shown, is_published)
    )
    words = shown or (UNSHOWN if published else ())
    findings.reading = replace(findings.reading, words=words)
    if words:
        findings.warn(
            say(
                "the file is not UTF-8 and was read as Windows-1252. Are these words correct: "
                "{words:, }? If so, set DATASET_ENCODING=cp1252; otherwise save the file as CSV "
                "UTF-8",
                words=words,
            )
        )
    else:
        findings.warn(
            say(
                "the file is not UTF-8 and was read as Windows-1252; no published column is "
                "affected. To confirm this encoding, set DATASET_ENCODING=cp1252; otherwise save "
                "the file as CSV UTF-8"
            )
        )


def _texts(table: Table, columns: Sequence[str]) -> Iterator[str]:
    """Return the names and the cells of columns, in the file's order."""
    yield from columns
    for record in table.records:
        yield from (cell for name in columns if isinstance(cell := record.cells.get(name), str))


def opened(data: bytes, recipe: Recipe, findings: Findings) -> tuple[str, str]:
    """Return the text, all line breaks as \\n, without the mark that only Excel reads, and the delimiter."""
    refuse_other_formats(data, findings)
    text = to_text(data, recipe.encoding, findings)
    if not text.strip(" \n,;\t|"):
        findings.fatal(say("the file is empty and has no header row; commit the file again"))
    if _JSON.match(text):
        findings.fatal(
            say("the file holds JSON instead of a table; if it is GeoJSON, rename it to end in .geojson")
        )
    hint = EXCELS_MARK.match(text)
    if hint:
        text = text[hint.end() :]
    return text, _delimiter(text, hint[1] if hint else "", recipe, findings)


def _delimiter(text: str, hint: str, recipe: Recipe, findings: Findings) -> str:
    """Return the delimiter: the settings', the file's own, that of its ending, else the likeliest."""
    delimiter = recipe.delimiter
    if delimiter.lower() not in ("", "auto"):
        delimiter = _NAMES.get(delimiter.lower(), delimiter)
        if delimiter not in DELIMITERS:
            findings.fatal(
                say(
                    "DATASET_DELIMITER={delimiter} is not a valid delimiter; use one of , ; | tab",
                    delimiter=excerpt(delimiter),
                )
            )
        return delimiter
    tabs = "\t" if recipe.path.lower().endswith(".tsv") else ""
    delimiter = hint or tabs or choose_delimiter(text)
    findings.assume(say("delimiter {delimiter} (DATASET_DELIMITER)", delimiter=_spoken(delimiter)))
    return delimiter


def _spoken(delimiter: str) -> Text:
    return say("tab") if delimiter == "\t" else verbatim(delimiter)


def choose_delimiter(text: str) -> str:
    """Return the delimiter by which the first rows have most columns, and equally many.

    If none parts the header it is the one that leaves most rows whole; a comma, if all do.
    """
    sample = text[:_SAMPLE_SIZE]
    return max(DELIMITERS, key=lambda delimiter: _score(sample, delimiter))


def _score(text: str, delimiter: str) -> tuple[float, float]:
    """Return how well a delimiter fits: columns × share (0 for one column), and the share.

    The share is that of the rows that have as many columns as the header.
    """
    widths = list(_widths(text, delimiter))
    if not widths:
        return 0.0, 0.0
    if 1 < len(widths) < _SAMPLE and len(text) == _SAMPLE_SIZE:
        widths.pop()  # the sample ends within this row
    share = widths.count(widths[0]) / len(widths)
    return (widths[0] * share if widths[0] > 1 else 0.0), share


def _widths(text: str, delimiter: str) -> Iterator[int]:
    """Return the number of cells of the first rows, as far as they can be read."""
    with suppress(csv.Error):
        for record in islice(_reader(text, delimiter), _SAMPLE):
            if any(record):
                yield len(record)


class _Reader(Protocol):
    """What csv.reader returns: records, and the number of the line that was read last."""

    @property
    def line_num(self) -> int: ...

    def __iter__(self) -> Iterator[list[str]]: ...


def _reader(text: str, delimiter: str) -> _Reader:
    csv.field_size_limit(MOST_IN_CELL)
    spaces = has_spaces_before_quotes(text, delimiter)
    lines = _narrow(_lines(text), delimiter)
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=spaces, strict=True)


class _TooWideError(csv.Error):
    """A line of more delimiters than all cells that a file may hold."""


def _narrow(lines: Iterable[str], delimiter: str) -> Iterator[str]:
    """Return the lines. Raise _TooWideError at one whose row alone would take gigabytes."""
    for line in lines:
        if len(line) > MOST_CELLS and (count := line.count(delimiter)) > MOST_CELLS:
            raise _TooWideError(count)
        yield line


def _lines(text: str) -> Iterator[str]:
    """Return the lines with their ends, without a second copy of the whole text."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + _CHUNK) + 1 or len(text)
        yield from io.StringIO(text[start:end], newline="\n")
        start = end


def _records(text: str, delimiter: str, findings: Findings) -> Iterator[list[str]]:
    number = 0
    reader = _reader(text, delimiter)
    try:
        for record in reader:
            number += 1
            if number > _MOST_RECORDS:
                refuse_number_of_cells(number, 0, findings)
            yield record
    except _TooWideError as error:
        refuse_columns(error.args[0] + 1, findings)
    except csv.Error as error:
        if "field limit" in str(error):
            said = say(
                "a cell has more than {most} characters; check for a missing double quote", most=MOST_IN_CELL
            )
            findings.fatal(said, number + 1)
        findings.fatal(wrong_quotes(str(error), _line(text, reader.line_num), delimiter), number + 1)


def _line(text: str, number: int) -> str:
    """Return a line of a text, by its number from 1."""
    return next(islice(_lines(text), number - 1, None), "")


def header_names(names: list[str], findings: Findings, row: int) -> list[str]:
    """Return the columns' names: NFC, outer white space gone. Names that repeat are problems."""
    header = [nfc(name).strip() for name in names]
    count = len(set(header))
    if count > MOST_COLUMNS + 1:  # all that have no name are one here
        refuse_columns(count, findings)
    indexes: dict[str, list[int]] = {}
    for index, name in enumerate(header):
        indexes.setdefault(name, []).append(index)
    for name, found in indexes.items():
        if name and len(found) > 1:
            text = say(
                'duplicate column "{column}" ({letters:and}); rename one of them',
                column=excerpt(name),
                letters=tuple(column_letter(index) for index in found[:5]),
            )
            findings.problem(text, row, column=name, of_file=True)
    return header


def _counted(records: Iterable[Numbered], findings: Findings) -> Iterator[Numbered]:
    """Return the records, as many as may be. Raise FileError at the first one more."""
    rows = filled = 0
    for number, record in read_so_far(records):
        here = len(record) - record.count("")
        rows += here > 0
        filled += here
        if rows > MOST_ROWS or filled > MOST_CELLS:
            refuse_number_of_cells(rows, filled, findings)
        yield number, record


def _unknown(
    records: Iterable[Numbered], header: list[str], known_rows: KnownRows, unchanged: dict[str, int]
) -> Iterator[tuple[int, list[str], str]]:
    """Return the records that are to be read, with their sources. Note the others in `unchanged`."""
    source_of, take = known_rows.of(header), known_rows.take
    for number, record in records:
        source = source_of("\0".join(record).encode())  # no cell holds a NUL
        key = take(source)
        if key is None:
            yield number, record, source
        else:
            unchanged[key] = number


def _table(
    header: list[str], records: Iterable[tuple[int, list[str], str]], delimiter: str, findings: Findings
) -> Table:
    width = len(header)
    rows: list[Record] = []
    told = False
    for number, record, source in records:
        if len(record) != width and not _mend(record, header, number, delimiter, findings):
            continue
        named = zip(header, record, strict=True)
        cells: dict[str, Value] = (
            {name: cell for name, cell in named if cell} if "" in record else dict(named)
        )
        if "" in cells and not told:
            _refuse_nameless(header, record, number, findings)
            told = True
        if cells:
            rows.append(Record(number, cells, source=source))
    return Table(tuple(name for name in header if name), rows)


def _refuse_nameless(header: list[str], record: list[str], number: int, findings: Findings) -> None:
    index = next(index for index, name in enumerate(header) if not name and record[index])
    text, letter = nameless(index, record[index]), column_letter(index)
    findings.problem(text, number, column=letter, value=record[index], of_file=True)


def nameless(index: int, value: str) -> Text:
    """Return what is wrong with a cell in a column that has no name."""
    return say(
        'column {letter} has no name but contains "{value}"; add a name in the header',
        letter=column_letter(index),
        value=excerpt(value),
    )


def _mend(record: list[str], header: list[str], number: int, delimiter: str, findings: Findings) -> bool:
    """Tell whether a row of another width than the header's can be read, and give it that width."""
    width = len(header)
    if not any(record):
        return False
    if not any(record[width:]) and not any(header[len(record) :]):
        record[width:] = []
        record += [""] * (width - len(record))
        return True
    if is_quoted_row(record, width, delimiter):
        findings.problem(quoted_row(record[0]), number, "quoted row")
    else:
        findings.problem(_unlike(len(record), width, _spoken(delimiter)), number)
    return False


def _unlike(count: int, width: int, delimiter: Text) -> Text:
    if count > width:
        way_out = say("put double quotes around any cell that contains {delimiter}", delimiter=delimiter)
    else:
        way_out = say("check for a missing cell, or a line break in a cell without double quotes")
    return say_n(
        "{count} cell, but the header has {width} (delimiter {delimiter}); {way_out}",
        "{count} cells, but the header has {width} (delimiter {delimiter}); {way_out}",
        count,
        width=width,
        delimiter=delimiter,
        way_out=way_out,
    )


def column_letter(index: int) -> str:
    """Return the letters by which a spreadsheet names a column: 0 is A, 26 is AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
