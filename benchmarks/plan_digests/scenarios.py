"""The worlds of tests/scenarios, played as the README there tells."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, Final

from benchmarks.plan_digests import program
from benchmarks.plan_digests.world import World

ROOT: Final = Path(__file__).parents[2] / "tests" / "scenarios"


def names() -> list[str]:
    return [path.parent.relative_to(ROOT).as_posix() for path in sorted(ROOT.rglob("why.md"))]


def scenario(name: str) -> World:
    """Play a folder's rounds, and the last one again with an approval if it is held."""
    folder, world, to_approve = ROOT / name, World(), ""
    told = folder / "policy.toml"
    settings = tomllib.loads(told.read_text("utf-8")) if told.exists() else {}
    earlier = settings.pop("earlier", settings)
    for dataset, saved, of_round in (
        ("before", "", earlier),
        ("base", "before.json", earlier),
        ("desired", "live.json", settings),
    ):
        file = next((path for path in folder.glob(f"{dataset}.*") if path.suffix != ".json"), None)
        if file is None and (dataset != "desired" or not world.files):
            continue
        _set(world, of_round)
        if (folder / saved).is_file():
            world.stored.append(_layer_file(folder / saved, world))
        world.publish(*((file.read_bytes(), file.suffix) if file else world.files[-1][1:]))
        to_approve = world.sync()
    if to_approve:
        world.sync(to_approve)
    return world


def _set(world: World, settings: dict[str, Any]) -> None:
    of_map = settings.get("settings", {})
    world.policy = program.policy(**_those(settings, "drift", "deleted", "foreign"))
    world.limits = program.limits(settings.get("limits", {}))
    world.recipe = _those(settings, "key", "seed", "rename", "encoding")
    world.entry = {
        "editable": settings.get("editable", True),
        "remote": of_map.get("remoteData", {}).get("url"),
        "group": bool(of_map.get("group")),
        "settings": of_map,
    }


def _those(settings: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: settings[name] for name in names if name in settings}


def _layer_file(saved: Path, world: World) -> bytes:
    """Return what a person saved; the id "<bron>" is the uMap id that the first sync gave to that row."""
    top = json.loads(saved.read_text("utf-8"))
    for feature in top["features"]:
        umap_id = feature.get("id") if isinstance(feature, dict) else None
        if isinstance(umap_id, str) and umap_id.startswith("<"):
            feature["id"] = program.umap_id(world.base, umap_id.strip("<>"))
    return json.dumps(top).encode()
