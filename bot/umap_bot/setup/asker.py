"""Who is asked: a person at a terminal, or nobody. Every answer is tried at once, and asked again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from umap_bot.errors import BotError, SettingsError, UsageError
from umap_bot.settings import hide_secrets, is_edit_link
from umap_bot.setup.questions import Question
from umap_bot.text import joined, lines_of, say

T = TypeVar("T")


class Asker(Protocol):
    """`patient` tells whether the same question can be asked again."""

    @property
    def patient(self) -> bool: ...
    def say(self, text: str) -> None: ...
    def ask(self, question: Question) -> str:
        """Return what was typed. Raise UsageError if nobody can be asked."""


class Nobody:
    """No terminal: what is usual is taken, and what isn't must be an option."""

    patient = False

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say

    def ask(self, question: Question) -> str:
        if question.usual is None or question.guess:
            raise UsageError(
                say("{option} is missing, and there is no terminal to ask you.", option=question.option),
                way_out=say("To see the options that answer the questions: umap-bot init --help"),
            )
        return question.usual


def settle(asker: Asker, question: Question, given: str | None, attempt: Callable[[str], T]) -> T:
    """Ask until an answer works, and give what the attempt at it gave. A `given` answer is tried once.

    Raise BotError if a given answer fails, or if nobody can be asked again.
    """
    if given is not None:
        return attempt(_harmless(question, given.strip()))
    while True:
        typed = question.meant(asker.ask(question))
        try:
            return attempt(_harmless(question, typed))
        except UsageError:
            raise
        except BotError as error:
            if not asker.patient:
                raise
            first, *more = lines_of(error.text)
            asker.say(joined((joined(("✗", first)), *more), "\n"))


def _harmless(question: Question, answer: str) -> str:
    """Return the answer. Raise SettingsError for an edit link in the place of something that is shown."""
    is_link = is_edit_link(answer)
    if question.hidden or is_link:
        hide_secrets({"UMAP_EDIT_LINK": answer})
    if question.hidden or not is_link:
        return answer
    raise SettingsError(
        say("That is the secret edit link of a map. It has its own question, where it is not shown."),
        way_out=say("Could anyone have seen it? Anyone who has the link can edit the map."),
    )
