"""Real git repositories to read from, and shorthands to decode text with."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import DatasetError
from umap_bot.model.layer import Layer

CITES = Path(__file__).parents[2] / "fixtures" / "cites-educatives"

AUTHOR = {
    "GIT_AUTHOR_NAME": "Ada Zoë",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2026-11-24T06:41:00+01:00",
    "GIT_COMMITTER_NAME": "Ada Zoë",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_COMMITTER_DATE": "2026-11-24T06:41:00+01:00",
}


NETWORK = ("SSL", "CURL_CA_BUNDLE", "PROXY", "SSH_AUTH_SOCK")
"""What is in the names of the variables by which this machine reaches the network."""


@pytest.fixture(autouse=True)
def _nobodys_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if any(part in name.upper() for part in NETWORK):
            monkeypatch.delenv(name)


class Upstream:
    """A repository that somebody else commits to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        answer = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env={**os.environ, **AUTHOR},
            input=stdin,
            capture_output=True,
            check=True,
        )
        return answer.stdout.decode().strip()

    def commit(self, files: Mapping[str, str | bytes], message: str = "a change") -> str:
        """Commit files, and return the commit."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    return Upstream(tmp_path / "upstream")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


Csv = Callable[..., Layer]


@pytest.fixture
def csv() -> Csv:
    """Decode CSV text or bytes by a recipe of keywords."""

    def read(content: str | bytes, **settings: object) -> Layer:
        data = content.encode() if isinstance(content, str) else content
        return decode(data, Recipe(**{"path": "cites.csv", **settings}))  # type: ignore[arg-type]

    return read


@pytest.fixture
def problems(csv: Csv) -> Callable[..., str]:
    """Return the message of the error that decoding ends in."""

    def read(content: str | bytes, **settings: object) -> str:
        with pytest.raises(DatasetError) as caught:
            csv(content, **settings)
        return str(caught.value)

    return read
