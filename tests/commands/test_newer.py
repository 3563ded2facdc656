"""A uMap that is newer than the newest this umap-bot was tried on: it goes on, and that is said."""

from __future__ import annotations

import pytest

from tests.commands.desk import Desk, changed, rows
from umap_bot.model import release
from umap_bot.sandbox.server import Sandbox
from umap_bot.sandbox.spec import RELEASES

GOES_ON = "The sync continues; everything that is written is read back and verified."


@pytest.fixture
def sentence(umap: Sandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is to be said, were this program some releases older."""
    monkeypatch.setattr(release, "NEWEST_TRIED", "2.8.0")
    tested = "has not been tested with this version of umap-bot (newest tested: 2.8.0)"
    return f"uMap {umap.release} {tested}. {GOES_ON}"


def test_the_newest_tried_is_the_newest_that_the_tests_run_on() -> None:
    assert next(iter(RELEASES)) == release.NEWEST_TRIED


@pytest.mark.parametrize(
    ("seen", "newer"),
    [
        ("3.8.1", False),
        ("3.8.0", False),
        ("2.9.3", False),
        ("3.8.2", True),
        ("3.10.0", True),
        ("4.0.0b1", True),
        ("10.0", True),
        ("", False),
        ("main", False),
        ("3.8.1.dev1", True),
        ("3.8.1a2", True),
        ("3.8.0rc1", False),
        ("9" * 5000, True),
    ],
)
def test_what_is_newer(seen: str, newer: bool) -> None:
    assert release.beyond_tried(seen) == (release.NEWEST_TRIED if newer else "")


def test_check_says_it_always_and_a_run_once(desk: Desk, sentence: str) -> None:
    assert sentence in desk.type("plan").out
    assert sentence in desk.done("sync").out
    desk.commit(changed(rows(), "c1", commune="Lyon"))
    assert GOES_ON not in desk.type("plan").out
    assert GOES_ON not in desk.done("sync").out
    assert sentence in desk.done("check").out
