"""What the program costs, over the least that the same work can cost.

python -m benchmarks.cost                     everything, five rounds (an hour or two)
python -m benchmarks.cost --small             up to 1 000 rows, three rounds (minutes)
python -m benchmarks.cost --only rows --sizes 18,1000
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.cost import matching, passes, records, sharing, syncing, watching
from benchmarks.cost.table import Table, machine
from umap_bot.sandbox.cache import cache_folder
from umap_bot.sandbox.prepare import prepare
from umap_bot.sandbox.server import Sandbox
from umap_bot.sandbox.spec import Spec

ROWS = (18, 1_000, 10_000, 100_000)
DRAWN = (1_000, 5_000, 20_000)
LAYERS = 200
SHARED = 1_000
RUNS = 1_000


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What the program costs, as ratios.")
    parser.add_argument("--small", action="store_true", help="for every day: small sizes, three rounds")
    parser.add_argument(
        "--only", choices=("rows", "drawn", "watch", "layers", "shared", "runs"), help="one table"
    )
    parser.add_argument("--sizes", default="", help="of that table, with commas")
    parser.add_argument("--rounds", type=int, default=0)
    return parser.parse_args()


def tables(given: argparse.Namespace, site: str, programs: Path, folder: Path) -> Iterator[Table]:
    rounds = given.rounds or (3 if given.small else 5)
    sizes = tuple(map(int, given.sizes.split(","))) if given.sizes else ()
    if given.only in {None, "rows"}:
        yield from syncing.tables(site, folder, sizes or (ROWS[:2] if given.small else ROWS), rounds)
    if given.only in {None, "drawn"}:
        yield matching.table(site, folder, sizes or (DRAWN[:1] if given.small else DRAWN), rounds)
    if given.only in {None, "watch"}:
        yield watching.table(site, folder, sizes or (ROWS[:2] if given.small else ROWS[1:]), rounds)
    if given.only in {None, "layers"}:
        yield passes.table(site, folder, sizes[0] if sizes else 20 if given.small else LAYERS, rounds)
    if given.only in {None, "shared"}:
        yield sharing.table(site, programs, folder, sizes[0] if sizes else 60 if given.small else SHARED)
    if given.only in {None, "runs"}:
        yield records.table(site, folder, sizes[0] if sizes else 50 if given.small else RUNS, rounds)


def main() -> None:
    given = asked()
    print(machine(), flush=True)
    prepared = prepare(Spec(Path(sys.executable)), cache=cache_folder().parent)
    with tempfile.TemporaryDirectory() as folder, Sandbox(prepared) as sandbox:
        for table in tables(given, sandbox.url, prepared.programs, Path(folder)):
            print(f"\n{table}", flush=True)


if __name__ == "__main__":
    main()
