"""What the process that reads a spreadsheet may use, and what it answers. It knows no other room."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

MOST_CELLS: Final = 5_000_000
"""Cells from a row's first to its last filled one, in all rows together."""
MOST_NAMES: Final = 100
"""Names of sheets that are told; the others are counted."""
TOP: Final = 30
"""Filled rows among which the header is looked for."""
MOST_MARKS: Final = 10_000
"""Marks of one sort that are told."""

OUT_OF_MEMORY: Final = 3
"""The exit code for memory that was asked for and not given."""

Cell: TypeAlias = str | bool | int | float | None
Spot: TypeAlias = tuple[int, int]
"""Row, from 1, and column, from 0."""

Reason: TypeAlias = Literal[
    "no workbook", "no sheet", "no such sheet", "which sheet", "too large", "doctype", "damaged"
]
Oddity: TypeAlias = Literal["padded", "zero date", "shifted date", "no date", "covered"]


class Limits(msgspec.Struct, frozen=True):
    """What the process may use: bytes of address space, its interpreter's included; seconds of computing;
    bytes of the answer, of which a CSV may have as many."""

    memory: int = 2**30
    seconds: int = 20
    answer: int = 100 * 2**20


class Request(msgspec.Struct, frozen=True):
    """The sheet's name, "" for the one that people see which has the column `key`; and the limits.

    The column is looked for in the first TOP rows that hold anything.
    """

    sheet: str
    key: str
    limits: Limits = Limits()


class Odd(msgspec.Struct):
    """Cells of a column that are shown otherwise than they are read. The first is in `row`, read as `shown`.

    "padded": the number is shown with zeros in front (`shown` has them), which are no part of it. "zero
    date": the number 0, which no calendar has. "shifted date": one of the first 60 days of 1900, which Excel
    shows a day later. "no date": it has the format of a date or time, and is none; it is read as the number.
    "covered": a merged cell lies over it.
    """

    kind: Oddity
    column: int
    count: int
    row: int
    shown: str


class Marks(msgspec.Struct, omit_defaults=True):
    """What a sheet says beside its values.

    `errors` are cells with an error (#N/A), `unknown` formulas whose result is not stored, `merged` ranges:
    first row and column, last row and column.
    """

    errors: list[tuple[int, int, str]] = []
    unknown: list[Spot] = []
    odd: list[Odd] = []
    merged: list[tuple[int, int, int, int]] = []
    hidden_rows: list[int] = []
    hidden_columns: set[int] = set()


class Sheet(msgspec.Struct, tag="sheet"):
    """The rows that hold anything, with the numbers that spreadsheets show, cut after the last filled cell.

    `others` are the names of the other sheets that people see. `hidden`: they don't see this one. `keyed`: of
    several that they see it is the only one with the key column.
    """

    name: str
    rows: list[tuple[int, list[Cell]]]
    marks: Marks
    others: list[str] = []
    hidden: bool = False
    keyed: bool = False


class Refusal(msgspec.Struct, tag="refusal"):
    """Why there are no rows. `detail` is in words of the parser or of the file; `names`: the sheets."""

    reason: Reason
    detail: str = ""
    names: list[str] = []


Answer: TypeAlias = Sheet | Refusal
