"""The settings of a way in: one, whole, and in the forms that browsers write."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from umap_bot.errors import SettingsError
from umap_bot.settings import Settings, load

OTHERS = {
    "UMAP_MAP_URL": "https://umap.example/fr/map/x_1",
    "DATASET_REPO": "data",
    "DATASET_PATH": "a.csv",
}


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def given(**way: str) -> Settings:
    return load(Settings, environ={**OTHERS, **way})


@pytest.mark.parametrize(
    ("way", "said"),
    [
        (
            {"UMAP_EDIT_LINK": "s3cr3t", "UMAP_USERNAME": "bot", "UMAP_PASSWORD": "s3cr3t"},
            (
                "UMAP_EDIT_LINK and UMAP_USERNAME are both set, but only one sign-in method can be used. "
                "Keep only the one that you want to use."
            ),
        ),
        (
            {"UMAP_SESSION_COOKIE": "s3cr3t", "UMAP_PASSWORD": "s3cr3t"},
            "UMAP_PASSWORD and UMAP_SESSION_COOKIE are both set, but only one sign-in method can be used.",
        ),
        ({"UMAP_USERNAME": "bot"}, "UMAP_PASSWORD is missing. UMAP_USERNAME needs it."),
        ({"UMAP_PASSWORD": "s3cr3t"}, "UMAP_USERNAME is missing. UMAP_PASSWORD needs it."),
        (
            {"UMAP_SESSION_UNTIL": "2026-12-08"},
            "UMAP_SESSION_COOKIE is missing. UMAP_SESSION_UNTIL needs it.",
        ),
        (
            {"UMAP_SESSION_COOKIE": "s3cr3t", "UMAP_SESSION_UNTIL": "in a week"},
            "UMAP_SESSION_UNTIL: write a date, such as 2026-12-08.",
        ),
        ({"UMAP_USERNAM": "bot"}, "Did you mean UMAP_USERNAME?"),
    ],
)
def test_what_is_no_way_in_is_told_without_a_secret(way: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        given(**way)
    assert said in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    "written",
    [
        "2026-12-08",
        "2026-12-08T09:30:00.000Z",
        "2026-12-08 09:30:00",
        "2026-12-08T00:30:00+00:00",
        "2026-12-09T00:30:00+02:00",
        "Tue, 08 Dec 2026 09:30:00 GMT",
    ],
)
def test_the_end_as_browsers_show_it(written: str) -> None:
    found = given(UMAP_SESSION_COOKIE="s3cr3t", UMAP_SESSION_UNTIL=written)
    assert found.umap_session_until == date(2026, 12, 8)


def test_empty_values_are_no_way_in() -> None:
    found = given(UMAP_USERNAME="", UMAP_PASSWORD="", UMAP_SESSION_UNTIL="", UMAP_EDIT_LINK="s3cr3t")
    assert found.umap_edit_link is not None
    assert "s3cr3t" not in repr(found)
