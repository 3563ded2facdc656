"""Ten minutes of a service under commits, people's edits, faults and kills; then all must be as it should."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing as closed
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from tests.soak import world as worlds
from tests.soak.watch import ENVIRONMENT, Lives, thirds, within_lives
from tests.soak.weather import Weather
from tests.soak.world import Busy, World
from umap_bot.sandbox.server import Sandbox

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
SEED = int(os.environ.get("SOAK_SEED", "20261124"))
SHARE = 0.10
PACE = 1.0
GROWTH = 1.3


@pytest.fixture
def weather(umap: Sandbox) -> Iterator[Weather]:
    weather = Weather(umap.url)
    weather.begin(worlds.chance(SEED), 0.0)
    with weather:
        yield weather
    assert weather.failures == []


@pytest.fixture
def world(umap: Sandbox, weather: Weather, tmp_path: Path) -> Iterator[World]:
    yield from worlds.closing(World(tmp_path, umap.url, weather.through, SEED))


def sync(world: World) -> str:
    """A pass of the command line. It must end well."""
    done = subprocess.run(
        [sys.executable, "-m", "umap_bot", "sync"],
        cwd=world.folder,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return done.stdout


def ask(world: World, query: str) -> int:
    with closed(sqlite3.connect(world.state)) as database:
        return int(database.execute(query).fetchone()[0])


def live_through(world: World, lives: Lives) -> list[int]:
    """Let it all happen; return the journal's size at each quarter of the time."""
    random, begun, pace, life = worlds.chance(SEED), monotonic(), Event(), 60.0
    sizes = [size(world)]
    while (passed := monotonic() - begun) < MINUTES * 60:
        pace.wait(PACE)
        lives.sample()
        if passed > len(sizes) * MINUTES * 15:
            sizes.append(size(world))
        if lives.age > life:
            life = random.uniform(45, 75)
            lives.kill_and_begin_anew()
    return [*sizes, size(world)]


def size(world: World) -> int:
    return world.state.stat().st_size


def test_soak(world: World, weather: Weather) -> None:
    sync(world)
    weather.share = SHARE
    people, files = Busy(world.edit_map, 1.5, SEED + 1), Busy(world.change_files, 3.0, SEED + 2)
    with Lives(world.folder) as lives:
        with people, files:
            sizes = live_through(world, lives)
        weather.share = 0.0
        assert lives.stop() == 0
    assert (people.failure, files.failure) == (None, None)
    sync(world)
    pushes = weather.pushes_of.total()
    last = sync(world)
    sys.stdout.write(table(world, weather, lives, sizes))
    assert last.startswith("Nothing to do on 20 layers"), last
    assert weather.pushes_of.total() == pushes
    assert world.wrong() == []
    assert is_whole(world)
    assert is_flat(lives)
    assert grows_no_faster(sizes)
    assert idle_pushes(world, weather) == []


def is_whole(world: World) -> bool:
    """Tell whether the state has no lease, no run without an end, and nothing that nobody looked at."""
    left = ("bot_lease", "bot_run WHERE ended IS NULL", "bot_intent WHERE NOT looked")
    return not any(ask(world, f"SELECT count(*) FROM {what}") for what in left)  # noqa: S608  our own words


def is_flat(lives: Lives) -> bool:
    """Tell whether memory and open files stayed: over all the time, and over the lives laid on each other."""
    orders = (lives.samples, within_lives(lives.samples))
    pairs = [thirds(values) for order in orders for values in zip(*(each[2:] for each in order), strict=True)]
    return all(last <= GROWTH * middle for middle, last in pairs)


def grows_no_faster(sizes: list[int]) -> bool:
    """Tell whether the journal grew in the second half by no more than half as much again as in the first."""
    half = len(sizes) // 2
    return sizes[-1] - sizes[half] <= 1.5 * (sizes[half] - sizes[0]) + 2**20


def idle_pushes(world: World, weather: Weather) -> list[str]:
    """Name the layers that were pushed more often than they, or their files, were changed."""
    pushes = {ledger.name: weather.pushes_of[layer_id] for layer_id, ledger in world.ledgers.items()}
    changes = {ledger.name: ledger.changes + ledger.saves for ledger in world.ledgers.values()}
    return [f"{name}: {pushes[name]} for {changes[name]}" for name in pushes if pushes[name] > changes[name]]


def table(world: World, weather: Weather, lives: Lives, sizes: list[int]) -> str:
    memory, files = (thirds(sample[place] for sample in lives.samples) for place in (2, 3))
    ages = within_lives(lives.samples)
    aged, opened = (thirds(sample[place] for sample in ages) for place in (2, 3))
    changes = sum(ledger.changes + ledger.saves for ledger in world.ledgers.values())
    runs = ask(world, "SELECT count(*) FROM bot_run")
    codes = ", ".join(f"{code}: {times}" for code, times in sorted(lives.codes().items()))
    rows = {
        "minutes, seed": f"{MINUTES:g}, {SEED}",
        "lives of the service": f"{lives.lives}",
        "commits; people's saves (refused)": f"{world.commits}; {world.saves} ({world.refused})",
        "requests; with a fault": f"{weather.count}; {weather.faults.total()}",
        "runs by exit code": codes,
        "runs in the log": f"{runs}",
        "changes of layers; versions used": f"{changes}; {weather.pushes_of.total()}",
        "memory, MB, middle and last third": f"{memory[0]:.1f}, {memory[1]:.1f}",
        "  by age within a life": f"{aged[0]:.1f}, {aged[1]:.1f}",
        "open files, middle and last third": f"{files[0]:g}, {files[1]:g}",
        " by age within a life": f"{opened[0]:g}, {opened[1]:g}",
        "journal, KB, quarter by quarter": ", ".join(f"{size // 1024}" for size in sizes),
    }
    return "\n" + "".join(f"{name:<36} {value}\n" for name, value in rows.items())
