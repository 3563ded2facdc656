"""The folder of one running sandbox, and the clearing of those whose owner has died."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from umap_bot.sandbox import postgres
from umap_bot.sandbox.cache import is_root, locked, remove, try_lock

PATIENCE = 5.0
BEAT = 0.02


@dataclass
class RunFolder:
    """`path` holds database, uploads, logs and `sandbox.json`, which names the processes.

    It is ours as long as we hold the lock in it; the system lets go of that when we die.
    """

    path: Path
    _lock: int
    _processes: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def make(cls, cache: Path) -> RunFolder:
        """Make and return a new folder in `cache`/runs. Dead ones there are cleared first."""
        runs = cache / "runs"
        mode = 0o711 if is_root() else 0o700  # as root, the server walks here as nobody
        runs.mkdir(exist_ok=True)
        runs.chmod(mode)
        with locked(cache / "runs.lock"):
            for left in runs.iterdir():
                _clear_if_dead(left)
            path = Path(tempfile.mkdtemp(prefix="run-", dir=runs))
            lock = try_lock(path / "lock")
        if lock is None:
            raise AssertionError(path)  # nobody else can have it yet
        path.chmod(mode)
        folder = cls(path, lock)
        folder.note("owner", os.getpid())
        return folder

    def note(self, name: str, pid: int) -> None:
        """Remember a process of ours, in case that we can't end it ourselves."""
        self._processes[name] = {"pid": str(pid), "started": started(pid)}
        new = self.path / "sandbox.json.new"
        new.write_text(json.dumps(self._processes), "utf-8")
        new.replace(self.path / "sandbox.json")

    def ended(self) -> list[str]:
        """Return the processes noted here that are no longer there."""
        noted = self._processes.items()
        return [name for name, process in noted if started(int(process["pid"])) != process["started"]]

    def remove(self) -> None:
        remove(self.path)
        os.close(self._lock)


def _clear_if_dead(path: Path) -> None:
    try:
        lock = try_lock(path / "lock")
    except OSError:
        return
    if lock is None:
        return
    try:
        for name, number in (("web", signal.SIGTERM), ("postgres", signal.SIGINT)):
            _end_left(path, name, number)
        postgres.forget_memory(path / "pg")
        remove(path)
    finally:
        os.close(lock)


def _end_left(path: Path, name: str, number: signal.Signals) -> None:
    """End what a dead owner left behind, if the number still means the same process."""
    try:
        noted = json.loads((path / "sandbox.json").read_text("utf-8"))[name]
        pid, since = int(noted["pid"]), str(noted["started"])
    except (OSError, ValueError, KeyError):
        return
    for attempt in (number, signal.SIGKILL):
        deadline = time.monotonic() + PATIENCE
        if since and started(pid) == since:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, attempt)
        while since and started(pid) == since and time.monotonic() < deadline:
            threading.Event().wait(BEAT)


def started(pid: int) -> str:
    """Return when a process began, in the system's own words; "" if there is none (or it is a zombie)."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except FileNotFoundError:
        return _started_by_ps(pid) if not Path("/proc/self").exists() else ""
    except ProcessLookupError:
        return ""
    return "" if after_name[0] == "Z" else after_name[19]


def _started_by_ps(pid: int) -> str:
    command = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
    said = subprocess.run(command, capture_output=True, check=False, text=True)  # noqa: S603  a fixed command
    return said.stdout.strip()
