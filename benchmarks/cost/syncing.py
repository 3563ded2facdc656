"""One layer of so many rows, one in a hundred changed: plan, sync that pushes, idle sync, first sync."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.cost.desk import Desk, as_csv, as_geojson, changed, rows
from benchmarks.cost.processes import Cost, measured, medians, ours, script
from benchmarks.cost.table import Table, ratio

KINDS = ("csv", "geojson")
PLANNED = (2,)  # the exit code: changes to apply


def tables(site: str, folder: Path, sizes: tuple[int, ...], rounds: int) -> Iterator[Table]:
    for kind in KINDS:
        table = Table(
            f"One layer, {kind}, 1 % of its rows changed",
            ("rows", "", "time / floor", "processor / floor", "memory / floor", "time / csv-diff", "seconds"),
        )
        for size in sizes:
            found = _measured(site, folder / f"{kind}-{size}", kind, size, rounds)
            floor, differ = found.pop("floor"), found.pop("csv-diff")
            table.rows += [
                (
                    f"{size:,}".replace(",", " "),
                    name,
                    *map(ratio, cost.over(floor)),
                    ratio(cost.wall / differ.wall),
                    f"{cost.wall:.2f}",
                )
                for name, cost in found.items()
            ]
        yield table


def _measured(site: str, folder: Path, kind: str, size: int, rounds: int) -> dict[str, Cost]:
    desk = Desk(folder, site, kind)
    table = rows(size)
    desk.commit(table)
    measured(ours("sync"), folder)
    before, after, wanted = folder / "old.csv", folder / "new.csv", folder / "wanted.geojson"
    before.write_text(as_csv(table), "utf-8")

    def file_moves_on(number: int) -> Cost:
        later = changed(table, number)
        desk.commit(later)
        after.write_text(as_csv(later), "utf-8")
        wanted.write_text(as_geojson(later), "utf-8")
        return measured(script("floor", desk.address, wanted), folder)

    def first(number: int) -> Cost:
        new = Desk(folder / f"first-{number}", site, kind)
        new.commit(table)
        return measured(ours("sync"), new.folder)

    return medians(
        rounds,
        {
            "floor": file_moves_on,
            "csv-diff": lambda _: measured(script("differ", before, after), folder),
            "plan": lambda _: measured(ours("plan"), folder, PLANNED),
            "sync that pushes": lambda _: measured(ours("sync"), folder),
            "idle sync": lambda _: measured(ours("sync"), folder),
            "packages imported": lambda _: measured(script("imports"), folder),
            "first sync": first,
        },
    )
