"""Child processes: a clean environment, bound to our life, ended in order."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from umap_bot.errors import SandboxError
from umap_bot.text import NOTHING, Text, say

LAUNCH = Path(__file__).with_name("launch.py")
STEP_PATIENCE = 1800.0
LAST_LINES = 3

# What pip needs to reach an index through a company's proxy. Nothing else of the caller's environment
# reaches a child: uMap's own settings are read from variables that begin with UMAP_, as ours do.
_FOR_PIP = re.compile(
    r"PATH|HOME|TMPDIR|XDG_CACHE_HOME|XDG_CONFIG_HOME|NETRC|SYSTEMROOT|(?i:(https?|all|no)_proxy)"
    r"|(PIP|SSL)_.*|.*(_CA_|CA_BUNDLE|CERT).*"
)
# These would send the packages elsewhere than into the environment that was made for them.
_ELSEWHERE = frozenset({"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_CONSTRAINT"})


def plain_environment(**more: str) -> dict[str, str]:
    """Return the environment of a program that needs nothing of ours."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC", **more}


def pip_environment() -> dict[str, str]:
    """Return `plain_environment`, and what the machine says about indexes, proxies and certificates."""
    passed = {
        name: value
        for name, value in os.environ.items()
        if value and name not in _ELSEWHERE and _FOR_PIP.fullmatch(name)
    }
    return plain_environment(**passed) | {"LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}


def spawn(
    command: Sequence[str | Path],
    *,
    undo: contextlib.ExitStack,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    how: signal.Signals = signal.SIGTERM,
    user: int | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a program, its output in `log`. `undo` ends it by the signal `how`; on Linux so does our death.

    The kernel means the *thread* that started it: bound only from the main thread, which lives longest.
    In a session of its own, Ctrl-C in the terminal reaches us alone, and we end it in the right order.
    """
    parent = os.getpid() if threading.current_thread() is threading.main_thread() else 0
    launch = [sys.executable, "-I", "-S", LAUNCH, parent, int(how), -1 if user is None else user]
    with log.open("ab") as output, _signals_wait():
        process = subprocess.Popen(  # noqa: S603  our own command, no shell
            [str(part) for part in (*launch, *command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            pass_fds=pass_fds,
            umask=0o022,  # whatever ours is: as root, another user has to read what is installed
            start_new_session=True,
        )
        undo.callback(end, process, how)
    return process


@contextlib.contextmanager
def _signals_wait() -> Iterator[None]:
    """Hold signals back: Ctrl-C could come between the birth of a child and our knowing of it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end(process: subprocess.Popen[bytes], how: signal.Signals, patience: float = 10.0) -> None:
    """End a process, at first politely; with it whatever it started, unless `how` is SIGINT.

    (PostgreSQL's SIGINT is for the server alone: to its children the same signal means another thing.)
    """
    for attempt in (how, signal.SIGKILL):
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                _send(process.pid, attempt)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)


def _send(pid: int, number: signal.Signals) -> None:
    if number is signal.SIGINT:
        os.kill(pid, number)
    else:
        os.killpg(pid, number)


def run_step(
    name: Text,
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    user: int | None = None,
    way_out: Text = NOTHING,
) -> None:
    """Run a program to its end.

    Raise SandboxError that names the step and quotes the last lines of output.
    """
    before = log.stat().st_size if log.exists() else 0
    with contextlib.ExitStack() as undo:
        process = spawn(command, undo=undo, log=log, env=env, cwd=cwd, user=user)
        try:
            status = process.wait(STEP_PATIENCE)
        except subprocess.TimeoutExpired:
            status = -1
    if status != 0:
        raise SandboxError(
            say("{step} failed: {reason}", step=name, reason=_last_lines(log, before)), way_out=way_out
        )


@contextlib.contextmanager
def step(name: Text, way_out: Text) -> Iterator[None]:
    """Turn an OSError inside the block into a SandboxError that names the step."""
    try:
        yield
    except OSError as error:
        failed = say("{step} failed: {reason}.", step=name, reason=str(error))
        raise SandboxError(failed, way_out=way_out) from error


def _last_lines(log: Path, start: int) -> str:
    text = log.read_bytes()[start:].decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-LAST_LINES:]) or say("it printed nothing.")


@contextlib.contextmanager
def sigterm_as_ctrl_c() -> Iterator[None]:
    """Let SIGTERM unwind the program as Ctrl-C does, so that what was started is also ended.

    Only if nobody else listens to it, and only in the main thread, as signals want it.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
