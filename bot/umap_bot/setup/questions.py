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
    say("The map's secret edit link (what you paste is not shown; empty: another map)"),
    hidden=True,
)
USERNAME: Final = Question("--username", say("The name of the bot's account (empty: another map)"))
PASSWORD: Final = Question("--password-env", say("Its password (what you type is not shown)"), hidden=True)
SESSION: Final = Question(
    "--session-cookie-env",
    say(
        "The value of the cookie “sessionid”, of a browser that is logged in (what you paste is not shown; "
        "empty: another map)"
    ),
    hidden=True,
)
REPO: Final = Question(
    "--repo (or --url)",
    say(
        "Where is the data? (The address of a table on the web: Grist, Nextcloud, Google Sheets, open data, "
        "a file. Or a git repository: its address, or a folder here)"
    ),
)
TOKEN: Final = Question(
    "--token-env",
    say("The key or password that lets the bot read it (what you paste is not shown; empty: other data)"),
    hidden=True,
)
REF: Final = Question("--ref", say("A branch or tag (empty: the repository's own default)"), usual="")
PATH: Final = Question("--path", say("The file's path in the repository"))
DRIFT: Final = Question(
    "--drift",
    say("Someone corrects on the map what stands in the file. What then?"),
    usual="overwrite",
    choices=(
        Choice("overwrite", say("The file wins, I am told (usual)")),
        Choice("keep", say("The map wins")),
        Choice("hold", say("Stop and ask me")),
    ),
)
DELETED: Final = Question(
    "--deleted",
    say("Someone deletes on the map a point that stands in the file, perhaps on purpose. What then?"),
    usual="hold",
    choices=(
        Choice("hold", say("Stop and ask me (usual)")),
        Choice("recreate", say("It is put back")),
        Choice("keep", say("It stays away")),
    ),
)


LINK, ACCOUNT, COOKIE, TWO = "edit link", "account", "session", "two maps"


def way_question(ways: Sequence[str], usual: str) -> Question:
    """Ask for the way in, among those that there may be."""
    texts = {
        LINK: say("The map has no owner: its secret edit link"),
        ACCOUNT: say("An account with a password for the bot, among the map's editors; it lasts"),
        COOKIE: say("A browser's session, for a sync by hand now and then: it ends after 14 days"),
        TWO: say("A second map, without owner, holds the data, and this one shows it; it lasts"),
    }
    choices = tuple(Choice(way, texts[way]) for way in ways)
    return Question(
        "--username (or --session-cookie-env, --edit-link-env)",
        say("How shall the bot get in?"),
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
    text = say(
        "Which column holds each row's own, lasting id? (Filled in every row, and never twice: these.)"
    )
    if not candidates and not file:
        text = say(
            "Which column holds each row's own, lasting id? None is filled in every row and never holds the "
            "same twice. Add a column “id” where the data is, with an id in every row, and answer: id."
        )
    elif not candidates:
        text = say(
            "Which column holds each row's own, lasting id? None is filled in every row and never holds the "
            "same twice. To have ids written, into a copy of the file: {command}. Commit it in the place of "
            "the file, and answer: id.",
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
        say("uMap shows “name” as title and label, and the file has no such column. Which one is it?"),
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
            'The column "{column}" looks personal ({example}), and anyone can read a public map.',
            column=column,
            example=example,
        ),
        usual=LEAVE_OUT,
        choices=(
            Choice(LEAVE_OUT, say("Keep it off the map (usual)")),
            Choice(PUBLISH, say("Publish it")),
        ),
    )


def area_question(proposed: str) -> Question:
    """Ask for the area in which the points may lie; "" proposes none, an empty value is none."""
    none = Choice(
        "", say("Anywhere; but one that would move or be added far from all others needs your approval")
    )
    box = Choice(
        proposed,
        say("Within {area} (west,south,east,north): the file's points and their surroundings (usual)",
            area=proposed),
    )  # fmt: skip
    return Question(
        "--area",
        say(
            "Where may points lie? One that would lie elsewhere needs your approval. (Or type another area.)"
        ),
        usual=proposed,
        choices=(box, none) if proposed else (none,),
    )


def one_of(question: Question, answer: str) -> str:
    """Return an answer that is one of the choices. Raise SettingsError for another."""
    if answer not in {choice.value for choice in question.choices}:
        numbers = tuple(str(number) for number in range(1, len(question.choices) + 1))
        raise SettingsError(say("That is none of the answers. Type one of {numbers:, }.", numbers=numbers))
    return answer
