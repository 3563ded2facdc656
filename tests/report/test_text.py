"""A text says the same after it was stored, and one out of a file can do no harm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from umap_bot.errors import DatasetError
from umap_bot.text import (
    ENGLISH,
    English,
    Text,
    dec_hook,
    enc_hook,
    joined,
    lines_of,
    restore,
    say,
    say_n,
    store,
    verbatim,
)


class Loud(English):
    """Another language: it fills the places anew, as every one but English does."""

    last = "AND"

    def said(self, value: str | int) -> str:
        if not isinstance(value, Text) or not value.template or not value:
            return str(value)
        template = value.plural if value.plural and value.number != 1 else value.template
        return f"{self.vformat(template, (), value.values)}!"

    def number(self, text: str) -> str:
        return text.replace(".", ",")


LOUD: Final = Loud()
ZONES: Final = [UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-3))]

WORDS: Final = st.text(max_size=12) | st.sampled_from(
    ["{", "}", "{value}", "{0}", "{{}}", "%s", "Saint-Étienne"]
)
TIMES: Final = st.builds(datetime.fromtimestamp, st.integers(0, 2**32), st.sampled_from(ZONES))
NUMBERS: Final = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
METRES: Final = st.floats(-1e9, 1e9)


def made_of(inner: st.SearchStrategy[Text]) -> st.SearchStrategy[Text]:
    """Return texts of every kind that hold others."""
    parts = st.lists(WORDS | inner, max_size=4).map(tuple)
    return st.one_of(
        st.builds(lambda a, b: say('{file}: "{problem}"', file=a, problem=b), WORDS, inner),
        st.builds(lambda a, b: say("{number} of {number}, {name}", number=a, name=b), NUMBERS, WORDS),
        st.builds(lambda a, b: say("saved {date:day}, seen {time}", date=a, time=b), TIMES, TIMES),
        st.builds(lambda a: say("moved {metres:.1f} m ({metres:g})", metres=a), METRES),
        st.builds(lambda a: say("names: {names:and}; {names:, }", names=a), parts),
        st.builds(
            lambda n, a: say_n("{count} row of {file}", "{count} rows of {file}", n, file=a),
            st.integers(0, 3),
            WORDS | inner,
        ),
        st.builds(joined, parts, st.sampled_from([" ", ", ", " · "])),
    )


TEXTS: Final = st.recursive(st.builds(verbatim, WORDS), made_of, max_leaves=8)
SAID: Final = TEXTS.filter(bool)


@given(TEXTS)
def test_a_stored_text_comes_back(text: Text) -> None:
    stored = msgspec.json.decode(msgspec.json.encode(store(text)))
    again = restore(stored)
    assert again == text
    assert store(again) == stored
    assert LOUD.said(again) == LOUD.said(text)


@given(SAID)
def test_it_comes_back_out_of_a_struct(text: Text) -> None:
    class Held(msgspec.Struct):
        text: Text

    stored = msgspec.json.encode(Held(text), enc_hook=enc_hook)
    again = msgspec.json.decode(stored, type=Held, dec_hook=dec_hook)
    assert type(again.text) is Text
    assert store(again.text) == store(text)


@given(WORDS, WORDS)
def test_somebodys_words_are_no_template(column: str, value: str) -> None:
    text = say('{column}: "{value}"', column=column, value=value)
    expected = f'{column}: "{value}"'
    assert [text, restore(store(text)), LOUD.said(text)] == [expected, expected, f"{expected}!"]
    assert [verbatim(value), LOUD.said(verbatim(value)), restore(value)] == [value] * 3
    assert say("{text}", text=verbatim(value)) == value


@given(st.lists(SAID, min_size=1, max_size=4))
def test_lines_are_taken_apart_again(lines: list[Text]) -> None:
    found = lines_of(joined(lines, "\n"))
    assert [store(line) for line in found] == [store(line) for line in lines]
    assert [store(line) for line in lines_of(restore(store(joined(lines, "\n"))))] == list(map(store, lines))


@given(st.lists(SAID, min_size=1, max_size=4), SAID)
def test_a_way_out_stays_behind_the_last_line(lines: list[Text], way_out: Text) -> None:
    error = DatasetError(joined(lines, "\n"), way_out=way_out)
    *first, last = lines_of(error.text)
    assert [*first, last] == [*lines[:-1], f"{lines[-1]} {way_out}"]
    assert str(error) == "\n".join(lines) + f" {way_out}"


def test_places() -> None:
    rows = say_n("one row", "{count} rows", 3)
    assert rows == "3 rows"
    assert say_n("one row", "{count} rows", 1) == "one row"
    assert (
        say("{rows:count} of {of}, {names:and}", rows=rows, of=5, names=("a", "b", "c"))
        == "3 of 5, a, b and c"
    )
    assert say("{metres:.1f} m, {names:; }, {{}}", metres=2.04, names=("a", rows)) == "2.0 m, a; 3 rows, {}"
    assert (
        LOUD.said(say("{metres:.1f} m, {names:and}", metres=2.04, names=("a", rows)))
        == "2,0 m, a AND 3 rows!!"
    )


HOSTILE: Final[list[tuple[str, dict[str, Any]]]] = [
    ("{a.__class__}", {"a": "x"}),
    ("{a[0]}", {"a": "x"}),
    ("{a!r}", {"a": "x"}),
    ("{a:>999999999}", {"a": "x"}),
    ("{a:>999999999}", {"a": 5}),
    ("{a:999999999f}", {"a": 1.5}),
    ("{a:.999999999f}", {"a": 1.5}),
    ("{a:.٣f}", {"a": 1.5}),
    ("{a:{b}}", {"a": 1.5, "b": ".9f"}),
    ("{a:{b}}", {"a": ["x", "y"], "b": ", "}),
    ("{a:, as long as anybody likes it to be}", {"a": ["x", "y"]}),
    ("{a:day}", {"a": "x"}),
    ("{a:count}", {"a": "x"}),
    ("{a}", {"a": None}),
    ("{0}", {"a": "x"}),
    ("{}", {"a": "x"}),
    ("{b}", {"a": "x"}),
    ("{a", {"a": "x"}),
    ("}", {"a": "x"}),
]


@pytest.mark.parametrize(("template", "values"), HOSTILE)
@pytest.mark.parametrize("language", [ENGLISH, LOUD])
def test_strange_places_are_refused(template: str, values: dict[str, Any], language: English) -> None:
    with pytest.raises(msgspec.ValidationError):
        restore({"t": template, "v": values})
    with pytest.raises((ValueError, KeyError)):
        language.vformat(template, (), values)
    with pytest.raises(msgspec.ValidationError):  # of two forms, also the one that English does not say
        restore({"t": "{count} row", "p": template, "n": 1, "v": values})


@pytest.mark.parametrize(
    "stored",
    [
        None,
        5,
        [],
        ["a"],
        {},
        {"t": "a"},
        {"v": {}},
        {"t": 5, "v": {}},
        {"t": "a", "v": []},
        {"t": "a", "p": 5, "n": 1, "v": {}},
        {"t": "a", "p": "b", "v": {}},
        {"t": "a", "p": "b", "n": "x", "v": {}},
        {"t": "a", "p": "b", "n": [1], "v": {}},
        {"t": "{a}", "v": {"a": {}}},
        {"t": "{a}", "v": {"a": {"at": 5}}},
        {"t": "{a}", "v": {"a": {"at": "yesterday"}}},
        {"t": "{a}", "v": {"a": {"at": "0001-01-01T00:00:00+23:59"}}},
        {"t": "{a}", "v": {"a": {"t": "{b.c}", "v": {"b": "x"}}}},
        {"t": "{a}", "v": {"a": [{"t": "{b.c}", "v": {"b": "x"}}]}},
    ],
)
def test_what_is_no_text_is_refused(stored: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        restore(stored)


def within(stored: Any, template: str, times: int) -> Any:
    for _ in range(times):
        stored = {"t": template, "v": {"a": stored}}
    return stored


def in_lists(stored: Any, times: int) -> Any:
    for _ in range(times):
        stored = [stored]
    return {"t": "{a}", "v": {"a": stored}}


@pytest.mark.parametrize(
    "stored",
    [
        within("ha", "{a}{a}", 38),  # 500 GB
        within("", "{a}{a}", 38),  # nothing, but as often
        within("ha", "{a}", 200),
        within("ha", "{a}" * 21, 1),
        within("h" * 50_000, "{a}" * 20, 2),
        in_lists("ha", 200),
    ],
    ids=["doubled", "silent", "deep", "many", "long", "lists"],
)
def test_what_would_grow_without_bounds_is_refused(stored: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        restore(stored)
