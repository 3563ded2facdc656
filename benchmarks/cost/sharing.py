"""One schedule of many layers, kept by one service and by three that share a PostgreSQL, one of them killed.

Every layer is due at once, with one change.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.cost import passes
from benchmarks.cost.desk import Desk, changed, rows
from benchmarks.cost.processes import Cost, ended, measured, ours, script
from benchmarks.cost.table import Table, ratio
from umap_bot.sandbox import postgres

MAPS = 50
SEVERAL = 3
AWAY = (0.0, 0.05)
"""Seconds to the site and back: on this machine, and over a network."""

HEAD = (
    "services", "site", "layers run", "twice", "logins", "pages", "pushes", "seconds", "throughput over one",
    "of our processor", "cores busy",
)  # fmt: skip


@dataclass
class Round:
    """What came of all layers being due once: of which the logs tell, and what the site was asked."""

    told: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    wall: float = 0
    after_kill: float = 0
    processor: float = 0
    busy: float = 0


def table(site: str, programs: Path, folder: Path, layers: int) -> Table:
    found = Table(
        f"{layers} layers of {-(-layers // _a_map(layers))} maps, all due at once, with a change each", HEAD
    )
    with _postgres(programs) as state:
        keeper = _Keeper(Desk(folder / "shared", site, "csv"), state, layers)
        keeper.begin(site)
        for away in AWAY:
            one = keeper.round(1, away)
            for services, each in (
                (1, one),
                (SEVERAL, keeper.round(SEVERAL, away)),
                (SEVERAL, keeper.round(SEVERAL, away, kill=True)),
            ):
                found.rows.append(_row(services, away, each, one))
                if each.after_kill:
                    found.notes.append(
                        f"All was done {each.after_kill:.1f} s after the kill (-9). A lease is 600 s."
                    )
    return found


def _a_map(layers: int) -> int:
    return -(-layers // MAPS)


def _row(services: int, away: float, found: Round, one: Round) -> tuple[str, ...]:
    return (
        f"{services}{', one killed' if found.after_kill else ''}",
        f"{away * 1000:.0f} ms away",
        str(len(found.told)),
        str(found.told.total() - len(found.told)),
        *(str(found.asked[kind]) for kind in ("login", "page", "push")),
        f"{found.wall:.1f}",
        ratio(one.wall / found.wall),
        f"{found.processor:.1f}",
        f"{found.busy:.2f}",
    )


class _Keeper:
    """Starts services on one manifest. A line more or less in the schedule makes every layer new to them."""

    def __init__(self, desk: Desk, state: str, layers: int) -> None:
        self._desk, self._state, self._layers = desk, state, layers
        self._given = rows(18)
        self._rounds = 0
        self._links: dict[str, str] = {}

    def begin(self, site: str) -> None:
        self._links = passes.manifest(self._desk, site, self._layers, _a_map(self._layers))
        self._change()
        measured(ours("sync"), self._desk.folder)

    def _change(self) -> None:
        self._rounds += 1
        self._desk.commit(changed(self._given, self._rounds))
        schedule = f'"{self._rounds % 60} 0 1 1 *"'
        self._desk.settings_are(
            {**self._links, "STATE_URL": self._state, "SYNC_SCHEDULE": schedule, "LOG_FORMAT": "json"}
        )

    def round(self, services: int, away: float, *, kill: bool = False) -> Round:
        """Let services serve everything once, and stop them. Raise RuntimeError at what does not end well."""
        self._change()
        found, killed = Round(), 0.0
        with tempfile.TemporaryDirectory() as folder:
            requests = Path(folder, "requests")
            busy, start = _busy(), time.perf_counter()
            with _started(
                script("watched", requests, str(away), "serve"), self._desk.folder, services
            ) as running:
                for layer in running.told():
                    found.told[layer] += 1
                    if kill and not killed and found.told.total() * 3 > self._layers:
                        running.kill()
                        killed = time.perf_counter()
                    if len(found.told) == self._layers:
                        break
                end = time.perf_counter()
                found.wall, found.busy = end - start, (_busy() - busy) / (end - start)
                found.after_kill = end - killed if kill else 0
                found.processor = sum(cost.processor for cost in running.stop())
            found.asked.update(requests.read_text("ascii").split())
        return found


class _Running:
    """Services that log into one pipe."""

    def __init__(self, services: list[subprocess.Popen[bytes]], log: int) -> None:
        self._services = services
        self._killed: list[Cost] = []
        self._log = os.fdopen(log, encoding="utf-8")

    def told(self) -> Iterator[str]:
        """Return the layers as the logs tell of them. Raise RuntimeError at one that did not end well."""
        for line in self._log:
            record = json.loads(line)
            if record.get("code") != 0:
                raise RuntimeError(line)
            yield record["layer"]
        raise RuntimeError("all services ended by themselves")

    def kill(self) -> None:
        service = self._services.pop()
        service.kill()
        self._killed.append(ended(service))

    def stop(self) -> list[Cost]:
        """Stop them, and return what each took. Raise RuntimeError if one did more than it was to."""
        for service in self._services:
            service.send_signal(signal.SIGTERM)
        costs = [ended(service) for service in self._services]
        if more := self._log.read():
            raise RuntimeError(more)
        return [*self._killed, *costs]


@contextmanager
def _started(command: list[str], folder: Path, count: int) -> Iterator[_Running]:
    read, write = os.pipe()
    services = [subprocess.Popen(command, cwd=folder, stderr=write) for _ in range(count)]  # noqa: S603  ours
    os.close(write)
    running = _Running(services, read)
    try:
        yield running
    finally:
        for service in services:
            if service.poll() is None:
                service.kill()
                service.wait()


def _busy() -> float:
    """Return the seconds that all cores together were busy so far."""
    user, nice, system = map(int, Path("/proc/stat").read_text("ascii").split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _postgres(programs: Path) -> Iterator[str]:
    """Start a PostgreSQL, with what the sandbox has of it, and return its URL."""
    with ExitStack() as undo:
        folder = Path(tempfile.mkdtemp())
        folder.chmod(0o711)  # as root, PostgreSQL runs as nobody, who has to walk there
        undo.callback(shutil.rmtree, folder)
        postgres.initialise(programs, folder, folder / "log")
        server = postgres.start(programs, folder / "pg", folder / "log", undo)
        password = (folder / "password").read_text("utf-8")
        yield f"postgresql://postgres:{password}@127.0.0.1:{server.port}/postgres"
