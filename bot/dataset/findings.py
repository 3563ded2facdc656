"""All that is wrong with a file, gathered while it is read and told at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NoReturn, TypeAlias

from bot.errors import DatasetError
from bot.text import Text, joined, say, say_n

Unit: TypeAlias = Literal["row", "feature"]
"""What a record of a file is called."""

SHOWN: Final = 20
"""Problems that are written out; the rest are counted."""
SHOWN_WARNINGS: Final = 20
EXCERPT: Final = 60
_LISTED: Final = 5


def excerpt(text: str, limit: int = EXCERPT) -> str:
    """Give text of a file fit for one line of a message: cut, control characters spelt out."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(char if char.isprintable() else _spelt(char) for char in cut)


def quoted(text: str) -> Text:
    """Give text of a file between quotes, as a part of a list."""
    return say('"{text}"', text=excerpt(text))


def listed(names: Sequence[str], most: int, limit: int = EXCERPT) -> Text:
    """Give the first names of a list, and "…" if there are more."""
    parts = tuple(excerpt(name, limit) for name in names[:most])
    return say("{names:, }, …", names=parts) if len(names) > most else say("{names:, }", names=parts)


def _spelt(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


class Findings:
    """Problems and warnings of one file.

    `unit` is what a record is called in messages.
    """

    def __init__(self, file: str, unit: Unit = "row") -> None:
        self.file = excerpt(file, limit=200)
        self._unit = unit
        self._problems: list[tuple[int, Text, str]] = []
        self._rows: dict[str, list[int]] = {}
        self._warnings: list[Text] = []

    def problem(self, text: Text, row: int = 0, kind: str = "") -> None:
        """Note a problem, of a record if `row` is its number. `text` ends with the way out.

        Of problems with the same `kind` the first is told, and the others are counted there: a whole file in
        the wrong unit is one problem.
        """
        if kind in self._rows:
            self._rows[kind].append(row)
            return
        if kind:
            self._rows[kind] = []
        self._problems.append((row, text, kind))

    def _told(self, text: Text, row: int) -> Text:
        if not row:
            return say("{file}: {text}", file=self.file, text=text)
        return say("{file}, {record}: {text}", file=self.file, record=self.record(row), text=text)

    def warn(self, text: Text) -> None:
        self._warnings.append(say("{file}: {text}", file=self.file, text=text))

    def record(self, number: int) -> Text:
        """Name a record in a sentence: `row 3`."""
        return self.rows((number,))

    def rows(self, numbers: Sequence[int]) -> Text:
        """Name records in a sentence: `rows 3, 7, 9, 11, 12 and 4 more`."""
        count, more = len(numbers), len(numbers) - _LISTED
        some = tuple(map(str, numbers[:_LISTED]))
        if self._unit == "row":
            if more > 0:
                return say("rows {numbers:, } and {more} more", numbers=some, more=more)
            return say_n("row {numbers:, }", "rows {numbers:, }", count, numbers=some)
        if more > 0:
            return say("features {numbers:, } and {more} more", numbers=some, more=more)
        return say_n("feature {numbers:, }", "features {numbers:, }", count, numbers=some)

    @property
    def warnings(self) -> tuple[Text, ...]:
        told, more = self._warnings[:SHOWN_WARNINGS], len(self._warnings) - SHOWN_WARNINGS
        if more > 0:
            cut = say_n("and {count} more warning", "and {count} more warnings", more)
            return (*told, self._told(cut, 0))
        return tuple(told)

    def stop(self) -> None:
        """Raise DatasetError with all problems, by row; do nothing if there is none."""
        if not self._problems:
            return
        problems = sorted(self._problems, key=lambda problem: problem[0])
        lines = [self._with_others(self._told(text, row), kind) for row, text, kind in problems[:SHOWN]]
        count, more = len(problems), len(problems) - SHOWN
        if count == 1:
            raise DatasetError(lines[0])
        head = say_n("{file} has {count} problem:", "{file} has {count} problems:", count, file=self.file)
        rest = [say("and {count} more", count=more)] if more > 0 else []
        raise DatasetError(joined([head, *lines, *rest], "\n"))

    def _with_others(self, text: Text, kind: str) -> Text:
        rows = self._rows.get(kind)
        return say("{text} (the same in {rows})", text=text, rows=self.rows(rows)) if rows else text

    def fatal(self, text: Text, row: int = 0) -> NoReturn:
        """Raise DatasetError: after this problem the file can't be read any further."""
        self.problem(text, row)
        self.stop()
        raise AssertionError  # stop raises: there is a problem
