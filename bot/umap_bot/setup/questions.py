"""The questions of `init`, as values: what is asked, what may be answered, and which option answers it."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote
from typing import Final

import msgspec

from umap_bot.errors import SettingsError
from umap_bot.text import Text, joined, say, verbatim


class Choice(msgspec.Struct, frozen=True):
    """An answer that can be given by its number."""

    value: str
    text: Text


class Question(msgspec.Struct, frozen=True):
    """`option` answers it on the command line. `usual` is what an empty answer means, None if nothing.

    A `guess` is offered, but never taken without being asked.
    """

    option: str
    text: Text
    usual: str | None = None
    choices: tuple[Choice, ...] = ()
    hidden: bool = False
    guess: bool = False

    @property
    def spoken(self) -> Text:
        """The question with its numbered answers, a line each."""
        numbered = [
            joined((f"  {number}", choice.text), "  ") for number, choice in enumerate(self.choices, 1)
        ]
        return joined((self.text, *numbered), "\n")

    @property
    def offered(self) -> str:
        """What an empty answer means, as it is typed: a number if the answers have some."""
        values = [choice.value for choice in self.choices]
        return str(values.index(self.usual) + 1) if self.usual in values else self.usual or ""

    def meant(self, typed: str) -> str:
        """Return the answer that was meant by what was typed: a number, a value, or nothing."""
        typed = typed.strip()
        if not typed:
            return self.usual or ""
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(self.choices):
            return self.choices[int(typed) - 1].value
        return typed


MAP_URL: Final = Question("--map-url", say("The map's address, as visitors see it in the browser"))
EDIT_LINK: Final = Question(
    "--edit-link-env or --edit-link-file",
    say("The map's secret edit link (input is hidden; empty: choose another map)"),
    hidden=True,
)
USERNAME: Final = Question("--username", say("The name of the bot's account (empty: choose another map)"))
PASSWORD: Final = Question("--password-env", say("Its password (input is hidden)"), hidden=True)
SESSION: Final = Question(
    "--session-cookie-env",
    say(
        "The value of the “sessionid” cookie in a browser that is logged in (input is hidden; empty: "
        "choose another map)"
    ),
    hidden=True,
)
REPO: Final = Question(
    "--repo (or --url)",
    say(
        "Where is the data? (The address of a table on the web: Grist, Nextcloud, Google Sheets, open data, "
        "a file. Or a git repository: its address, or a folder on this machine)"
    ),
)
TOKEN: Final = Question(
    "--token-env",
    say("The key or password needed to read it (what you paste is not shown; empty: other data)"),
    hidden=True,
)
REF: Final = Question("--ref", say("A branch or tag (empty: the default branch)"), usual="")
PATH: Final = Question("--path", say("The file's path in the repository"))
DRIFT: Final = Question(
    "--drift",
    say("What should happen when someone edits a value from the file on the map?"),
    usual="overwrite",
    choices=(
        Choice("overwrite", say("Restore the file's value, and tell me (default)")),
        Choice("keep", say("Keep the value on the map")),
        Choice("hold", say("Stop and ask me")),
    ),
)
DELETED: Final = Question(
    "--deleted",
    say("What should happen when someone removes a point of the file from the map, perhaps on purpose?"),
    usual="hold",
    choices=(
        Choice("hold", say("Stop and ask me (default)")),
        Choice("recreate", say("Restore the feature from the file")),
        Choice("keep", say("Leave it off the map")),
    ),
)


LINK, ACCOUNT, COOKIE, TWO = "edit link", "account", "session", "two maps"


def way_question(ways: Sequence[str], usual: str) -> Question:
    """Ask for the way in, among those that there may be."""
    texts = {
        LINK: say("The secret edit link, for a map without an owner"),
        ACCOUNT: say(
            "An account with a password for the bot, as one of the map's editors. It does not expire"
        ),
        COOKIE: say("A browser session, for an occasional sync by hand. It expires after 14 days"),
        TWO: say(
            "A second map without an owner, which holds the data that this map shows. It does not expire"
        ),
    }
    choices = tuple(Choice(way, texts[way]) for way in ways)
    return Question(
        "--username (or --session-cookie-env, --edit-link-env)",
        say("How should the bot sign in?"),
        usual,
        choices,
        guess=True,
    )


def layer_question(names: Sequence[tuple[str, str]]) -> Question:
    """Ask for one of the map's layers; `names` goes from the answer to what is shown."""
    choices = tuple(Choice(value, verbatim(text)) for value, text in names)
    return Question("--layer", say("Which layer?"), choices=choices)


def key_question(candidates: Sequence[str], file: str) -> Question:
    """Ask for the column that tells which row is which. `id` is usual; another one is a guess.

    `file` is the path in the repository, "" for data that is fetched.
    """
    text = say("Which column holds the permanent id of each row? (These have a unique value in every row.)")
    if not candidates and not file:
        text = say(
            "Which column holds the permanent id of each row? No column has a unique value in every row. Add "
            "a column “id” to the data, with an id in every row, then answer: id."
        )
    elif not candidates:
        text = say(
            "Which column holds the permanent id of each row? None has a unique value in every row. To add "
            "ids to a copy of the file, run {command}. Commit the copy in place of the file, then answer: "
            "id.",
            command=f"umap-bot ids {quote(file)}",
        )
    usual = candidates[0] if candidates else None
    choices = tuple(Choice(name, verbatim(name)) for name in candidates)
    return Question("--key", text, usual, choices, guess=usual != "id")


def name_question(columns: Sequence[str], likely: str | None) -> Question:
    """Ask for the column that becomes `name`; an empty value is none of them."""
    none = Choice("", say("none of them: the points have no name"))
    return Question(
        "--rename (such as nom=name, or empty for none)",
        say(
            "uMap shows “name” as the title and label, but the file has no such column. Which column "
            "should it be?"
        ),
        usual=likely or "",
        choices=(*(Choice(column, verbatim(column)) for column in columns), none),
        guess=True,
    )


LEAVE_OUT, PUBLISH = "leave out", "publish"


def personal_question(column: str, example: str) -> Question:
    """Ask whether a column that looks personal may be published; `example` is the form of a value of it."""
    return Question(
        "--leave-out (or --columns)",
        say(
            'The column "{column}" looks personal ({example}). Anyone can read a public map.',
            column=column,
            example=example,
        ),
        usual=LEAVE_OUT,
        choices=(
            Choice(LEAVE_OUT, say("Keep it off the map (default)")),
            Choice(PUBLISH, say("Publish it")),
        ),
    )


def area_question(proposed: str) -> Question:
    """Ask for the area in which the points may lie; "" proposes none, an empty value is none."""
    none = Choice(
        "", say("Anywhere. A point that moves or is added far from all others still needs your approval")
    )
    box = Choice(
        proposed,
        say("Within {area} (west,south,east,north): around the points of the file (default)",
            area=proposed),
    )  # fmt: skip
    return Question(
        "--area",
        say(
            "Where may points be? A point anywhere else needs your approval. (You can also type another "
            "area.)"
        ),
        usual=proposed,
        choices=(box, none) if proposed else (none,),
    )


def one_of(question: Question, answer: str) -> str:
    """Return an answer that is one of the choices. Raise SettingsError for another."""
    if answer not in {choice.value for choice in question.choices}:
        numbers = tuple(str(number) for number in range(1, len(question.choices) + 1))
        raise SettingsError(say("That is not one of the answers. Type one of {numbers:, }.", numbers=numbers))
    return answer
