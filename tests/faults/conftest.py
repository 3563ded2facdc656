"""The proxy, and a bot behind it whose file has moved on since its last run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults.proxy import Proxy
from tests.faults.scene import NAME, TYPE, Bot, Table, content, edited, moved_on, on_the_map, rows
from umap_bot.sandbox.maps import MadeMap
from umap_bot.sandbox.server import Sandbox


@pytest.fixture
def proxy(umap: Sandbox) -> Iterator[Proxy]:
    with Proxy(umap.url) as proxy:
        yield proxy
    assert proxy.failures == []


@dataclass
class Scene:
    """`before` is what stands, `after` what is to stand. A person's note and point are in both."""

    made: MadeMap
    layer_id: str
    proxy: Proxy
    bot: Bot
    before: list[Any]
    after: list[Any]

    @property
    def features(self) -> list[dict[str, Any]]:
        return on_the_map(self.made, self.layer_id)

    @property
    def stands(self) -> list[Any]:
        return content(self.features)

    def save(self, *features: dict[str, Any], key: str = "", **cells: Any) -> str:
        """A person edits one feature, or adds some, and saves; uMap's confirmation is its version."""
        version = self.made.read(self.layer_id)[1]
        kept = [*edited(self.features, key, **cells), *features]
        saved = self.made.save(self.layer_id, {**TYPE, "features": kept}, version)
        assert saved.status_code == 200
        return saved.headers["X-Datalayer-Version"]


OURS = {"type": "Point", "coordinates": [4.5, 45.5]}
OWN_POINT = {"type": "Feature", "id": "Siege", "geometry": OURS, "properties": {"name": "Our office"}}


@pytest.fixture
def scene(made_map: MadeMap, proxy: Proxy, tmp_path: Path) -> Scene:
    table = Table(rows(5))
    bot = Bot(proxy.through(made_map.url), proxy.through(made_map.edit_link), table, tmp_path / "state.db")
    layer_id = made_map.add_layer(NAME, {**TYPE, "features": []})
    assert bot.run().outcome == "done"
    kept = [*edited(on_the_map(made_map, layer_id), "2", note="seen on Tuesday"), OWN_POINT]
    made_map.save(layer_id, {**TYPE, "features": kept}, made_map.read(layer_id)[1])
    table.commit(moved_on(rows(5)))
    proxy.heal()
    after = edited([feature for feature in kept if feature["properties"].get("id") != "5"], "1", state="open")
    new = {"properties": {"id": "900", "name": "Neuve", "state": "planned"}}
    geometry = {"type": "Point", "coordinates": [4.9, 45.5]}
    return Scene(
        made_map, layer_id, proxy, bot, content(kept), content([*after, {**new, "geometry": geometry}])
    )
