"""One line for a session, whatever the layers, their stories and the format."""

from __future__ import annotations

import pytest

from tests.notify.made import run
from umap_bot.cli.output import reminders
from umap_bot.cli.output.formats import Format, LayerResult, render
from umap_bot.errors import BotError, SessionEnded, UnreachableError
from umap_bot.report.story.sentences import run_story
from umap_bot.report.story.several import LayerStory, failed
from umap_bot.text import Text, say

LINE = say("Log in again today: umap-bot login")
NEAR = {"a": LINE, "b": LINE}


def quiet(layer: str) -> LayerResult:
    return LayerResult(layer, run(), LayerStory(layer, run_story(run(), None), quiet=True))


def broken(layer: str, error: BotError) -> LayerResult:
    return LayerResult(layer, error, failed(layer, error))


UNREACHABLE = UnreachableError(say("no answer"))


@pytest.mark.parametrize("form", ["text", "markdown"])
@pytest.mark.parametrize(
    "shown",
    [
        [quiet("a"), quiet("b")],
        [quiet("z"), quiet("b"), quiet("a")],
        [broken("a", UNREACHABLE), quiet("b")],
    ],
)
def test_one_line_in_the_answer(
    shown: list[LayerResult], form: Format, capfd: pytest.CaptureFixture[str]
) -> None:
    told = render(reminders.with_reminders(shown, NEAR, form), form)
    assert told.count("Log in again today") == 1
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("shown", "form"),
    [([broken("a", UNREACHABLE), quiet("z")], "text"), ([quiet("a"), quiet("b")], "json")],
)
def test_one_line_beside_it_where_the_answer_has_no_place(
    shown: list[LayerResult], form: Format, capfd: pytest.CaptureFixture[str]
) -> None:
    assert "Log in again" not in render(reminders.with_reminders(shown, NEAR, form), form)
    assert capfd.readouterr().err == f"{LINE}\n"


def test_two_sessions_are_two_lines() -> None:
    near: dict[str, Text] = {"a": LINE, "b": say("Log in again tomorrow: umap-bot login")}
    told = render(reminders.with_reminders([quiet("a"), quiet("b")], near, "text"), "text")
    assert told.count("Log in again") == 2


def test_that_it_has_ended_is_said_once(capfd: pytest.CaptureFixture[str]) -> None:
    ended = SessionEnded(say("The session has ended."))
    assert [each.result for each in reminders.with_reminders([broken("a", ended)], NEAR, "text")] == [ended]
    assert capfd.readouterr() == ("", "")
