"""`umap-bot serve` as a process of its own, whose log is read as it is written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import IO, Any

from tests.faults.proxy import Exchange, Fault
from tests.programs import Program

ROOT = Path(__file__).parents[2]
LONG = 60
"""Seconds after which what should have happened has failed to."""
SERVE = ("umap_bot", "serve")


class Served:
    """A service in a folder. `said` are the lines of its log so far; `words` are what Python is to run."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.said: list[str] = []
        self._lines: Queue[str | None] = Queue()
        own = {"PYTHONWARNINGS": "error", "PYTHONFAULTHANDLER": "1"}
        self.process = Program(*(words or SERVE), cwd=folder, environment={**os.environ, **own})
        self._reader = Thread(target=self._read, args=[self.process.stderr])
        self._reader.start()

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(LONG)
        self._reader.join(LONG)
        self.process.close()

    def _read(self, log: IO[str]) -> None:
        for line in log:
            self._lines.put(line)
        self._lines.put(None)

    def send(self, *signals: signal.Signals) -> None:
        for number in signals:
            self.process.send_signal(number)

    def ended(self) -> int:
        """Wait for its end, and return its exit code. One that does not end tells where each thread
        stands."""
        try:
            code = self.process.wait(LONG)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            code = self.process.wait(LONG)
        self._reader.join(LONG)
        while (line := self._lines.get(timeout=LONG)) is not None:
            self.said.append(line)
        assert code != -signal.SIGABRT, "".join(self.said)
        return code

    def told(self, fits: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Wait for a line of its JSON log, and give it."""
        while (line := self._lines.get(timeout=LONG)) is not None:
            self.said.append(line)
            record: dict[str, Any] = json.loads(line)
            if fits(record):
                return record
        raise AssertionError(f"it ended, and said {self.said}")

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.said]


class Gate:
    """A fault that holds a request: `arrived` when it has come, let through after `open`.

    `stored`: uMap has done what it was asked, and the answer is held. `lost`: it is not let through at all.
    """

    def __init__(self, *, stored: bool = False, lost: bool = False) -> None:
        self._stored, self._lost = stored, lost
        self._arrived, self._open = Event(), Event()

    def arrived(self) -> None:
        assert self._arrived.wait(LONG), "the request did not come"

    def open(self) -> None:
        self._open.set()

    @property
    def fault(self) -> Fault:
        return self._hold

    def _hold(self, exchange: Exchange) -> None:
        answer = exchange.forward() if self._stored else None
        self._arrived.set()
        assert self._open.wait(LONG)
        if not self._lost:
            exchange.give(answer or exchange.forward())
