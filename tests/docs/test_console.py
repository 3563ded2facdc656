"""The reading of console blocks, and that a comparison sees what is not so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.console import Step, steps, unlike

PAGE = """
```console
$ umap-bot init --repo cites \\
      --path "a file.csv"
Written: .env
$ umap-bot check
```
```sh
$ umap-bot sync
```
```console demo
$ umap-bot plan
```
"""
FRENCH = "Fichier a.csv, version 1234567\u00a0: le 3 févr. 2026 07:00\nFait (passage 2, 0,1\u00a0s).\n"
SAID = "File a.csv, version 1234567\n\nAdded\n  + Bron     here\n  + Lyon\ncode 2\n"


def test_commands_are_read_with_what_is_shown_below(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")
    assert steps(page) == [
        Step(("init", "--repo", "cites", "--path", "a file.csv"), ("Written: .env",), 3),
        Step(("check",), (), 6),
    ]
    assert steps(page, "demo") == [Step(("plan",), (), 12)]


@pytest.mark.parametrize(
    "shown",
    [
        ("File a.csv, version 7654321", "Added", "  + Bron  here", "  + Lyon", "code 2"),
        ("…",),
        ("…", "  + Bron here".replace("n h", "n      h"), "…"),
        ("File a.csv, version 7654321", "…", "  + Lyon", "…", "code 2"),
        ("…", "code 2", "…"),
    ],
)
def test_what_differs_at_each_run_and_lines_left_out_are_no_difference(shown: tuple[str, ...]) -> None:
    assert unlike(shown, SAID) is None


def test_french_is_read_like_english() -> None:
    shown = ("Fichier a.csv, version 7654321 : le 24 nov. 2026 06:41", "Fait (passage 2, 1,4 s).")
    assert unlike(shown, FRENCH) is None
    assert unlike((shown[0], "Fait (passage 3, 1,4 s)."), FRENCH) is not None


@pytest.mark.parametrize(
    "shown",
    [
        (),
        ("File a.csv, version 7654321", "…", "code 3"),
        ("…", "  + Lyon"),
        ("Added", "…"),
        ("…", "  + Lyon", "…", "  + Bron  here", "…"),
        ("…", "Added", "  + Lyon", "…"),
        ("…", "code 2", "…", "code 2"),
    ],
)
def test_everything_else_is_one(shown: tuple[str, ...]) -> None:
    assert unlike(shown, SAID) is not None
