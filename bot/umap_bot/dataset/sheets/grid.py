"""The cells of one sheet as they are found, with what the sheet says of them beside their values."""

from __future__ import annotations

import math
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

from umap_bot.dataset.sheets.answer import MOST_CELLS, MOST_MARKS, Cell, Marks, Odd, Oddity

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_383
"""The largest of any spreadsheet: beyond it, nothing is shown."""
_EXACT: Final = 2**53

Note: TypeAlias = tuple[Literal["error", "unknown"] | Oddity, str]
"""What is told of a cell, and what it shows: an error, a formula without a result, or an oddity."""
Reading: TypeAlias = tuple[Cell, Note | None]

T = TypeVar("T")


class TooLargeError(Exception):
    """The sheet has more cells than are read."""


class Page(NamedTuple):
    """A sheet of a file. `seen`: people see its tab."""

    name: str
    seen: bool


class Grid:
    """Rows by number, from 1, each as far as its last filled cell; columns from 0.

    `most` is how many filled rows are asked for. `put` raises TooLargeError.
    """

    def __init__(self, most: int = LAST_ROW) -> None:
        self.rows: dict[int, list[Cell]] = {}
        self.marks = Marks()
        self._most = most
        self._count = 0
        self._odd: dict[tuple[int, Oddity], Odd] = {}

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= self._most

    def put(self, row: int, column: int, value: Cell, note: Note | None = None) -> None:
        """Put what a cell holds, None for nothing, and what is to be noted of it."""
        if row > LAST_ROW or column > LAST_COLUMN:
            raise TooLargeError
        if note is not None:
            self._note(row, column, *note)
        if value is None:
            return
        cells = self.rows.get(row)
        if cells is None:
            cells = self.rows[row] = []
        missing = column + 1 - len(cells)
        if missing > 0:
            self._count += missing
            if self._count > MOST_CELLS:
                raise TooLargeError
            cells += [None] * missing
        cells[column] = value

    def _note(self, row: int, column: int, kind: Literal["error", "unknown"] | Oddity, text: str) -> None:
        """Note a cell; of those of a column that are odd in the same way only the first is told."""
        if kind == "error":
            _add(self.marks.errors, (row, column, text[:20]))
        elif kind == "unknown":
            _add(self.marks.unknown, (row, column))
        elif known := self._odd.get((column, kind)):
            known.count += 1
        elif len(self._odd) < MOST_MARKS:
            self._odd[column, kind] = Odd(kind, column, 1, row, text[:40])
            self.marks.odd.append(self._odd[column, kind])

    def merge(self, first_row: int, first: int, last_row: int, last: int) -> None:
        _add(self.marks.merged, (first_row, first, last_row, last))

    def note_covered(self) -> None:
        """Note the values that merged cells cover, so that nobody sees them; look at so many at the most."""
        left_over = MOST_CELLS
        for first, left, last, right in self.marks.merged:
            for row in range(first, min(last, LAST_ROW) + 1):
                cells = self.rows.get(row, [])
                covered = range(left + (row == first), min(right + 1, len(cells)))
                left_over -= 1 + len(covered)
                if left_over < 0:
                    return
                for column in covered:
                    if cells[column] is not None:
                        self._note(row, column, "covered", str(cells[column]))

    def hide_row(self, row: int) -> None:
        _add(self.marks.hidden_rows, row)

    def hide_columns(self, first: int, last: int) -> None:
        hidden = self.marks.hidden_columns
        hidden.update(range(first, min(last + 1, first + MOST_MARKS - len(hidden))))


class Book(Protocol):
    """A file with sheets, in the order of their tabs. The methods raise DamagedError, DoctypeError."""

    @property
    def pages(self) -> list[Page]: ...

    def head(self, index: int) -> Grid:
        """Return the first filled rows of a sheet, TOP at least."""
        ...

    def read(self, index: int) -> Grid:
        """Return a sheet. Raise TooLargeError too."""
        ...


def _add(marks: list[T], mark: T) -> None:
    if len(marks) < MOST_MARKS:
        marks.append(mark)


def number(text: str) -> float | None:
    """Return the number that a text spells, None if it is none that is finite."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and text.isascii() and "_" not in text else None


def plain_number(value: float) -> int | float:
    """Return a whole number as such, if it is exact."""
    return int(value) if value.is_integer() and abs(value) <= _EXACT else value


def plain_text(text: str) -> str | None:
    """Return a text with line feeds alone, None for an empty one."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text or None
