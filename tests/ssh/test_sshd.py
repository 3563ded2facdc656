"""Real ssh to a real sshd: keys that may and may not, hosts that are known, unknown and not who they were."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from tests.dataset.conftest import Upstream
from tests.dataset.servers import processes_in
from tests.dataset.test_hostile import is_gone
from tests.ssh.conftest import Sshd
from umap_bot.dataset.git.repository import Repository
from umap_bot.errors import GitError, SettingsError


@pytest.fixture
def known(sshd: Sshd, ssh_folder: Path) -> Path:
    """The file of known hosts, with this one in it."""
    file = ssh_folder / "known_hosts"
    file.write_text(sshd.host_line())
    return file


def read(upstream: Upstream, sshd: Sshd, cache: Path, key: Path | None) -> bytes:
    sha = upstream.commit({"a.csv": "id\nover ssh\n"})
    repository = Repository(
        sshd.address(upstream.folder), cache, ssh_key=str(key) if key else "", token="hunter2"
    )
    assert repository.head().sha == sha
    return repository.read(sha, "a.csv")[1]


def test_the_right_key(upstream: Upstream, sshd: Sshd, known: Path, cache: Path) -> None:
    """The server would take any variable that it is sent: it is sent none."""
    assert read(upstream, sshd, cache, sshd.key) == b"id\nover ssh\n"
    assert "hunter2" not in sshd.environment
    assert "BOT_" not in sshd.environment


def test_another_key(upstream: Upstream, sshd: Sshd, known: Path, cache: Path) -> None:
    with pytest.raises(GitError, match="requires a login") as caught:
        read(upstream, sshd, cache, sshd.other)
    assert "DATASET_SSH_KEY" in caught.value.way_out
    assert caught.value.code == 12


def test_no_key(upstream: Upstream, sshd: Sshd, known: Path, cache: Path) -> None:
    with pytest.raises(GitError, match="requires a login"):
        read(upstream, sshd, cache, None)


def test_a_key_that_needs_a_passphrase_asks_nobody(
    upstream: Upstream, sshd: Sshd, known: Path, cache: Path
) -> None:
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", "hunter2", "-P", "", "-f", str(sshd.key)], check=True)
    with pytest.raises(GitError, match="requires a login"):
        read(upstream, sshd, cache, sshd.key)


def test_an_unknown_host_is_not_trusted_and_not_learnt(
    upstream: Upstream, sshd: Sshd, ssh_folder: Path, cache: Path
) -> None:
    with pytest.raises(GitError, match="is unknown") as caught:
        read(upstream, sshd, cache, sshd.key)
    assert "ssh-keyscan" in caught.value.way_out
    assert not (ssh_folder / "known_hosts").exists()


def test_a_host_that_has_another_key_than_before(
    upstream: Upstream, sshd: Sshd, known: Path, cache: Path
) -> None:
    other = (sshd.folder / "other.pub").read_text()
    known.write_text(f"[127.0.0.1]:{sshd.port} {other}")
    with pytest.raises(GitError, match="The ssh host key") as caught:
        read(upstream, sshd, cache, sshd.key)
    assert "Ask the host's administrators" in caught.value.way_out


def test_a_key_that_others_can_read(upstream: Upstream, sshd: Sshd, known: Path, cache: Path) -> None:
    sshd.key.chmod(0o644)
    with pytest.raises(GitError, match="Other users can read") as caught:
        read(upstream, sshd, cache, sshd.key)
    assert "chmod 600" in caught.value.way_out


def test_a_key_that_is_none(upstream: Upstream, sshd: Sshd, known: Path, cache: Path) -> None:
    sshd.key.write_text("hunter2\n")
    with pytest.raises(GitError, match="requires a login") as caught:
        read(upstream, sshd, cache, sshd.key)
    assert "hunter2" not in str(caught.value)


def test_the_users_own_configuration_names_key_and_host(
    upstream: Upstream, sshd: Sshd, known: Path, ssh_folder: Path, cache: Path
) -> None:
    sha = upstream.commit({"a.csv": "id\n"})
    with (ssh_folder / "config").open("a") as config:
        config.write(f"Host forge\n HostName 127.0.0.1\n Port {sshd.port}\n IdentityFile {sshd.key}\n")
    assert Repository(f"forge:{upstream.folder}", cache).head().sha == sha


def test_the_agent_of_the_user(
    upstream: Upstream, sshd: Sshd, known: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without DATASET_SSH_KEY the agent's keys are used; with it, that key alone."""
    agent = str(sshd.folder / "agent")
    with subprocess.Popen(["ssh-agent", "-D", "-a", agent], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()  # it says so when it listens
            monkeypatch.setenv("SSH_AUTH_SOCK", agent)
            subprocess.run(["ssh-add", "-q", str(sshd.key)], check=True)
            assert read(upstream, sshd, cache, None) == b"id\nover ssh\n"
            with pytest.raises(GitError, match="requires a login"):
                Repository(sshd.address(upstream.folder), cache, ssh_key=str(sshd.other)).head()
        finally:
            process.terminate()


def test_a_repository_that_is_not_there(sshd: Sshd, known: Path, cache: Path, tmp_path: Path) -> None:
    with pytest.raises(GitError, match="does not exist or "):
        Repository(sshd.address(tmp_path / "nowhere"), cache, ssh_key=str(sshd.key)).head()


def test_a_host_that_is_away(sshd: Sshd, known: Path, cache: Path) -> None:
    with pytest.raises(GitError, match="can't be reached"):
        Repository("ssh://127.0.0.1:9/x", cache, ssh_key=str(sshd.key)).head()


def test_a_host_that_never_greets_is_left_and_no_ssh_with_it(sshd: Sshd, known: Path, cache: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"ssh://127.0.0.1:{silent.getsockname()[1]}/x"
        with pytest.raises(GitError, match="git did not finish within 1 s"):
            Repository(address, cache, ssh_key=str(sshd.key), timeout=1.0).head()
    assert all(map(is_gone, processes_in(cache)))


def test_the_key_has_to_be_there(sshd: Sshd, cache: Path) -> None:
    with pytest.raises(SettingsError, match="DATASET_SSH_KEY"):
        Repository(sshd.address(cache), cache, ssh_key=os.devnull)
