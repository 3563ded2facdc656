"""A map made by a person, and the bot's view of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.umap.made import AGENT, BRON, LYON, Pauses, collection
from umap_bot.sandbox.maps import MadeMap
from umap_bot.umap.layer.layer import UmapLayer
from umap_bot.umap.map import UmapMap, open_map


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def layer_id(made_map: MadeMap) -> str:
    """A layer of two features, with a style that people chose."""
    return made_map.add_layer("Cités", collection(LYON, BRON), {"color": "Orchid", "iconClass": "Drop"})


@pytest.fixture
def opened(made_map: MadeMap, pauses: Pauses) -> UmapMap:
    """The map with its edit link."""
    return open_map(made_map.url, edit_link=made_map.edit_link, agent=AGENT, pause=pauses)


@pytest.fixture
def layer(opened: UmapMap, layer_id: str) -> UmapLayer:
    return UmapLayer(opened, layer_id)


@pytest.fixture
def theirs(made_map: MadeMap, pauses: Pauses) -> Callable[[], UmapMap]:
    """The map without any way in, in a session of its own each time."""
    return lambda: open_map(made_map.url, agent=AGENT, pause=pauses)
