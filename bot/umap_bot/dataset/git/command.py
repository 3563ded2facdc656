"""Runs git: with an environment of our own, a deadline, a limit of size, and no child left behind."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

import msgspec

from umap_bot.errors import GitError
from umap_bot.text import say

PASSED_ON: Final = (
    *("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "SSH_AUTH_SOCK"),
    *("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
)
"""What git gets of our environment: no GIT_DIR, GIT_TRACE*, GIT_ALTERNATE_OBJECT_DIRECTORIES, none of our
settings. HOME and the folders let the user's own configuration, ssh and credential helpers stay in force; the
bus is for helpers that ask the desktop's keyring."""

NEUTRAL: Final = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.bigFileThreshold": "16m",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "30",
    "transfer.fsckObjects": "true",
    "fetch.fsckObjects": "true",
    "transfer.bundleURI": "false",
    "fetch.recurseSubmodules": "false",
    "submodule.recurse": "false",
    "credential.interactive": "false",
    "log.showSignature": "false",
    "protocol.version": "2",
    "gc.auto": "0",
    "maintenance.auto": "false",
}
"""Configuration above every file's (GIT_CONFIG_COUNT): nothing that a repository sets runs a program, a
redirect can't take a token elsewhere, a slow server ends, big files are streamed."""

NOBODYS: Final = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
"""What keeps the user's and the machine's configuration out. A git that talks to a server needs them: proxy,
credential helpers, url.insteadOf, ssh. One that reads our own copy does not: there they could only change
what is answered, or how a copy is made (i18n.*, log.*, diff.*, init.*, core.*)."""
_GRACE: Final = 2.0
"""Seconds that git has to take its lock files away."""
_SHORT: Final = 10.0
"""Seconds for a question about the index of a folder on this machine."""
_KILLED: Final = 128
"""What a shell adds to the number of the signal that ended a program."""
_LIMITED: Final = """\
ulimit -f "$0" 2>/dev/null
exec "$@"
"""
"""What runs a git that talks to nobody. It sets the limit of size (in blocks of 512 bytes; it can't, if there
is a lower one). Such a git ends by itself."""
_WATCHED: Final = """\
ulimit -f "$0" 2>/dev/null
trap : TERM
exec 3<&0 </dev/null
{ read -r _ <&3 || kill -KILL 0; } &
"$@" 3<&-
code=$?
kill -KILL "$!"
wait "$!" 2>/dev/null
exit "$code"
"""
"""What runs a git that may talk to a server. It also has git and all its children killed as soon as nobody
holds the other end of its standard input: when we are killed, no child is left that waits for a silent
server. SIGTERM is git's: it takes its lock files away."""


class Result(msgspec.Struct, frozen=True):
    """How git ended, and what it wrote."""

    code: int
    stdout: bytes
    stderr: str

    @property
    def overflow(self) -> bool:
        """Whether git was ended because it wrote more than it was allowed to."""
        return self.code in (-signal.SIGXFSZ, _KILLED + signal.SIGXFSZ)

    @property
    def text(self) -> str:
        return self.stdout.decode(errors="replace")


class Git:
    """git in one bare repository of ours. `extra` are variables, `config` configuration, beside our own.

    `online`: it may talk to a server.
    """

    def __init__(
        self, folder: Path, extra: Mapping[str, str], config: Mapping[str, str], *, online: bool
    ) -> None:
        self._folder = folder
        self._shell = _WATCHED if online else _LIMITED
        around = {} if online else NOBODYS
        self._environment = environment(extra, {**NEUTRAL, **config}) | {"GIT_DIR": str(folder)} | around

    def run(self, *arguments: str, timeout: float, most: int = 64 * 2**20) -> Result:
        """Run git. `timeout` in seconds; `most` bytes in any file that it writes, its output among them.

        Raise GitError if git is missing or too slow; its exit code is the caller's matter.
        """
        git = shutil.which("git", path=self._environment.get("PATH"))
        if git is None:
            raise GitError(say("git is not installed."), way_out=say("Install git 2.36 or newer."))
        with TemporaryFile() as stdout, TemporaryFile() as stderr:
            command = ["/bin/sh", "-c", self._shell, str(-(-most // 512)), git, *arguments]
            code = self._wait(command, stdout, stderr, timeout)
            return Result(code, _read(stdout), _read(stderr).decode(errors="replace"))

    def _wait(self, command: list[str], stdout: IO[bytes], stderr: IO[bytes], timeout: float) -> int:
        # start_new_session: git's own children (git-remote-https, ssh) form a group that can be ended as one,
        # and none of them finds a terminal to ask a password on.
        process = subprocess.Popen(  # noqa: S603  no shell interprets any argument
            command,
            cwd=self._folder.parent,  # the copy itself may be made anew by another process
            env=self._environment,
            stdin=subprocess.PIPE,  # nothing is ever written: it is open for as long as we live
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        try:
            return process.wait(0 if _waited(process.pid, timeout) else timeout)
        except subprocess.TimeoutExpired:
            raise GitError(
                say("git did not finish within {seconds:g} s.", seconds=float(timeout)),
                way_out=say("Check the network connection, or try again later."),
            ) from None
        finally:
            if process.returncode is None:
                _end(process)
            if process.stdin:
                process.stdin.close()


def environment(extra: Mapping[str, str], config: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a git of ours."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    fixed = {
        "LC_ALL": "C",  # messages are told apart by their English words
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_CONFIG_COUNT": str(len(config)),
    }
    for index, (name, value) in enumerate(config.items()):
        fixed |= {f"GIT_CONFIG_KEY_{index}": name, f"GIT_CONFIG_VALUE_{index}": value}
    return passed | fixed | dict(extra)


def is_committed(file: Path) -> bool:
    """Tell whether git knows a file of a work tree: who may write to its repository may write it then."""
    folder = file.resolve().parent
    if not os.path.isfile(file) or not any((each / ".git").exists() for each in (folder, *folder.parents)):  # noqa: PTH113
        return False
    git = shutil.which("git")
    if git is None:
        return False
    asked = [git, "-C", str(folder), "ls-files", "--error-unmatch", "--", file.resolve().name]
    try:
        done = subprocess.run(  # noqa: S603  no shell interprets any argument
            asked, env=environment({}, NEUTRAL), capture_output=True, timeout=_SHORT, check=False
        )
    except (OSError, subprocess.TimeoutExpired):  # nobody can tell, and most are not
        return False
    return done.returncode == 0


def _waited(pid: int, seconds: float) -> bool:
    """Wait until a child ends, or the seconds are over; False if this system can't be asked for that.

    Popen looks again and again, with longer and longer pauses: most of what a short git takes.
    """
    try:
        ended = os.pidfd_open(pid)
    except (AttributeError, OSError):
        return False
    try:
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        poll.poll(seconds * 1000)
    finally:
        os.close(ended)
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """End git and all its children: asked first, so that lock files go, then killed."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
    finally:
        # The group outlives its leader if a child ignored the first signal.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
