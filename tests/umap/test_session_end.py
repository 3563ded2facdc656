"""What uMap says of a session's end: nothing at an ordinary push, a new end at a merged one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.accounts import log_in, new_user
from tests.umap.made import AGENT, BRON, LYON, Pauses, collection, names
from tests.umap.test_umap_layer import before_the_post, feature, with_one_more
from umap_bot.sandbox.maps import MadeMap, new_map
from umap_bot.sandbox.server import Sandbox
from umap_bot.umap.layer.layer import UmapLayer
from umap_bot.umap.map import UmapMap, open_map
from umap_bot.umap.ways.session import COOKIE, SessionCookie

NAME, PASSWORD = "keeper", "correct horse battery"


@pytest.fixture(scope="module")
def account(umap: Sandbox) -> str:
    new_user(umap, NAME, PASSWORD)
    return NAME


@pytest.fixture
def owned(umap: Sandbox, account: str) -> Iterator[MadeMap]:
    with new_map(umap.url, "Owned", session=log_in(umap.url, account, PASSWORD)) as made:
        yield made


@pytest.fixture
def value(umap: Sandbox, account: str) -> str:
    with log_in(umap.url, account, PASSWORD) as session:
        return session.cookies[COOKIE]


@pytest.fixture
def opened(owned: MadeMap, value: str) -> UmapMap:
    return open_map(owned.url, way_in=SessionCookie(value), agent=AGENT, pause=Pauses())


def test_an_ordinary_push_tells_no_end_and_a_merged_one_a_new_one(
    owned: MadeMap, opened: UmapMap, value: str
) -> None:
    layer_id = owned.add_layer("Cités", collection(LYON, BRON))
    layer = UmapLayer(opened, layer_id)
    live = layer.read()
    layer.push(with_one_more(live.standing), live)
    assert opened.wire.expiry(COOKIE, value) is None
    live = layer.read()
    kept = live.standing
    theirs = kept.__class__(kept.members, (*kept.features, feature("Vienne", "ccccc")))
    before_the_post(opened, lambda: owned.save(layer_id, theirs.encode(), live.version))
    layer.push(kept.__class__(kept.members, kept.features[:2]), live)
    assert names(layer.read().standing.encode()) == ["Lyon 8e", "Bron", "Vienne"]
    end = opened.wire.expiry(COOKIE, value)
    assert end is not None
    assert abs(end - datetime.now(UTC) - timedelta(days=14)) < timedelta(hours=1)
    assert opened.wire.expiry(COOKIE, "another") is None
