"""The settings' file: whole, for its owner only, never over another one, and read back as it was meant."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SettingsError
from bot.settings import load
from bot.setup.env import env_text, write_env

NEEDED = {
    "UMAP_MAP_URL": "https://umap.example.org/fr/map/places_12",
    "DATASET_REPO": "https://git.example.org/places.git",
    "DATASET_PATH": "places.csv",
}


def test_only_what_is_needed_is_written() -> None:
    usual = {"DATASET_KEY": "id", "DATASET_REF": "", "SYNC_DRIFT": "overwrite", "SYNC_DELETED": "hold"}
    text = env_text({**NEEDED, **usual})
    assert [line.split("=")[0] for line in text.splitlines() if "=" in line and line[0] != "#"] == list(
        NEEDED
    )
    lines = text.splitlines()
    assert all(lines[at - 1].startswith("# ") for at, line in enumerate(lines) if line and line[0] != "#")


words = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=20)


@given(words.map(str.strip).filter(bool), words.map(str.strip).filter(bool))
def test_every_value_is_read_back(tmp_path_factory: pytest.TempPathFactory, layer: str, path: str) -> None:
    """Or refused, if no such file can hold it."""
    file = tmp_path_factory.mktemp("env") / ".env"
    try:
        text = env_text({**NEEDED, "UMAP_LAYER": layer, "DATASET_PATH": path})
    except SettingsError:
        assert "\\" in layer + path
        return
    write_env(file, text, replace=False)
    found = load(file, {})
    assert (found.umap_layer, found.dataset_path) == (layer, path)


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    write_env(file, "A=1\n", replace=False)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(SettingsError, match="is there already"):
        write_env(file, "A=1\n", replace=False)
    assert file.read_text(encoding="utf-8") == "mine"
    file.chmod(0o644)
    write_env(file, "A=1\n", replace=True)
    assert file.read_text(encoding="utf-8") == "A=1\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be written"):
        write_env(tmp_path / "none" / ".env", "A=1\n", replace=False)
