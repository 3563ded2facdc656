"""What is read of a long log: `log`, `status` and the pages after so many runs; and how the state grows."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path

from benchmarks.cost.desk import Desk, changed, rows
from benchmarks.cost.processes import measured, medians, ours, script
from benchmarks.cost.table import Table, ratio
from umap_bot.cli.main import run

ROWS = 1_000


def table(site: str, folder: Path, runs: int, rounds: int) -> Table:
    desk = Desk(folder / "runs", site, "csv")
    sizes = [_made(desk, number) for number in range(runs)]
    costs = medians(
        rounds,
        {
            "imports": lambda _: measured(script("imports"), desk.folder),
            "log": lambda _: measured(ours("log"), desk.folder),
            "status": lambda _: measured(ours("status"), desk.folder),
            "report --site": lambda _: measured(ours("report", "--site", "site"), desk.folder),
        },
    )
    alone = costs.pop("imports")
    found = Table(
        f"The change log of {runs} runs, {ROWS // 100} changes each",
        ("", "seconds", "over the bare imports", "megabytes"),
        [
            (name, f"{cost.wall:.2f}", ratio(cost.wall / alone.wall), f"{cost.memory:.0f}")
            for name, cost in costs.items()
        ],
    )
    grown = (sizes[-1] - sizes[0]) / max(1, runs - 1)
    found.notes.append(f"The state: {sizes[-1] / 1e6:.1f} MB, {grown / 1e3:.1f} kB a run of {ROWS} rows.")
    return found


def _made(desk: Desk, number: int) -> int:
    """Make one more run, in this process. Return how large the state is then."""
    desk.commit(changed(rows(ROWS), number))
    here = Path.cwd()
    os.chdir(desk.folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(said):
            code = run(("sync",))
    finally:
        os.chdir(here)
    if code:
        raise RuntimeError(f"run {number} ended with {code}: {said.getvalue()[-2000:]}")
    return desk.state
