"""All that is wrong with a file, gathered while it is read and told at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NoReturn, TypeAlias

import msgspec

from umap_bot.errors import DatasetError
from umap_bot.model.layer import Reading
from umap_bot.text import Text, joined, say, say_n

Unit: TypeAlias = Literal["row", "feature"]
"""What a record of a file is called."""

SHOWN: Final = 20
"""Problems that are written out; the rest are counted."""
SHOWN_WARNINGS: Final = 20
EXCERPT: Final = 60
_LISTED: Final = 5
_KEPT: Final = 4_096
"""Problems that are kept while a file is read: of a million, only the first by row are ever told."""


def excerpt(text: str, limit: int = EXCERPT) -> str:
    """Return text of a file fit for one line of a message: cut, control characters spelt out."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(char if char.isprintable() else _spelt(char) for char in cut)


def quoted(text: str) -> Text:
    """Return text of a file between quotes, as a part of a list."""
    return say('"{text}"', text=excerpt(text))


def listed(names: Sequence[str], most: int, limit: int = EXCERPT) -> Text:
    """Return the first names of a list, and "…" if there are more."""
    parts = tuple(excerpt(name, limit) for name in names[:most])
    return say("{names:, }, …", names=parts) if len(names) > most else say("{names:, }", names=parts)


def _spelt(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


class Problem(msgspec.Struct, frozen=True):
    """What is wrong, in one sentence that ends with the way out.

    `row` is the record's number, 0 for the whole file. `column` and `value` are those that it is about, ""
    if it is about none, or about several. `rows` are the others of which the same is true.
    """

    text: Text
    row: int = 0
    column: str = ""
    value: str = ""
    rows: tuple[int, ...] = ()


class FileError(DatasetError):
    """A file that can't be used as it is: all that was found until its reading ended.

    `problems` are the first 20, by row, each ready to be told; `more` is how many there are beside them.
    """

    def __init__(
        self,
        message: Text,
        problems: tuple[Problem, ...],
        more: int,
        assumed: tuple[Text, ...],
        warnings: tuple[Text, ...],
    ) -> None:
        super().__init__(message)
        self.problems = problems
        self.more = more
        self.assumed = assumed
        self.warnings = warnings


class Findings:
    """Problems and warnings of one file, and what was assumed of it.

    `unit` is what a record is called in messages. `reading` is how the bytes of a text were read.
    """

    def __init__(self, file: str, unit: Unit = "row") -> None:
        self.file = excerpt(file, limit=200)
        self._unit = unit
        self._problems: list[tuple[int, Problem, str]] = []
        self._dropped = 0
        self._rows: dict[str, list[int]] = {}
        self._warnings: list[Text] = []
        self._assumed: list[Text] = []
        self.reading = Reading()

    def problem(self, text: Text, row: int = 0, kind: str = "", *, column: str = "", value: str = "") -> None:
        """Note a problem, of a record if `row` is its number. `text` ends with the way out.

        Of problems with the same `kind` the first is told, and the others are counted there: a whole file in
        the wrong unit is one problem. `column` and `value` are for programs; `text` says them itself.
        """
        if kind in self._rows:
            self._rows[kind].append(row)
            return
        if kind:
            self._rows[kind] = []
        self._problems.append((row, Problem(text, row, excerpt(column), excerpt(value)), kind))
        if len(self._problems) > _KEPT:
            self._drop()

    def _drop(self) -> None:
        self._problems.sort(key=lambda problem: problem[0])
        self._dropped += len(self._problems) - SHOWN
        del self._problems[SHOWN:]

    def assume(self, text: Text) -> None:
        """Note how the file is read, where no setting says it: a few words, with the setting that would."""
        self._assumed.append(text)

    @property
    def assumed(self) -> tuple[Text, ...]:
        return tuple(self._assumed)

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
        """Raise FileError with all problems, by row; do nothing if there is none."""
        if not self._problems:
            return
        problems = sorted(self._problems, key=lambda problem: problem[0])
        told = [self._whole(problem, kind) for _, problem, kind in problems[:SHOWN]]
        count = len(problems) + self._dropped
        raise FileError(
            self._message(told, count), tuple(told), count - len(told), self.assumed, self.warnings
        )

    def _message(self, told: list[Problem], count: int) -> Text:
        if count == 1:
            return told[0].text
        head = say_n("{file} has {count} problem:", "{file} has {count} problems:", count, file=self.file)
        more = count - len(told)
        rest = [say("and {count} more", count=more)] if more > 0 else []
        return joined([head, *(problem.text for problem in told), *rest], "\n")

    def _whole(self, problem: Problem, kind: str) -> Problem:
        """Return a problem as it is told: with the file, the record, and the others like it."""
        text, rows = self._told(problem.text, problem.row), self._rows.get(kind, [])
        if rows:
            text = say("{text} (the same in {rows})", text=text, rows=self.rows(rows))
        return msgspec.structs.replace(problem, text=text, rows=tuple(rows))

    def fatal(self, text: Text, row: int = 0) -> NoReturn:
        """Raise FileError: after this problem the file can't be read any further."""
        self.problem(text, row)
        self.stop()
        raise AssertionError  # stop raises: there is a problem
