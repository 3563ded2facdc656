"""Processes that hold a sandbox: how they are started, and whether anything of them is left."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import TypeVar

import pytest

from umap_bot.sandbox.run_folder import RunFolder, started
from umap_bot.sandbox.spec import Spec

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0
T = TypeVar("T")
ORIGINAL = RunFolder.make
RUNS_UNTIL_IT_IS_STOPPED = """
import signal, sys, threading
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored, if we were started in the background
from umap_bot.sandbox.prepare import prepare
from umap_bot.sandbox.spec import Spec
from umap_bot.sandbox.server import Sandbox
with Sandbox(prepare(Spec(Path(sys.argv[2]), sys.argv[3]), cache=Path(sys.argv[1]))) as sandbox:
    print(sandbox.folder, flush=True)
    threading.Event().wait()
"""


def alive(folder: Path) -> dict[str, dict[str, str]]:
    """The processes that the sandbox in FOLDER has written down."""
    noted: dict[str, dict[str, str]] = json.loads((folder / "sandbox.json").read_text("utf-8"))
    assert set(noted) == {"owner", "postgres", "web"}
    return noted


@contextlib.contextmanager
def running(spec: Spec, cache: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A program that holds a sandbox until it is stopped, and the sandbox's folder."""
    command = [sys.executable, "-c", RUNS_UNTIL_IT_IS_STOPPED, str(cache), str(spec.python), spec.umap]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=PIPE, stderr=DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def still_there(noted: dict[str, dict[str, str]]) -> list[str]:
    return [name for name, process in noted.items() if started(int(process["pid"])) == process["started"]]


def wait_for(look: Callable[[], T]) -> T:
    """What LOOK gives as soon as it is something."""
    deadline = time.monotonic() + PATIENCE
    while not (seen := look()) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    return seen


def assert_gone(noted: dict[str, dict[str, str]]) -> None:
    assert wait_for(lambda: not still_there(noted)), still_there(noted)


def children(pid: int) -> dict[str, dict[str, str]]:
    """The processes that PID has started, as `alive` gives them."""
    said = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, check=True, text=True
    )
    return {number: {"pid": number, "started": started(int(number))} for number in said.stdout.split()}


def shared_memory(folder: Path) -> str:
    """The number of the piece that the PostgreSQL in FOLDER has."""
    return (folder / "pg" / "postmaster.pid").read_text("utf-8").split("\n")[6].split()[1]


def pieces() -> set[str]:
    """The numbers of the system's pieces of shared memory."""
    lines = Path("/proc/sysvipc/shm").read_text("utf-8").splitlines()[1:]
    return {line.split()[1] for line in lines}


@contextlib.contextmanager
def run_folders() -> Iterator[list[Path]]:
    """The folders of the sandboxes that this process starts meanwhile. (Others start theirs beside them.)"""
    folders: list[Path] = []

    def make(cache: Path) -> RunFolder:
        made = ORIGINAL(cache)
        folders.append(made.path)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunFolder, "make", make)
        yield folders
