"""The fuzzer itself: a seed gives the same cases again, some are good and some are not, a trace is seen."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from tests.fuzz import child
from tests.fuzz.__main__ import again, fuzz
from tests.fuzz.cases import DECODERS, SHEETS, Case, cases
from umap_bot.dataset.recipe import Recipe

FEW = [decoder for decoder in DECODERS if decoder not in SHEETS]


@pytest.mark.parametrize("decoder", DECODERS)
def test_a_seed_gives_the_same_cases(decoder: str) -> None:
    assert list(islice(cases(decoder, 1), 5)) == list(islice(cases(decoder, 1), 5))


@pytest.mark.parametrize("decoder", FEW)
def test_some_cases_are_good_and_some_are_not(decoder: str) -> None:
    count = Counter(child.tried(case) for case in islice(cases(decoder, 3), 60))
    assert set(count) == {"results", "errors"}


def test_what_is_neither_a_result_nor_an_error_of_ours_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(data: bytes, recipe: Recipe) -> None:
        raise KeyError("id")

    monkeypatch.setattr(child, "decode", broken)
    with pytest.raises(KeyError):
        child.tried(Case(b"id\n", Recipe(path="a.csv")))


def test_a_run_in_a_child_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz("csv", 1, 0.02) == 0
    assert '"errors"' in capsys.readouterr().out


def test_a_case_that_was_kept_is_decoded_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    child.keep(Case(b"id\n\n\na\n", Recipe(path="a.csv", key="id")), tmp_path)
    assert again(tmp_path) == 0
    assert capsys.readouterr().out == "results\n"
