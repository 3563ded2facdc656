"""All that is wrong with a file, gathered while it is read and told at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NoReturn

from bot.errors import DatasetError

SHOWN: Final = 20
"""Problems that are written out; the rest are counted."""
SHOWN_WARNINGS: Final = 20
EXCERPT: Final = 60


def shown(text: str, limit: int = EXCERPT) -> str:
    """Give text of a file fit for one line of a message: quoted, cut, control characters spelt out."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return '"' + "".join(char if char.isprintable() else _spelt(char) for char in cut) + '"'


def _spelt(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


class Findings:
    """Problems and warnings of one file.

    `unit` is what a record is called in messages: row or feature.
    """

    def __init__(self, file: str, unit: str = "row") -> None:
        self.file = shown(file, limit=200)[1:-1]
        self.unit = unit
        self._problems: list[tuple[int, str, str]] = []
        self._rows: dict[str, list[int]] = {}
        self._warnings: list[str] = []

    def problem(self, text: str, row: int = 0, kind: str = "") -> None:
        """Note a problem, of a record if `row` is its number. `text` ends with the way out.

        Of problems with the same `kind` the first is told, and the others are counted there: a whole file in
        the wrong unit is one problem.
        """
        if kind in self._rows:
            self._rows[kind].append(row)
            return
        if kind:
            self._rows[kind] = []
        where = f", {self.unit} {row}" if row else ""
        self._problems.append((row, f"{self.file}{where}: {text}", kind))

    def warn(self, text: str) -> None:
        self._warnings.append(f"{self.file}: {text}")

    def rows(self, numbers: Sequence[int]) -> str:
        """Name records in a sentence: `rows 3, 7, 9 and 4 more`."""
        listed = ", ".join(map(str, numbers[:5])) + (f" and {len(numbers) - 5} more" if numbers[5:] else "")
        return f"{self.unit}{'s' if len(numbers) > 1 else ''} {listed}"

    @property
    def warnings(self) -> tuple[str, ...]:
        more = len(self._warnings) - SHOWN_WARNINGS
        cut = (f"{self.file}: and {more} more warnings",) if more > 0 else ()
        return (*self._warnings[:SHOWN_WARNINGS], *cut)

    def stop(self) -> None:
        """Raise DatasetError with all problems, by row; do nothing if there is none."""
        if not self._problems:
            return
        problems = sorted(self._problems, key=lambda problem: problem[0])
        lines = [text + self._others(kind) for _, text, kind in problems]
        if len(lines) == 1:
            raise DatasetError(lines[0])
        more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
        head = f"{self.file} has {len(lines)} problems:"
        raise DatasetError("\n".join([head, *lines[:SHOWN], *more]))

    def _others(self, kind: str) -> str:
        rows = self._rows.get(kind)
        return f" (the same in {self.rows(rows)})" if rows else ""

    def fatal(self, text: str, row: int = 0) -> NoReturn:
        """Raise DatasetError: after this problem the file can't be read any further."""
        self.problem(text, row)
        self.stop()
        raise AssertionError  # stop raises: there is a problem
