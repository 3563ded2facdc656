"""One pass over many layers, ten a map: idle, and with one change each."""

from __future__ import annotations

from pathlib import Path

from benchmarks.cost.desk import Desk, changed, rows
from benchmarks.cost.processes import Cost, measured, medians, ours, script
from benchmarks.cost.table import Table, ratio
from umap_bot.sandbox.maps import new_map

A_MAP = 10


def table(site: str, folder: Path, layers: int, rounds: int) -> Table:
    desk = Desk(folder / "pass", site, "csv")
    given = rows(18)
    desk.commit(given)
    links = manifest(desk, site, layers, A_MAP)
    desk.settings_are({**links, "STATE_URL": f"sqlite:///{desk.folder / 'state.db'}"})
    measured(ours("sync"), desk.folder)

    def with_a_change(number: int) -> Cost:
        desk.commit(changed(given, number))
        return measured(ours("sync"), desk.folder)

    costs = medians(
        rounds,
        {
            "imports": lambda _: measured(script("imports"), desk.folder),
            "a change each": with_a_change,
            "idle": lambda _: measured(ours("sync"), desk.folder),
        },
    )
    alone = costs.pop("imports")
    found = Table(
        f"A pass over {layers} layers of {-(-layers // A_MAP)} maps",
        ("", "seconds", "of our processor", "milliseconds of our processor a layer", "over the bare imports"),
    )
    for name, cost in costs.items():
        each = (cost.processor - alone.processor) / layers * 1000
        found.rows.append(
            (name, f"{cost.wall:.2f}", f"{cost.processor:.2f}", f"{each:.1f}", ratio(cost.wall / alone.wall))
        )
    return found


def manifest(desk: Desk, site: str, layers: int, a_map: int) -> dict[str, str]:
    """Make maps of so many layers, and a manifest of them all. Return the settings that it names."""
    lines, links = [f'dataset_repo = "{desk.repository}"', 'dataset_path = "cites.csv"'], {}
    for number in range(-(-layers // a_map)):
        made = new_map(site, f"Carte {number}")
        links[f"LINK_{number}"] = made.edit_link
        lines += [f"[map.m{number}]", f'umap_map_url = "{made.url}"', f'umap_edit_link = "env:LINK_{number}"']
        for place in range(min(a_map, layers - number * a_map)):
            name = f"Couche {number}-{place}"
            made.add_layer(name, {"type": "FeatureCollection", "features": []})
            lines += ["[[layer]]", f'map = "m{number}"', f'umap_layer = "{name}"']
    (desk.folder / "umap-bot.toml").write_text("\n".join(lines) + "\n", "utf-8")
    return links
