"""All that is wrong with a file, gathered while it is read and told at once."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence, Set
from types import MappingProxyType
from typing import Final, Literal, NoReturn, TypeAlias

import msgspec

from umap_bot.errors import DatasetError
from umap_bot.model.layer import Reading
from umap_bot.text import NOTHING, Text, joined, say, say_n

Unit: TypeAlias = Literal["row", "feature"]
"""What a record of a file is called."""

SHOWN: Final = 20
"""Lines of problems in a message; the rest are counted."""
EACH: Final = 3
"""Problems of one kind that have a line each; more are one line, with the rows that they stand in."""
_RANGE: Final = 3
"""From how many rows in a row on only the first and the last are named."""
SHOWN_WARNINGS: Final = 20
EXCERPT: Final = 60
_LISTED: Final = 5
_KEPT: Final = 4_096
"""Problems that are kept one by one; of the others only the rows are."""


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

    `problems` are by row, each ready to be told; `more` is how many there are beside them. `lines` are those
    of the message, one for each kind of problem. `rows` goes from the number of each row with a problem to
    the columns that it is about; nothing if the file as a whole is wrong.
    """

    def __init__(
        self,
        message: Text,
        problems: tuple[Problem, ...],
        more: int = 0,
        *,
        way_out: Text = NOTHING,
        assumed: tuple[Text, ...] = (),
        warnings: tuple[Text, ...] = (),
        lines: tuple[Text, ...] = (),
        rows: Mapping[int, Set[str]] = MappingProxyType({}),
    ) -> None:
        super().__init__(message, way_out=way_out)
        self.problems = problems
        self.more = more
        self.assumed = assumed
        self.warnings = warnings
        self.lines = lines
        self.rows = rows

    @property
    def text(self) -> Text:
        """The message has a line for each kind of problem, and the way out of all has its own."""
        return joined((self.message, self.way_out), "\n") if self.way_out else self.message

    @property
    def in_full(self) -> Text:
        """The same with a line for each problem that was kept."""
        more = [say("and {count} more", count=self.more)] if self.more else []
        return joined((*(problem.text for problem in self.problems), *more, self.way_out), "\n")


class _Kind(msgspec.Struct):
    """Problems of one kind. `rows` are all that it stands in, `problems` those that were kept.

    `once`: it is one problem, in however many rows. `of_all` is what is true of all of them, if the text of
    the first is not.
    """

    once: bool
    of_all: Text
    rows: list[int] = []
    problems: list[Problem] = []


class Findings:
    """Problems and warnings of one file, and what was assumed of it.

    `unit` is what a record is called in messages. `reading` is how the bytes of a text were read. `told` are
    rows whose problems were told before: nothing more is noted of them.
    """

    def __init__(self, file: str, unit: Unit = "row", told: Container[int] = ()) -> None:
        self.file = excerpt(file, limit=200)
        self._unit = unit
        self._kinds: dict[object, _Kind] = {}
        self._rows: dict[int, set[str]] = {}
        self._told_before = told
        self._is_of_file = False
        self._kept = 0
        self._way_out = NOTHING
        self._warnings: list[Text] = []
        self._assumed: list[Text] = []
        self.reading = Reading()

    def problem(
        self,
        text: Text,
        row: int = 0,
        kind: str = "",
        *,
        column: str = "",
        value: str = "",
        of_all: Text = NOTHING,
        of_file: bool = False,
    ) -> None:
        """Note a problem, of a record if `row` is its number. `text` ends with the way out. `of_file`: it
        stands in a row, but the rest of the file can't be relied on either.

        Problems of one `kind` are one: a whole file in the wrong unit. Others are of one kind if they say the
        same of the same column; `of_all` is what is said of many of them. `column` and `value` are for
        programs; `text` says them itself.
        """
        of_file = of_file or not row
        if not of_file and row in self._told_before:
            return
        self._is_of_file = self._is_of_file or of_file
        self._rows.setdefault(row, set()).add(column)
        mark = kind or (column, of_all or (_shape(text) if row else text))
        found = self._kinds.setdefault(mark, _Kind(bool(kind), of_all))
        found.rows.append(row)
        if not found.problems or not (found.once or self._kept >= _KEPT):
            found.problems.append(Problem(text, row, excerpt(column), excerpt(value)))
            self._kept += 1

    def advise(self, way_out: Text) -> None:
        """Note what helps against problems of several rows: the message ends with it."""
        self._way_out = way_out

    @property
    def is_advised(self) -> bool:
        return bool(self._way_out)

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
        """Name records in a sentence: `rows 3–7, 9 and 4 more`. The numbers ascend."""
        ranges = list(_ranges(numbers))
        some, more = tuple(said for said, _ in ranges[:_LISTED]), sum(size for _, size in ranges[_LISTED:])
        if self._unit == "row":
            if more:
                return say("rows {numbers:, } and {more} more", numbers=some, more=more)
            return say_n("row {numbers:, }", "rows {numbers:, }", len(numbers), numbers=some)
        if more:
            return say("features {numbers:, } and {more} more", numbers=some, more=more)
        return say_n("feature {numbers:, }", "features {numbers:, }", len(numbers), numbers=some)

    @property
    def warnings(self) -> tuple[Text, ...]:
        told, more = self._warnings[:SHOWN_WARNINGS], len(self._warnings) - SHOWN_WARNINGS
        if more > 0:
            cut = say_n("and {count} more warning", "and {count} more warnings", more)
            return (*told, self._told(cut, 0))
        return tuple(told)

    def stop(self) -> None:
        """Raise FileError with all problems, by row; do nothing if there is none."""
        if not self._kinds:
            return
        lines = _by_row(line for kind in self._kinds.values() for line in self._lines(kind))
        problems = _by_row(problem for kind in self._kinds.values() for problem in self._each(kind))
        count = sum(1 if kind.once else len(kind.rows) for kind in self._kinds.values())
        raise FileError(
            self._message(lines),
            problems,
            count - len(problems),
            way_out=self._way_out,
            assumed=self.assumed,
            warnings=self.warnings,
            lines=tuple(_cut(lines)),
            rows={} if self._is_of_file else self._rows,
        )

    def _message(self, lines: tuple[Problem, ...]) -> Text:
        if len(lines) == 1:
            return lines[0].text
        head = say_n(
            "{file} has {count} problem:", "{file} has {count} problems:", len(lines), file=self.file
        )
        return joined([head, *_cut(lines)], "\n")

    def _lines(self, kind: _Kind) -> Iterator[Problem]:
        """Return a kind as the message tells it."""
        if kind.once or len(kind.rows) <= EACH:
            yield from self._each(kind)
        elif kind.of_all:
            rows = sorted(kind.rows)
            text = say("{file}, {record}: {text}", file=self.file, record=self.rows(rows), text=kind.of_all)
            yield Problem(text, rows[0])
        else:
            yield self._with_rows(min(kind.problems, key=_row), kind)

    def _each(self, kind: _Kind) -> Iterator[Problem]:
        if kind.once:
            yield self._with_rows(kind.problems[0], kind)
        else:
            for problem in kind.problems:
                yield msgspec.structs.replace(problem, text=self._told(problem.text, problem.row))

    def _with_rows(self, problem: Problem, kind: _Kind) -> Problem:
        """Return a problem with the other records in which it stands."""
        text, others = self._told(problem.text, problem.row), list(kind.rows)
        others.remove(problem.row)
        if others:
            text = say("{text} (also in {rows})", text=text, rows=self.rows(sorted(others)))
        return msgspec.structs.replace(problem, text=text, rows=tuple(others))

    def fatal(self, text: Text, row: int = 0) -> NoReturn:
        """Raise FileError: after this problem the file can't be read any further."""
        self.problem(text, row, of_file=True)
        self.stop()
        raise AssertionError  # stop raises: there is a problem


def _cut(lines: tuple[Problem, ...]) -> list[Text]:
    """Return the first lines, and how many there are beside them."""
    more = len(lines) - SHOWN
    rest = [say("and {count} more", count=more)] if more > 0 else []
    return [*(line.text for line in lines[:SHOWN]), *rest]


def _shape(text: Text) -> tuple[object, ...]:
    """Return what a sentence says apart from its values: its template, and those of the sentences in it."""
    parts = (value for value in text.values.values() if isinstance(value, Text) and value.template)
    return text.template or str(text), *map(_shape, parts)


def _ranges(numbers: Sequence[int]) -> Iterator[tuple[str, int]]:
    """Return ascending numbers as people write them (`3–7`), each with how many it stands for."""
    start = 0
    for end in range(1, len(numbers) + 1):
        if end < len(numbers) and numbers[end] == numbers[end - 1] + 1:
            continue
        if end - start >= _RANGE:
            yield f"{numbers[start]}–{numbers[end - 1]}", end - start
        else:
            yield from ((str(number), 1) for number in numbers[start:end])
        start = end


def _row(problem: Problem) -> int:
    return problem.row


def _by_row(problems: Iterator[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=_row))
