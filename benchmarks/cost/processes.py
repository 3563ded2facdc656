"""Whole programs, measured from outside: the time of the wall and of the processor, and the most memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
MEGABYTE = 1024  # in the kilobytes that Linux tells


class Cost(NamedTuple):
    """Seconds of the wall, seconds of the processor (those of its children too), megabytes at the most."""

    wall: float
    processor: float
    memory: float

    def over(self, other: Cost) -> Cost:
        return Cost(*(mine / theirs for mine, theirs in zip(self, other, strict=True)))


def measured(command: Sequence[str | Path], folder: Path, codes: Sequence[int] = (0,)) -> Cost:
    """Run a program to its end. Raise RuntimeError, with what it said, if it ends with another code."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "NO_COLOR": "1"}
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said, env=environment)  # noqa: S603  ours
        cost = ended(process)
        wall = time.perf_counter() - start
        if process.returncode not in codes:
            said.seek(0)
            raise RuntimeError(f"{command} ended with {process.returncode}: {said.read().decode()[-2000:]}")
    return cost._replace(wall=wall)


def ended(process: subprocess.Popen[bytes]) -> Cost:
    """Wait for a program's end, and return what it took; `wall` is how long it was waited for."""
    start = time.perf_counter()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / MEGABYTE)


def ours(*words: str) -> list[str]:
    return [sys.executable, "-m", "umap_bot", *words]


def script(module: str, *words: str | Path) -> list[str]:
    """Return the command of a program of these benchmarks, which alone see what `make bench` installed."""
    own = (str(ROOT), str(Path(sys.prefix) / "bench"), os.environ.get("PYTHONPATH", ""))
    path = os.pathsep.join(filter(None, own))
    return ["env", f"PYTHONPATH={path}", sys.executable, "-m", f"benchmarks.cost.{module}", *map(str, words)]


def medians(rounds: int, of: Mapping[str, Callable[[int], Cost]]) -> dict[str, Cost]:
    """Measure each once a round, one after the other: what slows the machine for a while slows all of them.

    Each is called with the number of the round.
    """
    found: dict[str, list[Cost]] = {name: [] for name in of}
    for number in range(rounds):
        for name, measure in of.items():
            found[name].append(measure(number))
    return {name: Cost(*map(median, zip(*costs, strict=True))) for name, costs in found.items()}
