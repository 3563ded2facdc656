"""A map with one layer, somebody who may edit it, and somebody who may not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.contract.asker import BRON, LYON, Asker, Kept, Release, release_of
from tests.umap.made import collection
from umap_bot.sandbox.maps import MadeMap
from umap_bot.sandbox.server import Sandbox

STYLE = {"color": "Orchid", "iconClass": "Drop"}


@pytest.fixture(scope="session")
def release(umap: Sandbox) -> Release:
    """(3, 7): what a test asserts may hang on it."""
    return release_of(umap.release)


@pytest.fixture
def person(umap: Sandbox, made_map: MadeMap) -> Asker:
    """Somebody with the map's edit cookie."""
    return Asker(umap.site, made_map.session)


@pytest.fixture
def theirs(umap: Sandbox) -> Iterator[Asker]:
    """Somebody without a cookie."""
    with requests.Session() as session:
        yield Asker(umap.site, session)


@pytest.fixture
def layer(made_map: MadeMap, person: Asker) -> Kept:
    """A layer of two features, with a style."""
    return Kept(made_map, person, made_map.add_layer("Cités", collection(LYON, BRON), STYLE))
