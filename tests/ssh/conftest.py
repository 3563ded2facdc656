"""A real sshd on this machine, as nobody in particular: own port, host key and authorised keys."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dataset.conftest import Upstream

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin") or "sshd"

CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PermitUserEnvironment no
AcceptEnv *
ForceCommand env > {folder}/environment; sh -c "$SSH_ORIGINAL_COMMAND"
"""


class Sshd:
    """The server. `key` may log in, `other` is a key that may not."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        for name in ("host_key", "key", "other"):
            self.make_key(name)
        (folder / "authorized_keys").write_text((folder / "key.pub").read_text())
        (folder / "sshd_config").write_text(CONFIG.format(folder=folder, port=port))

    @property
    def key(self) -> Path:
        return self.folder / "key"

    @property
    def other(self) -> Path:
        return self.folder / "other"

    @property
    def environment(self) -> str:
        return (self.folder / "environment").read_text()

    def make_key(self, name: str) -> None:
        path = self.folder / name
        path.unlink(missing_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)

    def address(self, repository: Path) -> str:
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{repository}"

    def host_line(self) -> str:
        """The line of known_hosts for this server."""
        return f"[127.0.0.1]:{self.port} {(self.folder / 'host_key.pub').read_text()}"


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    folder = tmp_path / "sshd"
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    server = Sshd(folder, port)
    command = [SSHD, "-D", "-e", "-f", str(folder / "sshd_config")]
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where sshd shuts itself in, if it is root
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            _wait_for_line(folder / "log", b"Server listening", process)
            yield server
        finally:
            process.terminate()


def _wait_for_line(log: Path, line: bytes, process: subprocess.Popen[bytes]) -> None:
    with subprocess.Popen(["tail", "-n", "+1", "-F", str(log)], stdout=subprocess.PIPE) as tail:
        try:
            assert tail.stdout is not None
            for each in tail.stdout:
                if line in each:
                    return
                assert process.poll() is None, log.read_text()
        finally:
            tail.terminate()


@pytest.fixture
def ssh_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The `.ssh` folder of the person who runs the program.

    ssh takes the home from the list of users, not from HOME: the `ssh` of these tests reads its configuration
    from here, and is the real one in everything else.
    """
    folder = tmp_path / "dot-ssh"
    folder.mkdir(mode=0o700)
    config = folder / "config"
    config.write_text(f"UserKnownHostsFile {folder}/known_hosts\nGlobalKnownHostsFile /dev/null\n")
    real = shutil.which("ssh")
    assert real, "these tests need ssh (Debian: openssh-client)"
    fake = tmp_path / "bin" / "ssh"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\nexec {shlex.quote(real)} -F {shlex.quote(str(config))} "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return folder


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    return Upstream(tmp_path / "upstream")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"
