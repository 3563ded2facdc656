"""What ssh is asked for, by an `ssh` of ours that runs the other end here. `make test-ssh` has a real one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.dataset.conftest import Upstream
from umap_bot.dataset.git.repository import Repository
from umap_bot.errors import GitError

FAKE_SSH = """#!/bin/sh
printf '%s\\n' "$@" >> {told}/arguments
env >> {told}/environment
for last; do :; done
exec sh -c "$last"
"""


class Told:
    """What the ssh of ours was called with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ssh = folder / "bin" / "ssh"
        ssh.parent.mkdir(parents=True)
        ssh.write_text(FAKE_SSH.format(told=folder))
        ssh.chmod(0o755)

    @property
    def arguments(self) -> list[str]:
        return (self.folder / "arguments").read_text().splitlines()

    @property
    def environment(self) -> str:
        return (self.folder / "environment").read_text()


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    told = Told(tmp_path / "told")
    monkeypatch.setenv("PATH", f"{told.folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return told


@pytest.mark.parametrize("form", ["ssh://git@git.example.org{}", "git@git.example.org:{}"])
def test_without_a_key_of_ours_ssh_is_the_users(
    upstream: Upstream, cache: Path, told: Told, form: str
) -> None:
    """Its own configuration, agent and known hosts. The token is for https: it stays here."""
    sha = upstream.commit({"a.csv": "id\n"})
    address = form.format(upstream.folder)
    assert Repository(address, cache, token="hunter2").read(sha, "a.csv")[1] == b"id\n"
    assert "git@git.example.org" in told.arguments
    assert not any(argument.startswith(("-oStrict", "-oUserKnownHosts", "-i")) for argument in told.arguments)
    assert "hunter2" not in told.environment + "".join(told.arguments)


def test_with_a_key_of_ours_only_that_key_and_known_hosts(
    upstream: Upstream, cache: Path, told: Told, tmp_path: Path
) -> None:
    sha = upstream.commit({"a.csv": "id\n"})
    key = tmp_path / "a key; touch x"
    key.write_text("hunter2")
    repository = Repository(f"ssh://git@git.example.org:2222{upstream.folder}", cache, ssh_key=str(key))
    assert repository.read(sha, "a.csv")[1] == b"id\n"
    for wanted in (
        "-oBatchMode=yes",
        "-oStrictHostKeyChecking=yes",
        "-oIdentitiesOnly=yes",
        "-oServerAliveInterval=15",
        "2222",
    ):
        assert wanted in told.arguments
    assert told.arguments[told.arguments.index("-i") + 1] == str(key)
    assert "hunter2" not in told.environment + "".join(told.arguments)


def test_the_user_chooses_the_program(upstream: Upstream, cache: Path, tmp_path: Path) -> None:
    """core.sshCommand of the user's own configuration is in force; that of a repository never is."""
    sha = upstream.commit({"a.csv": "id\n"})
    other = Told(tmp_path / "other")
    config = Path(os.environ["HOME"]) / ".gitconfig"
    config.write_text(f"[core]\n\tsshCommand = {other.folder}/bin/ssh\n[ssh]\n\tvariant = ssh\n")
    assert Repository(f"ssh://git@git.example.org{upstream.folder}", cache).head().sha == sha
    assert "git@git.example.org" in other.arguments


def test_a_path_on_the_host_that_looks_like_an_option(cache: Path, told: Told) -> None:
    with pytest.raises(GitError):
        Repository("ssh://git.example.org/-oProxyCommand=touch", cache).head()
    assert told.arguments[-1] == "git-upload-pack '/-oProxyCommand=touch'"
