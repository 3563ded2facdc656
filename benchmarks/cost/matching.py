"""So many rows onto as many features drawn by hand: what `adopt` and a first plan take."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.cost.desk import Desk, Rows, as_geojson, rows
from benchmarks.cost.processes import Cost, measured, medians, ours, script
from benchmarks.cost.table import Table, ratio

WAITS = (3,)  # the exit code: a person is asked


def table(site: str, folder: Path, sizes: tuple[int, ...], rounds: int) -> Table:
    found = Table(
        "Rows onto features drawn by hand, as many of them",
        ("rows", "", "time / floor", "memory / floor", "seconds"),
    )
    for size in sizes:
        given = rows(size)
        desk = Desk(folder / f"drawn-{size}", site, "csv", drawn(given))
        desk.commit(given)
        wanted = desk.folder / "wanted.geojson"
        wanted.write_text(as_geojson(given), "utf-8")
        costs = _measured(desk, wanted, rounds)
        floor = costs.pop("floor")
        for name, cost in costs.items():
            over = cost.over(floor)
            found.rows.append((str(size), name, ratio(over.wall), ratio(over.memory), f"{cost.wall:.2f}"))
    return found


def _measured(desk: Desk, wanted: Path, rounds: int) -> dict[str, Cost]:
    return medians(
        rounds,
        {
            "floor": lambda _: measured(script("floor", desk.address, wanted), desk.folder),
            "plan": lambda _: measured(ours("plan"), desk.folder, WAITS),
            "adopt": lambda _: measured(ours("adopt"), desk.folder, WAITS),
        },
    )


def drawn(table: Rows) -> list[dict[str, Any]]:
    """Return the rows as somebody drew them: nearly in place, every third one by another name, no ids."""
    random = Random(1)
    features = json.loads(as_geojson(table))["features"]
    for number, feature in enumerate(features):
        name = feature["properties"]["nom"]
        feature["properties"] = {"name": f"{name} (ancien)" if number % 3 == 0 else name}
        longitude, latitude = feature["geometry"]["coordinates"]
        feature["geometry"]["coordinates"] = [longitude + random.gauss(0, 0.0005), latitude]
    return list(features)
