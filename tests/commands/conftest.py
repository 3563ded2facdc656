"""A desk for every test; at its end every word and every file is looked through for the secret edit link."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.commands.desk import AUTHOR, FILE, LAYER, Desk, files, rows, signature, spellings, text
from umap_bot import redaction
from umap_bot.dataset.git.command import Git
from umap_bot.sandbox.maps import MadeMap
from umap_bot.wiring import WallClock


@pytest.fixture
def traffic(monkeypatch: pytest.MonkeyPatch) -> tuple[list[tuple[str, str]], list[str]]:
    """What goes out: requests to uMap, and git commands that may touch the remote."""
    sent: list[tuple[str, str]] = []
    online: list[str] = []
    ask, run = requests.Session.request, Git.run

    def noted(session: requests.Session, method: str, url: str, **more: Any) -> requests.Response:
        sent.append((method, url))
        return ask(session, method, url, **more)

    def noted_git(git: Git, *words: str, **more: Any) -> Any:
        online.extend(word for word in words[:1] if word in {"ls-remote", "fetch"})
        return run(git, *words, **more)

    monkeypatch.setattr(requests.Session, "request", noted)
    monkeypatch.setattr(Git, "run", noted_git)
    return sent, online


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's folder; temporary files and everything of theirs lie under it."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def ten_cites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one commit, to be copied: git itself takes five times as long to make it."""
    folder = tmp_path_factory.mktemp("ten-cites")
    subprocess.run(["git", "init", "--quiet", "--template=", "--initial-branch=main", folder], check=True)
    (folder / FILE).write_text(text(rows()), "utf-8")
    for words in (("add", "--all"), ("commit", "--quiet", "--message", "Ten cités")):
        subprocess.run(["git", *AUTHOR, "-C", folder, *words], check=True)
    return folder


@pytest.fixture
def desk(
    made_map: MadeMap,
    folder: Path,
    ten_cites: Path,
    traffic: tuple[list[tuple[str, str]], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Desk]:
    """Ten rows in git, an empty layer, the settings; nothing was run yet. Pauses are over at once."""
    monkeypatch.setattr(redaction, "_secrets", redaction.Secrets())
    monkeypatch.setattr(WallClock, "pause", lambda *_: None)
    caplog.set_level(logging.DEBUG)
    layer_id = made_map.add_layer(LAYER, {"type": "FeatureCollection", "features": []})
    desk = Desk(folder, made_map, layer_id, capfd, *traffic)
    shutil.copytree(ten_cites, desk.repository)
    desk.env.touch(mode=0o600)
    desk.settings(
        UMAP_MAP_URL=made_map.url,
        UMAP_LAYER=LAYER,
        UMAP_EDIT_LINK=made_map.edit_link,
        DATASET_REPO=str(desk.repository),
        DATASET_PATH=FILE,
        DATASET_RENAME="nom=name",
        STATE_URL=f"sqlite:///{desk.state}",
    )
    yield desk
    assert secrets_in(desk, caplog.text + repr([record.args for record in caplog.records])) == []


@pytest.fixture
def synced(desk: Desk) -> Desk:
    """The same after a first sync."""
    desk.done("sync")
    return desk


def secrets_in(desk: Desk, logged: str) -> list[str]:
    """The places where the edit link's signature or its cookie's value is told."""
    cookie = next(held.value or "" for held in desk.made.session.cookies if "anonymous" in held.name)
    secrets = spellings(signature(desk.made.edit_link)) | spellings(cookie)
    texts = {f"said {number}": words.encode() for number, words in enumerate([*desk.said, logged])}
    kept = {str(file): file.read_bytes() for file in files(desk.folder, home()) if file.name != ".env"}
    return [
        place for place, held in {**texts, **kept}.items() if any(each.encode() in held for each in secrets)
    ]


def home() -> Path:
    return Path(os.environ["HOME"])
