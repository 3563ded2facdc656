"""One server on this machine for all kinds, and sources that wait for no second."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from tests.dataset.sources.doubles import Kind, Server, running
from tests.umap.made import Pauses
from umap_bot.dataset.sources.source import Source
from umap_bot.dataset.sources.web import Bounds, Manners, Web

Open = Callable[..., Source]

MOST = 100_000


@pytest.fixture(scope="session")
def _one_server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def server(_one_server: Server) -> Server:
    _one_server.begin(Kind())
    return _one_server


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def manners(pauses: Pauses) -> Manners:
    bounds = Bounds(connect=5.0, read=20.0, most=MOST)
    return Manners(agent="umap-bot/0 (tests)", pause=pauses, bounds=bounds)


@pytest.fixture
def opened(server: Server, manners: Manners) -> Open:
    """Let the server be of a kind, and return a source at it."""

    def source(kind: Kind, token: str = "", *, hurried: bool = False) -> Source:
        """`hurried` waits a tenth of a second for an answer: for sites that give none."""
        server.begin(kind)
        bounds = replace(manners.bounds, read=0.1) if hurried else manners.bounds
        return kind.source(server.origin, token, Web(replace(manners, bounds=bounds)))

    return source
