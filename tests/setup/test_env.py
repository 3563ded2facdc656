"""The settings' file: whole, for its owner only, never over another one, and read back as it was meant."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umap_bot.errors import SettingsError
from umap_bot.settings import Settings, load
from umap_bot.setup.env import edited, env_text, write_env

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
    found = load(Settings, file, {})
    assert (found.umap_layer, found.dataset_path) == (layer, path)


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    write_env(file, "A=1\n", replace=False)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(SettingsError, match="already exists"):
        write_env(file, "A=1\n", replace=False)
    assert file.read_text(encoding="utf-8") == "mine"
    file.chmod(0o644)
    write_env(file, "A=1\n", replace=True)
    assert file.read_text(encoding="utf-8") == "A=1\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be written"):
        write_env(tmp_path / "none" / ".env", "A=1\n", replace=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "A=new\n"),
        ("B=1", "B=1\nA=new\n"),
        ("B=1\r\n", "B=1\r\nA=new\r\n"),
        ("# A=old\nA=old\n#A", "# A=old\nA=new\n#A"),
        ("export A='old'\t# of ada\nB=2\n", "export A=new\t# of ada\nB=2\n"),
        ('A="x # y" # z', "A=new # z"),
        ("A='x # y'", "A=new"),
        ("A='two\nlines' # z\nB=1\n", "A=new # z\nB=1\n"),
        ("A=1\n\n# one\n\nA=2\n# two\n", "A=new\n\n# one\n\n# two\n"),
        ("\n\n  A = old\n", "\n\n  A =new\n"),
        ("no setting at all\n'A\nA=old\nC=3 # c\n", "no setting at all\n'A\nA=new\nC=3 # c\n"),
        ("GONE=1\nB=1\n\nGONE=2 # x\nA=0\n", "B=1\n\nA=new\n"),
    ],
)
def test_a_setting_changes_and_all_else_stays(text: str, expected: str) -> None:
    assert edited(text, {"A": "new", "GONE": None}) == expected


line = st.text(st.characters(exclude_categories=["Cs", "Zl", "Zp"]), max_size=12)


@given(st.lists(line), words.map(str.strip).filter(bool), st.sampled_from(["\n", "\r\n"]))
def test_whatever_the_file_holds_is_kept(lines: list[str], value: str, end: str) -> None:
    """Or the value is refused, if it can't be read back."""
    text = end.join(lines)
    try:
        found = edited(text, {"UMAP_SESSION_COOKIE": value})
    except SettingsError:
        return
    assert found.startswith(text)
    assert edited(found, {"UMAP_SESSION_COOKIE": None}).rstrip("\r\n") == text.rstrip("\r\n")


def test_a_file_that_can_not_be_replaced_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\n", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("umap_bot.setup.env.os.fsync", full)
    with pytest.raises(SettingsError, match="can't be written: No space"):
        write_env(file, "A=2\n", replace=True)
    assert [(path.name, path.read_text("utf-8")) for path in tmp_path.iterdir()] == [(".env", "A=1\n")]
