"""A story on the terminal: nothing in it can steer the terminal or write lines of its own."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report.told import NOON, done, failed, held, plan, texts
from umap_bot.model.change import Create, Field, Update
from umap_bot.model.plan import Objection
from umap_bot.report.formats.terminal import MOST, inert, one_line, render
from umap_bot.report.history import history_story
from umap_bot.report.log import log_lines
from umap_bot.report.story import sections
from umap_bot.report.story.sentences import plan_story, run_story
from umap_bot.report.story.story import Diff, Line, Section, Story
from umap_bot.text import say, verbatim


def stories(name: str, value: str) -> list[Story]:
    told = plan(name, value)
    runs = [done(told), held(told), failed(value=value)]
    return [plan_story(told, NOON), *(run_story(run, NOON) for run in runs), history_story("k", runs)]


@given(texts, texts)
def test_no_control_bidi_or_format_characters(name: str, value: str) -> None:
    for story in stories(name, value):
        for text in (render(story), render(story, full=True)):
            bad = {"Cc", "Cf", "Cs", "Zl", "Zp"}
            assert [letter for letter in text if unicodedata.category(letter) in bad and letter != "\n"] == []


@given(texts, texts)
def test_no_line_of_its_own(name: str, value: str) -> None:
    tame = [render(story, full=True).count("\n") for story in stories("Bron", "Parilly")]
    assert [render(story, full=True).count("\n") for story in stories(name, value)] == tame


@given(texts)
def test_a_line_of_the_log_is_one_line(name: str) -> None:
    told = plan(name)
    for text in log_lines([done(told), held(told), failed(value=name)]):
        assert one_line(text).splitlines() == [one_line(text)]


def long_update(before: str, after: str) -> Story:
    update = Update(key="k", name="Bron", fields=(Field("q", before, after),))
    return plan_story(plan(changes=(update,), drift=()), NOON)


@given(st.integers(0, 400), st.text("ab ", max_size=10))
def test_a_long_text_shows_its_change_and_where_it_cut(start: int, end: str) -> None:
    sentence = "lorem ipsum dolor sit amet " * 20
    before = f"{sentence[:start]} was {sentence[start:]}{end}"
    after = f"{sentence[:start]} will {sentence[start:]}{end}"
    text = render(long_update(before, after))
    (line,) = [line for line in text.split("\n") if "  ~ Bron" in line]
    assert "[-was-][+will+]" in line
    assert "…" in line
    assert len(line) < 200


def test_all_of_it_is_shown_if_asked_for() -> None:
    before = " ".join(map(str, range(300)))
    text = render(long_update(before, f"{before} end"), full=True)
    assert f"{before}[+ end+]" in text
    assert "…" not in text


def test_of_a_long_list_only_the_lines_that_are_shown_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    make = sections._created

    def noted(create: Create, key: str, headers: Mapping[str, str]) -> Line:
        made.append(create.key)
        return make(create, key, headers)

    monkeypatch.setattr(sections, "_created", noted)
    creates = tuple(
        Create(key=f"k{number}", name=f"n{number}", properties={}, geometry=None) for number in range(500)
    )
    story = plan_story(plan(changes=creates, drift=()), NOON)
    assert f"and {500 - MOST} more: add --full" in render(story)
    assert len(made) == MOST
    assert "n499" in render(story, full=True)


def test_a_long_list_is_cut_aloud() -> None:
    lines = tuple(Line(mark="·", name=verbatim(f"n{number}"), said=(say("added"),)) for number in range(50))
    story = Story(sentence=say("Done."), sections=(Section("added", say("Added"), lines),))
    text = render(story)
    assert f"and {50 - MOST} more: add --full" in text
    assert "n20" not in text
    assert "n49" in render(story, full=True)
    assert "more" not in render(story, full=True)


@pytest.mark.parametrize("count", [11, 12])
def test_of_many_notes_ten_are_shown(count: int) -> None:
    """One more is shown too: to say that it is left out takes as much room."""
    notes = tuple(verbatim(f"{number} → {number + 1}") for number in range(count))
    held = Objection("renumbered", say("Ids were numbered again."), details=notes)
    story = plan_story(plan(objections=(held,)).holding(), NOON)
    text = render(story)
    assert "\n      9 → 10\n" in text
    assert ("      … and 2 more: add --full to see all" in text) is (count == 12)
    assert ("\n      10 → 11\n" in text) is (count == 11)
    assert f"\n      {count - 1} → {count}\n" in render(story, full=True)


def test_short_values_stand_whole_side_by_side() -> None:
    line = Line(mark="~", said=(Diff(verbatim("q"), "a", None),))
    story = Story(sentence=say("Done."), sections=(Section("file", say("Changed"), (line,)),))
    assert '  ~ q  "a" → (empty)' in render(story)


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("::error::x", "\\u003a:error::x"),
        ("a\n  ::set-output name=x::y", "a\n  \\u003a:set-output name=x::y"),
        ("\u00a0::add-mask::x", "\u00a0\\u003a:add-mask::x"),
        ("a ##[error]x", "a \\u0023#[error]x"),
        ("##vso[task.complete]", "\\u0023#vso[task.complete]"),
        ("a::b : c ## d", "a::b : c ## d"),
        ("### Changed in the file", "### Changed in the file"),
        (":+1:", ":+1:"),
    ],
)
def test_what_is_printed_is_no_command_to_a_ci_runner(line: str, printed: str) -> None:
    assert inert(line) == printed
