"""Markdown, read by a parser: hostile names are text and nothing else, and a cut is said."""

from __future__ import annotations

import re
from functools import lru_cache

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.report.told import HOSTILE, NOON, done, failed, held, plan, run, texts
from umap_bot.model.change import Field, Update
from umap_bot.report.formats.markdown import MOST, WORDS, escaped, render
from umap_bot.report.formats.terminal import one_line
from umap_bot.report.history import history_story
from umap_bot.report.language import language
from umap_bot.report.story.acts import Commands
from umap_bot.report.story.sentences import plan_story, run_story
from umap_bot.report.story.story import Line, Section, Story
from umap_bot.text import say, verbatim

ENGLISH = language("en")
ADDRESS = "https://u.example/m_1"
"""The map's, which is ours to link."""
GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OUR_TAGS = {"<span>", "</span>", "<del>", "</del>", "<ins>", "</ins>"}
CALLS = re.compile(
    r"""
      @[\w-] | \#\d | \bGH-\d | \$\S+.*\$
    | \b(https?|ftp)://\S | \bwww\.\S | :[\w+-]+: | \b[0-9a-f]{7,40}\b
    | [!&]\d | [%~][\w"] | \*iteration: | \[\w+: | \{\+.*\+\} | \{-.*-\} | \[\+.*\+\] | \[-.*-\]
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""What GitHub or GitLab makes links, pictures or formulas of, in the text between two tags."""
COMMANDS = re.compile(r"^\s*(/\w|::)|\#\#\[", re.MULTILINE)
"""What GitLab does with the rights of who writes the comment, or GitHub's runner when it is printed."""


@lru_cache(maxsize=16)
def tokens(markdown: str) -> tuple[Token, ...]:
    """All of them, one within another too. (A text is looked at in several ways, and parsed once.)"""
    return tuple(token for outer in GFM.parse(markdown) for token in (outer, *(outer.children or ())))


def shape(markdown: str) -> list[str]:
    """The kinds of all tokens, but text and the tags that only part it."""
    kinds = [
        token.type
        for token in tokens(markdown)
        if not (token.type == "html_inline" and "span" in token.content)
    ]
    return [kind for kind in kinds if kind not in {"text", "text_special", "inline"}]


def nodes(markdown: str) -> list[str]:
    """The texts between two tags, as a browser has them; code stands apart."""
    found = [""]
    for token in tokens(markdown):
        if token.type in {"text", "text_special"}:
            found[-1] += token.content
        elif token.type != "inline":
            found.append("")
    return found


def visible(markdown: str) -> str:
    """All that is read on the page, without line breaks."""
    return "".join(
        token.content for token in tokens(markdown) if token.type in {"text", "text_special", "code_inline"}
    )


def every(name: str, value: str) -> list[str]:
    told = plan(name, value)
    runs = [done(told), held(told), failed(value=value), run(None, "nothing")]
    stories = [plan_story(told, NOON), *(run_story(each, NOON) for each in runs), history_story("k", runs)]
    return [render(story, ENGLISH) for story in stories]


def one_name(name: str) -> str:
    lines = (Line(mark="·", name=verbatim(name), said=(say("added"),)),)
    story = Story(
        sentence=verbatim(name), sections=(Section("added", verbatim(name), lines),), end=(verbatim(name),)
    )
    return render(story, ENGLISH)


@given(texts.filter(lambda name: len(name) < WORDS))
def test_a_hostile_name_shows_as_the_text_that_it_is(name: str) -> None:
    shown = re.sub("[\ufdd0-\ufdd2]", "\ufffd", one_line(name))
    text = one_name(name)
    assert visible(text).count(shown) >= 4
    assert shape(text) == shape(one_name("Bron"))
    assert [node for node in nodes(text) if CALLS.search(node)] == []
    assert COMMANDS.search(text) is None


def kinds(markdown: str) -> list[str]:
    """The shape, but for the tags."""
    return [kind for kind in shape(markdown) if kind != "html_inline"]


TAME = [kinds(text) for text in every("Bron", "Parilly")]


@given(texts, texts)
def test_nothing_but_text_comes_out_of_names_and_values(name: str, value: str) -> None:
    for text, tame in zip(every(name, value), TAME, strict=True):
        assert {token.content for token in tokens(text) if token.type == "html_inline"} <= OUR_TAGS
        assert kinds(text) == tame
        assert [node for node in nodes(text) if CALLS.search(node)] in ([], [ADDRESS])
        assert COMMANDS.search(text) is None


def test_the_tests_see_what_is_not_escaped() -> None:
    """Most hostile names do harm as they are, so the tests above can fail."""
    tame = one_name("Bron")
    raw = {name: tame.replace("Bron", name.replace("\n", " ")) for name in HOSTILE}
    linked = [name for name, text in raw.items() if any(map(CALLS.search, nodes(text)))]
    formed = [name for name, text in raw.items() if shape(text) != shape(tame)]
    assert len(linked) >= 4
    assert len(formed) >= 10


def test_what_is_to_be_typed_is_code_and_copies_whole() -> None:
    told = held(plan())
    text = render(run_story(told, NOON, Commands(sync="umap-bot sync --env-file 'a`b.env'")), ENGLISH)
    code = [token.content for token in tokens(text) if token.type == "code_inline"]
    assert told.plan
    assert f"umap-bot sync --env-file 'a`b.env' --approve {told.plan.code}" in code


def test_what_a_person_can_do_is_a_box_to_tick() -> None:
    text = render(run_story(held(plan()), NOON), ENGLISH)
    boxes = [line for line in text.splitlines() if line.startswith("- [ ] ")]
    assert boxes[0] == "- [ ] If the position is wrong, correct it in cites.csv; nothing else is needed"
    assert boxes[1].startswith("- [ ] If the position is right, apply it: `umap-bot sync --approve ")


def test_what_a_person_can_do_is_never_cut_off() -> None:
    text = render(run_story(held(plan(name="x" * 900)), NOON), ENGLISH, most=4_000)
    assert "more line" in text
    assert "- [ ] If the position is right, apply it: `umap-bot sync --approve " in text


def test_the_map_s_address_is_a_link() -> None:
    text = render(run_story(done(plan()), NOON), ENGLISH)
    assert [token.attrs["href"] for token in tokens(text) if token.type == "link_open"] == [
        "https://u.example/m_1"
    ]


def test_a_long_text_shows_by_words_what_went_and_came() -> None:
    before = "Parilly, les quartiers du sud, ceux de l'ouest et quelques autres encore"
    update = Update(key="k", name="Bron", fields=(Field("q", before, before.replace("sud", "*nord*")),))
    text = render(plan_story(plan(changes=(update,), drift=()), NOON), ENGLISH)
    assert r"<del>sud</del><ins>\*nord\*</ins>" in text


def many(count: int) -> Story:
    changes = tuple(Update(key=f"{n}", name=f"n{n}", fields=(Field("q", "a", "@b"),)) for n in range(count))
    return plan_story(plan(changes=changes, drift=(), objections=()), NOON)


MANY = many(100)
WHOLE = render(MANY, ENGLISH)


def test_a_story_that_fits_is_whole() -> None:
    text = render(MANY, ENGLISH, most=len(WHOLE))
    assert "n99" in text
    assert "more line" not in text


@given(
    st.integers(200, 4_000),
    st.sampled_from(["", "umap-bot show 42 --full", "https://x.example/run-42.html"]),
)
def test_a_cut_is_between_lines_and_says_how_many_are_left(most: int, whole: str) -> None:
    all_of_it = WHOLE.split("\n")
    text = render(MANY, ENGLISH, most=most, whole=whole)
    assert len(text) <= most
    lines = text.split("\n")
    note = next(place for place, line in enumerate(lines) if line.startswith("… and "))
    kept = [line for line in lines[:note] if line]
    assert kept == [line for line in all_of_it if line][: len(kept)]
    left = int(lines[note].split()[2])
    whole_body = [line for line in all_of_it if line][
        : -len([line for line in lines[note + 1 :] if line]) or None
    ]
    assert left == len(whole_body) - len(kept)
    assert whole in visible(lines[note])


def test_what_to_do_next_is_never_cut_off() -> None:
    text = render(many(5_000), ENGLISH, whole="umap-bot plan --full")
    assert 50_000 < len(text) <= MOST
    assert "Nothing was written." in text.split("\n")[-1]


def test_ten_thousand_characters_leave_room_for_the_rest() -> None:
    text = render(plan_story(plan("<@" * 5_000), NOON), ENGLISH)
    assert len(text) <= MOST
    assert "Nothing was written." in text


def test_an_escape_is_for_one_line() -> None:
    assert escaped("a*b_c <d> & `e`") == r"a\*b\_c &lt;d&gt; &amp; \`e\`"
