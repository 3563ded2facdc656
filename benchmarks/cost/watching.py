"""A map that is watched: a look at a layer of which one feature in a hundred was edited, and one at nothing
new."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.cost.desk import Desk, Rows, as_geojson, changed, rows
from benchmarks.cost.processes import Cost, measured, medians, ours, script
from benchmarks.cost.table import Table, ratio


def table(site: str, folder: Path, sizes: tuple[int, ...], rounds: int) -> Table:
    found = Table(
        "One layer watched, 1 % of its features edited",
        ("features", "", "time / floor", "processor / floor", "memory / floor", "seconds"),
    )
    for size in sizes:
        costs = _measured(site, folder / f"watched-{size}", size, rounds)
        floor = costs.pop("floor")
        found.rows += [
            (f"{size:,}".replace(",", " "), name, *map(ratio, cost.over(floor)), f"{cost.wall:.2f}")
            for name, cost in costs.items()
        ]
    return found


def _measured(site: str, folder: Path, size: int, rounds: int) -> dict[str, Cost]:
    table, before = rows(size), folder / "before.geojson"
    desk = Desk(folder, site, "geojson", _drawn(table))
    measured(ours("watch"), folder)

    def somebody_edits(number: int) -> Cost:
        content, version = desk.made.read(desk.layer)
        before.write_bytes(content)
        later = {"type": "FeatureCollection", "features": _drawn(changed(table, number))}
        desk.made.save(desk.layer, later, version).raise_for_status()
        return measured(script("floor", desk.address, before), folder)

    return medians(
        rounds,
        {
            "floor": somebody_edits,
            "watch": lambda _: measured(ours("watch"), folder),
            "watch, nothing new": lambda _: measured(ours("watch"), folder),
        },
    )


def _drawn(table: Rows) -> list[Any]:
    """Return the rows as features that have ids of uMap's."""
    features: list[Any] = json.loads(as_geojson(table))["features"]
    return [{**feature, "id": f"{number:05}"} for number, feature in enumerate(features)]
