"""The service as a process that is killed and started again, and what it takes of the machine."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from time import monotonic
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
LONG = 180
COMMAND = (sys.executable, "-m", "tests.service.quick", "2000")
ENVIRONMENT = {"PYTHONUTF8": "1", "PYTHONFAULTHANDLER": "1", "PYTHONPATH": str(ROOT)}


class Sample(NamedTuple):
    """Of one moment: which life of the service, its age in seconds, MB in memory, open files."""

    life: int
    age: float
    memory: float
    files: int


class Lives:
    """One service after the other, in a folder. `samples` are of all of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.samples: list[Sample] = []
        self.lives = 0

    def __enter__(self) -> Lives:
        self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(LONG)

    def _begin(self) -> None:
        self.lives += 1
        self.born = monotonic()
        with self.log(self.lives).open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                COMMAND,
                cwd=self.folder,
                env={**os.environ, **ENVIRONMENT},
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def log(self, life: int) -> Path:
        return self.folder / f"serve-{life}.log"

    @property
    def age(self) -> float:
        return monotonic() - self.born

    def sample(self) -> None:
        """Note what it takes now. Raise AssertionError if it has ended by itself."""
        assert self.process.poll() is None, self.log(self.lives).read_text("utf-8")[-3000:]
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        found = re.search(r"VmRSS:\s+(\d+)", status)
        files = len(os.listdir(f"/proc/{self.process.pid}/fd"))  # noqa: PTH208  names of links that come and go
        self.samples.append(Sample(self.lives, self.age, int(found[1]) / 1024 if found else 0.0, files))

    def kill_and_begin_anew(self) -> None:
        self.process.kill()
        self.process.wait(LONG)
        self._begin()

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(LONG)
        finally:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGABRT)
                self.process.wait(LONG)

    def codes(self) -> Counter[int]:
        """How often a run ended with each exit code. Raise for a line that is no JSON, or tells of a bug."""
        found: Counter[int] = Counter()
        for life in range(1, self.lives + 1):
            whole = self.log(life).read_text("utf-8").rpartition("\n")[0]  # the last line may be cut off
            for line in whole.splitlines():
                record = json.loads(line)
                assert record["name"] in {"umap_bot.service", "umap_bot.dataset"}, line
                found[record.get("code", 0)] += 1
        return found


def thirds(values: Iterable[float]) -> tuple[float, float]:
    """Return the medians of the middle and of the last third."""
    held = list(values)
    third = len(held) // 3
    return median(held[third : 2 * third]), median(held[2 * third :])


def within_lives(samples: list[Sample]) -> list[Sample]:
    """Samples in the order of their age, those of a life's first seconds left out: it is still importing."""
    return sorted((sample for sample in samples if sample.age > 10), key=lambda sample: sample.age)
