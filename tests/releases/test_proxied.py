"""What nginx makes of uMap's answers, and that none of it misleads the bot."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

import pytest
import urllib3

from tests.commands.desk import Desk, changed, rows, stands
from tests.contract.asker import Kept
from tests.releases.places import PLACES, Place
from tests.umap.made import collection, point
from umap_bot.sandbox.maps import VERSION

BEHIND_NGINX = pytest.mark.parametrize("place", PLACES[1:], indirect=True)
GZIP = {"Accept-Encoding": "gzip"}
MEGABYTE = 2**20
READERS = 8


def many(count: int, note: str) -> dict[str, Any]:
    return collection(*[point(f"Cité {number}", f"{number:05}", note=note) for number in range(count)])


@BEHIND_NGINX
def test_the_version_is_told_if_the_line_is_there(place: Place, layer: Kept) -> None:
    """protocol 4, 1: behind nginx the header is there only if the administrators kept a line."""
    answer = layer.asker.get(layer.path("datalayer_view"))
    assert answer.headers["Server"].startswith("nginx")
    assert answer.headers.get(VERSION) == (layer.version if place.tells_version else None)


@BEHIND_NGINX
def test_a_body_over_the_limit(place: Place, layer: Kept) -> None:
    """fact 14 and protocol 5, 5: 413 from nginx, whose limit is 1 MB unless a site sets another."""
    before = layer.version
    answer = layer.push(b" " * (MEGABYTE + 1), before)
    assert (answer.status_code, answer.headers["Server"][:5]) == (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "nginx",
    )
    assert layer.push(b" " * (MEGABYTE - 4096), before).status_code == HTTPStatus.OK


@BEHIND_NGINX
def test_the_bot_is_told_the_limit(place: Place, desk: Desk) -> None:
    """A file over the limit is one clear error, and nothing is changed; a smaller one goes on."""
    desk.commit(changed(rows(), "c1", nom="é" * MEGABYTE))
    said = desk.type("sync")
    assert (said.code, desk.features) == (13, [])
    assert "MB" in said.err
    desk.commit(rows())
    desk.done("sync")
    assert stands(desk) == rows()


@BEHIND_NGINX
def test_a_false_304(place: Place, layer: Kept) -> None:
    """fact 9: two writes in one second with the same size have one ETag; the second is "not modified"."""
    path = layer.path("datalayer_view")
    for attempt in range(10):  # two that fall into one second
        layer.store(point("Aa", "aaaaa", attempt=attempt))
        first = layer.asker.get(path)
        layer.store(point("Bb", "aaaaa", attempt=attempt))
        second = layer.asker.get(path)
        if second.headers["ETag"] == first.headers["ETag"]:
            break
    assert second.content != first.content
    again = layer.asker.get(path, **{"If-None-Match": first.headers["ETag"]})
    assert again.status_code == HTTPStatus.NOT_MODIFIED


@BEHIND_NGINX
def test_an_uncompressed_read_right_after_a_write_is_whole(place: Place, layer: Kept) -> None:
    """fact 8: uncompressed reads are whole, whoever else reads compressed at the same moment."""
    path = layer.path("datalayer_view")
    identity = {"Accept-Encoding": "identity"}
    barrier = threading.Barrier(READERS + 1)

    def read(compressed: bool) -> tuple[bytes, str]:
        barrier.wait(60)
        with place.visitor() as session:
            answer = session.get(
                place.site + path, headers=GZIP if compressed else identity, stream=True, timeout=60
            )
            return answer.raw.read(), answer.headers.get("Content-Encoding", "")

    with ThreadPoolExecutor(READERS) as pool:
        for turn in range(6):
            layer.push(many(3_000, f"turn {turn}"), layer.version)
            started = [pool.submit(read, number % 2 == 0) for number in range(READERS)]
            barrier.wait(60)
            plain = [reader.result() for reader in started[1::2]]
            assert {encoding for _, encoding in plain} == {""}
            assert [len(json.loads(body)["features"]) for body, _ in plain] == [3_000] * (READERS // 2)


@pytest.fixture
def readers(place: Place, desk: Desk) -> Iterator[None]:
    """Visitors who load the layer compressed, again and again, as browsers do."""
    over = threading.Event()
    url = f"{place.site}/en/datalayer/{desk.made.id}/{desk.layer_id}/"
    authority = place.verify if isinstance(place.verify, str) else None

    def read() -> set[int]:
        statuses = set()
        with urllib3.PoolManager(ca_certs=authority) as pool:
            while not over.is_set():
                answer = pool.request("GET", url, headers=GZIP, decode_content=False)
                statuses.add(answer.status)
        return statuses

    with ThreadPoolExecutor(3) as pool:
        started = [pool.submit(read) for _ in range(3)]
        yield
        over.set()
        statuses = set[int]().union(*(reader.result() for reader in started))
    assert HTTPStatus.OK in statuses
    assert statuses <= {HTTPStatus.OK, HTTPStatus.INTERNAL_SERVER_ERROR}  # protocol 5, 6


@BEHIND_NGINX
@pytest.mark.usefixtures("readers")
def test_the_bot_reads_what_it_wrote(place: Place, desk: Desk) -> None:
    """fact 8 and fact 9: syncs one after another, of files of one size, while others read compressed: what
    the bot says stands does, and nothing else is sent again."""
    for name in ("Aa", "Bb", "Cc", "Dd", "Ee", "Ff"):
        desk.commit(changed(rows(200), "c1", nom=name), name)
        said = desk.done("sync")
        assert stands(desk)["c1"]["nom"] == name
        assert len(said.posts) == 1
        idle = desk.done("sync")
        assert [method for method, _ in idle.requests] == ["GET"]
