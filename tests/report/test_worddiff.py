"""Two texts word by word: nothing of either is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from umap_bot.report.formats.worddiff import MOST, Piece, pieces

words = st.lists(st.sampled_from(["Bron", "Parilly", " ", ";", "é", "\n", "e\u0301", "-"]), max_size=20).map(
    "".join
)
both = st.one_of(st.tuples(words, words), st.tuples(st.text(), st.text()))


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


@given(both)
def test_very_long_texts_too_give_both(texts: tuple[str, str]) -> None:
    """They are not compared word by word: of their middle all counts as changed."""
    before, after = (text + "x y " * MOST for text in texts)
    found = pieces(before, after)
    assert (of(found, "gone"), of(found, "new")) == (before, after)
    assert len(found) <= 4
