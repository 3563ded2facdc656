"""Two texts word by word: nothing of either is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umap_bot.report.formats.worddiff import DEAREST, LONGEST, MOST, Piece, WordDiff, _compared

words = st.lists(st.sampled_from(["Bron", "Parilly", " ", ";", "é", "\n", "e\u0301", "-"]), max_size=20).map(
    "".join
)
both = st.one_of(st.tuples(words, words), st.tuples(st.text(), st.text()))


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    return WordDiff().pieces(before, after)


def of(found: tuple[Piece, ...], kind: str) -> str:
    return "".join(piece.text for piece in found if piece.kind in {"same", kind})


@given(both)
def test_the_pieces_give_both_texts(texts: tuple[str, str]) -> None:
    before, after = texts
    found = pieces(before, after)
    assert of(found, "gone") == before
    assert of(found, "new") == after
    assert all(piece.text for piece in found)


@given(words)
def test_equal_texts_have_no_change(text: str) -> None:
    assert {piece.kind for piece in pieces(text, text)} <= {"same"}


def test_a_word_that_came_is_the_only_change() -> None:
    assert pieces("Parilly", "Parilly;Terraillon-Chénier") == (
        Piece("same", "Parilly"),
        Piece("new", ";Terraillon-Chénier"),
    )


def numbered(first: int, count: int, between: str = " ") -> str:
    return between.join(f"w{number}" for number in range(first, first + count))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (numbered(0, MOST), numbered(MOST, MOST)),  # too many words
        (numbered(0, 200, ","), numbered(200, 200, ",")),  # too many pairs of equal ones: the commas
        ("a b " * 150, "b c " * 150),
        ("x" * LONGEST + " a", "x" * LONGEST + " b c"),
        (f"{'x' * 1_000_000}a{'y' * 1_000_000}", f"{'x' * 1_000_000}b{'y' * 1_000_000}"),
    ],
)
def test_what_would_take_long_is_told_by_its_ends(before: str, after: str) -> None:
    before, after = f"Both {before} end.", f"Both {after} end."
    found = pieces(before, after)
    assert (of(found, "gone"), of(found, "new")) == (before, after)
    assert [piece.kind for piece in found] == ["same", "gone", "new", "same"]


def test_long_texts_of_few_changes_are_compared_word_by_word() -> None:
    text = numbered(0, MOST // 2)
    changed = text.replace("w10 ", "here ").replace("w990 ", "there ")
    assert [piece.text for piece in pieces(text, changed) if piece.kind == "new"] == ["here", "there"]


def test_a_page_of_many_long_texts_has_a_budget() -> None:
    """Pairs of equal words that are looked at, never seconds. The first texts have it, whatever follows."""
    before, after = numbered(0, 130, ","), numbered(130, 130, ",")
    assert DEAREST > 129**2
    page = WordDiff(budget=3 * 129**2)
    counts = [len(page.pieces(f"{before}{number}", f"{after}{number}")) for number in range(5)]
    assert [count > 4 for count in counts] == [True, True, True, False, False]
    assert len(page.pieces("one", "two")) == 2  # what costs nothing is compared all the same


def test_both_languages_and_forms_compare_once_and_show_the_same() -> None:
    _compared.cache_clear()
    before, after = numbered(0, 100, ";"), numbered(100, 100, ";")
    first, second = WordDiff(budget=99**2), WordDiff(budget=99**2)
    assert first.pieces(before, after) == second.pieces(before, after)
    assert (_compared.cache_info().misses, _compared.cache_info().hits) == (1, 1)
    assert [len(page.pieces(f"{before} a", f"{after} b")) for page in (first, second)] == [3, 3]


def test_blanks_alone_are_nothing_in_common() -> None:
    assert pieces("one two three", "four five six") == (
        Piece("gone", "one two three"),
        Piece("new", "four five six"),
    )
