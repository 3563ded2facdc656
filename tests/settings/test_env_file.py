"""`.env`: each line is a setting, a comment, or blank. No other becomes the default without a word."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from umap_bot.errors import SettingsError
from umap_bot.manifest import NO_FILE, load_all
from umap_bot.settings import Settings, load, named_language

NEEDED = "UMAP_MAP_URL=https://umap.example/fr/map/x_1\nDATASET_REPO=data\nDATASET_PATH=a.csv\n"
"""Three lines: what a test adds begins in line 4."""


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def loaded(extra: str | bytes) -> Settings:
    more = extra if isinstance(extra, bytes) else extra.encode()
    Path(".env").write_bytes(NEEDED.encode() + more)
    return load(Settings, environ={})


NO_SETTINGS = [
    'SYNC_DRIFT="s3cr3t',
    'SYNC_DRIFT="s3cr3t”',
    "SYNC_DRIFT='s3cr3t",
    'SYNC_DRIFT="keep" s3cr3t',
    "SYNC_DRIFT: s3cr3t",
    "SYNC_DRIFT s3cr3t",
    "SYNC_DRIFT",
    "SYNC_DRIFT#=s3cr3t",
    "export SYNC_DRIFT",
    "set SYNC_DRIFT=s3cr3t",
    "setenv SYNC_DRIFT s3cr3t",
    "SYNC DRIFT=s3cr3t",
    "SYNC\u00a0DRIFT=s3cr3t",
    "SYNC-DRIFT=s3cr3t",
    "SYNC.DRIFT=s3cr3t",
    "SYNCDRIFT=s3cr3t",
    "SYN_DRIFT=s3cr3t",
    "sync_drift=s3cr3t",
    "Sync_Drift=s3cr3t",
    "$SYNC_DRIFT=s3cr3t",
    "${SYNC_DRIFT}=s3cr3t",
    "SYNC_DRIFT:=s3cr3t",
    "SYNC_DRIFT+=s3cr3t",
    "\ufeffSYNC_DRIFT=s3cr3t",
    "\u200bSYNC_DRIFT=s3cr3t",
    "“SYNC_DRIFT”=s3cr3t",
    "ＳＹＮＣ_DRIFT=s3cr3t",
    "- SYNC_DRIFT=s3cr3t",
    "-SYNC_DRIFT=s3cr3t",
    "* SYNC_DRIFT=s3cr3t",
    "// s3cr3t",
    "; s3cr3t",
    "[s3cr3t]",
    "=s3cr3t",
    "s3cr3t",
    "s3cr3t+MIIEvQ/==",
    'REPORT_HIDE="s3cr3t',
    'REPORT_HIDE="s3cr3t\nSYNC_DRIFT="keep"',
    'REPORT_HIDE="s3cr3t\nSYNC_DRIFT="',
    'FOREIGN="s3cr3t\n  export SYNC_DRIFT = "',
    "REPORT_HIDE=“s3cr3t”",
    "REPORT_HIDE=„s3cr3t“",
    "REPORT_HIDE=‘s3cr3t’",
    "REPORT_HIDE=s3cr3t\0",
    "SYNC_DRIFT\0=s3cr3t",
    "S\0Y\0N\0C\0_\0D\0R\0I\0F\0T\0=s3cr3t",
    'DATASET_PATH="data\\new\\s3cr3t.csv"',
    "REPORT_HIDE=s3cr3t\x1b[0m",
]


@pytest.mark.parametrize("line", NO_SETTINGS)
def test_a_line_that_is_no_setting_is_an_error_with_its_number_alone(line: str) -> None:
    for before, number in (("", 4), ("\n# a comment\r\n\n  ", 7)):
        with pytest.raises(SettingsError) as raised:
            loaded(f"{before}{line}\nREPORT_LANGUAGE=fr\n")
        told = str(raised.value)
        assert told.startswith(f"Line {number} of .env can't be used: ")
        assert "s3cr3t" not in told
        assert named_language(environ={}) in ("fr", "")


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("SYNC_DRIFT=keep", "keep"),
        ("  export SYNC_DRIFT = keep  # said why", "keep"),
        ("SYNC_DRIFT\u00a0=\u00a0keep\u00a0", "keep"),
        ("'SYNC_DRIFT'='keep'", "keep"),
        ('SYNC_DRIFT="keep"\t# "quoted"', "keep"),
        ("SYNC_DRIFT=", "overwrite"),
        ("SYNC_DRIFT= # keep", "overwrite"),
        ("# SYNC_DRIFT=keep", "overwrite"),
        ("\t#SYNC_DRIFT: keep", "overwrite"),
        ("\u00a0", "overwrite"),
        ("PATH_OF_MINE=x\nFOO='a\nb'\n_private=1\nCITES_EDIT_LINK=x", "overwrite"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_a_line_that_is_one_is_read(line: str, kept: str, end: str) -> None:
    assert loaded(line + end).sync_drift == kept


def test_values_are_what_they_were() -> None:
    read = loaded(
        "DATASET_KEY=\"i$d\"\nDATASET_SHEET='C:\\new'\nUMAP_LAYER=L’Isle\nDATASET_LEAVE_OUT='a,\nb'\n"
    )
    assert (read.dataset_key, read.dataset_sheet, read.umap_layer) == ("i$d", "C:\\new", "L’Isle")
    assert read.dataset_leave_out == ("a", "b")


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ana")
    read = loaded("REPORT_SITE_DIR=~/site\nDATASET_SSH_KEY=~/.ssh/key\n")
    assert (read.report_site_dir, read.dataset_ssh_key) == ("/home/ana/site", "/home/ana/.ssh/key")
    with pytest.raises(SettingsError, match=r"REPORT_SITE_DIR: it starts with a ~ that is not a home folder"):
        loaded("REPORT_SITE_DIR=~s3cr3t/site\n")


def test_a_name_that_is_set_twice_is_told_with_both_lines() -> None:
    with pytest.raises(SettingsError, match=r"\.env sets SYNC_DRIFT twice, in lines 4 and 6\. Remove one"):
        loaded("SYNC_DRIFT=keep\n\nSYNC_DRIFT=keep\n")


@pytest.mark.parametrize("line", ['SYNC_DRIFT="keep', "export SYNC_DRIFT = 'keep' x"])
def test_a_quote_that_is_not_closed_is_told_as_that(line: str) -> None:
    with pytest.raises(
        SettingsError, match=r"the quotes are not closed, or something follows them\. Write NAME='"
    ):
        loaded(line)


def test_a_name_near_a_setting_offers_it() -> None:
    with pytest.raises(
        SettingsError, match=r"Line 4 of \.env .* no setting of that name\. Did you mean SYNC_DRIFT\?"
    ):
        loaded("SYNC-DRIFT=keep\n")


def test_what_is_no_file_of_settings_is_told() -> None:
    Path(".env").mkdir()
    with pytest.raises(SettingsError, match=r"\.env is not an ordinary file"):
        load(Settings, environ={})
    Path(".env").rmdir()
    os.mkfifo(".env")
    with pytest.raises(SettingsError, match=r"\.env is not an ordinary file"):
        load(Settings, environ={})
    Path(".env").unlink()
    Path(".env").symlink_to("nowhere")
    with pytest.raises(SettingsError, match=r"The file \.env does not exist"):
        load(Settings, environ={})


def test_a_manifest_reads_the_same_file() -> None:
    Path("umap-bot.toml").write_text("[[layer]]\ndataset_path = 'a.csv'\n", "utf-8")
    Path(".env").write_text("UMAP_MAP_URL=https://umap.example/fr/map/x_1\nCITES-EDIT-LINK=s3cr3t\n", "utf-8")
    with pytest.raises(SettingsError, match=r"Line 2 of \.env can't be used"):
        load_all(environ={})


def test_a_table_that_is_fetched_needs_neither_repository_nor_path() -> None:
    file = Path(".env")
    file.write_text("UMAP_MAP_URL=https://umap.example/fr/map/x_1\n")
    with pytest.raises(SettingsError, match="DATASET_REPO is missing; DATASET_PATH is missing"):
        load(Settings, environ={})
    file.write_text(f"{file.read_text()}DATASET_URL=grist.example.org/doc/x\n")
    found = load(Settings, environ={})
    assert (found.dataset_url, found.dataset_repo, found.dataset_path) == ("grist.example.org/doc/x", "", "")


@pytest.mark.parametrize("name", ["sync_drift", "Sync_Drift", "SYNC-DRIFT", "SYNC.DRIFT", "SYNCDRIFT"])
def test_a_variable_that_is_nearly_a_setting_is_none_without_a_word(name: str) -> None:
    Path(".env").write_text(NEEDED)
    with pytest.raises(SettingsError) as refused:
        load(Settings, environ={name: "s3cr3t"})
    assert str(refused.value) == (
        f"{name} in the environment is no setting of umap-bot. Did you mean SYNC_DRIFT?"
    )


@pytest.mark.parametrize("name", ["SYNC", "DRIFT", "MY_SYNC_DRIFT", "XSYNC_DRIFT", "SYNCDRIFTS", "_", ""])
def test_a_variable_of_somebody_elses_is_left_alone(name: str) -> None:
    Path(".env").write_text(NEEDED)
    assert load(Settings, environ={name: "s3cr3t"}).sync_drift == "overwrite"


def test_the_log_may_be_as_large_as_somebody_likes() -> None:
    settings = loaded(f"STATE_KEEP_RUNS={10**24}\nSTATE_KEEP_SIZE=999999999 TB\n")
    assert max(settings.state_keep_runs, settings.state_keep_size) < 2**63, "what a database counts with"
    with pytest.raises(SettingsError, match="STATE_KEEP_RUNS: write 10 or more"):
        loaded("STATE_KEEP_RUNS=9")


@pytest.mark.parametrize("as_manifest", [False, True])
def test_what_stands_for_no_file_is_not_assumed_of_a_table_that_is_fetched(as_manifest: bool) -> None:
    address = "https://data.example/places.csv"
    Path(".env").write_text("UMAP_MAP_URL=https://umap.example/fr/map/x_1\n")
    if as_manifest:
        Path("umap-bot.toml").write_text(f'[[layer]]\numap_layer = "a"\ndataset_url = "{address}"\n')
    else:
        Path(".env").write_text(f"{Path('.env').read_text()}DATASET_URL={address}\n")
    (found,) = load_all(environ={}, assumed=NO_FILE)
    assert (found.dataset_url, found.dataset_repo, found.dataset_path) == (address, "", "")
