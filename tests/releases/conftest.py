"""Each place that a uMap may stand at, a map there, and a person's desk before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.conftest import browser
from tests.commands.conftest import desk, folder, ten_cites, traffic
from tests.contract.asker import BRON, LYON, Asker, Kept, Release, release_of
from tests.releases.places import PLACES, Place, standing
from tests.umap.made import collection
from umap_bot.sandbox.maps import MadeMap
from umap_bot.sandbox.prepare import Prepared

__all__ = ["browser", "desk", "folder", "ten_cites", "traffic"]  # of other rooms


@pytest.fixture(scope="session", params=PLACES)
def place(request: pytest.FixtureRequest, prepared: Prepared) -> Iterator[Place]:
    with standing(request.param, prepared) as place:
        yield place


@pytest.fixture(autouse=True)
def _noted(place: Place, record_property: Callable[[str, object], None]) -> None:
    """Where a test ran, for the lines at the end."""
    record_property("place", place.name)


@pytest.fixture
def release(place: Place) -> Release:
    """(3, 7): what a test asserts may hang on it."""
    return release_of(place.sandbox.release)


@pytest.fixture
def made_map(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[MadeMap]:
    """A map without owner at the place; programs of this machine trust its authority."""
    if isinstance(place.verify, str):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", place.verify)
    with place.new_map("Cités") as made:
        yield made


@pytest.fixture
def layer(place: Place, made_map: MadeMap) -> Kept:
    """A layer of two features."""
    asker = Asker(place.site, made_map.session)
    return Kept(made_map, asker, made_map.add_layer("Cités", collection(LYON, BRON)))
