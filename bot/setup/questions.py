"""The questions of `init`, as values: what is asked, what may be answered, and which option answers it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from bot.errors import SettingsError
from bot.report.terminal import one_line


class Choice(msgspec.Struct, frozen=True):
    """An answer that can be given by its number."""

    value: str
    text: str


class Question(msgspec.Struct, frozen=True):
    """`option` answers it on the command line. `usual` is what an empty answer means, None if nothing.

    A `guess` is offered, but never taken without being asked.
    """

    option: str
    text: str
    usual: str | None = None
    choices: tuple[Choice, ...] = ()
    hidden: bool = False
    guess: bool = False

    @property
    def spoken(self) -> str:
        """The question with its numbered answers."""
        numbered = [f"  {number}  {choice.text}" for number, choice in enumerate(self.choices, 1)]
        return "\n".join([self.text, *numbered])

    @property
    def offered(self) -> str:
        """What an empty answer means, as it is typed: a number if the answers have some."""
        values = [choice.value for choice in self.choices]
        return str(values.index(self.usual) + 1) if self.usual in values else self.usual or ""

    def meant(self, typed: str) -> str:
        """Give the answer that was meant by what was typed: a number, a value, or nothing."""
        typed = typed.strip()
        if not typed:
            return self.usual or ""
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(self.choices):
            return self.choices[int(typed) - 1].value
        return typed


MAP_URL: Final = Question("--map-url", "The map's address, as visitors see it in the browser")
EDIT_LINK: Final = Question(
    "--edit-link-env or --edit-link-file",
    "The map's secret edit link (what you paste is not shown; empty: another map)",
    hidden=True,
)
REPO: Final = Question("--repo", "The git repository that holds the file: its address, or a folder here")
REF: Final = Question("--ref", "A branch or tag (empty: the repository's own default)", usual="")
PATH: Final = Question("--path", "The file's path in the repository")
DRIFT: Final = Question(
    "--drift",
    "Someone corrects on the map what stands in the file. What then?",
    usual="overwrite",
    choices=(
        Choice("overwrite", "The file wins, I am told (usual)"),
        Choice("keep", "The map wins"),
        Choice("hold", "Stop and ask me"),
    ),
)
DELETED: Final = Question(
    "--deleted",
    "Someone deletes on the map a point that stands in the file, perhaps on purpose. What then?",
    usual="hold",
    choices=(
        Choice("hold", "Stop and ask me (usual)"),
        Choice("recreate", "It is put back"),
        Choice("keep", "It stays away"),
    ),
)


def layer_question(names: Sequence[tuple[str, str]]) -> Question:
    """Ask for one of the map's layers; `names` goes from the answer to what is shown."""
    return Question(
        "--layer", "Which layer?", choices=tuple(Choice(value, one_line(text)) for value, text in names)
    )


def key_question(candidates: Sequence[str]) -> Question:
    """Ask for the column that tells which row is which. `id` is usual; another one is a guess."""
    text = "Which column holds each row's own, lasting id? (Filled in every row, and never twice: these.)"
    if not candidates:
        text = (
            "Which column holds each row's own, lasting id? None is filled in every row and never holds the "
            "same twice: give the file one, commit it, and name it here."
        )
    usual = candidates[0] if candidates else None
    choices = tuple(Choice(name, name) for name in candidates)
    return Question("--key", text, usual, choices, guess=usual != "id")


def name_question(columns: Sequence[str], likely: str | None) -> Question:
    """Ask for the column that becomes `name`; an empty value is none of them."""
    none = Choice("", "none of them: the points have no name")
    return Question(
        "--rename (such as nom=name, or empty for none)",
        "uMap shows “name” as title and label, and the file has no such column. Which one is it?",
        usual=likely or "",
        choices=(*(Choice(column, column) for column in columns), none),
        guess=True,
    )


def one_of(question: Question, answer: str) -> str:
    """Give an answer that is one of the choices. Raise SettingsError for another."""
    if answer not in {choice.value for choice in question.choices}:
        numbers = ", ".join(str(number) for number in range(1, len(question.choices) + 1))
        raise SettingsError(f"That is none of the answers. Type one of {numbers}.")
    return answer
