"""What networks and servers do, one fault a row: the layer stands as before or as planned, and heals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults import faults
from tests.faults.conftest import Scene
from tests.faults.faults import HTML, says
from tests.faults.proxy import LOCK, Fault
from umap_bot.umap.wire import Bounds

AFTER, BEFORE = "as planned", "as before"
RETRY = ("Retry-After", "7")
LONG = ("Retry-After", "3600")
ALWAYS = 99
LOGIN = b'{"login_required": "/en/login/"}'

# Of which request · the fault · how many pass before · how often · the exit code · how the layer stands
Row = tuple[str, Fault, int, int, int, str]

PUSHES: dict[str, Row] = {
    "request lost": ("push", faults.drop_before, 0, 1, 0, AFTER),
    "request lost, twice": ("push", faults.drop_before, 0, 2, 0, AFTER),
    "answer lost": ("push", faults.drop_after, 0, 1, 0, AFTER),
    "reset before": ("push", faults.reset_before, 0, 1, 0, AFTER),
    "reset after": ("push", faults.reset_after, 0, 1, 0, AFTER),
    "answer truncated": ("push", faults.truncate, 0, 1, 0, AFTER),
    "answer cut": ("push", faults.cut, 0, 1, 0, AFTER),
    "answer empty": ("push", faults.empty, 0, 1, 0, AFTER),
    "answer empty, nothing stored": ("push", says(200), 0, 1, 0, AFTER),
    "answer trickles": ("push", faults.trickle, 0, 1, 0, AFTER),
    "answer's headers trickle": ("push", faults.trickle_headers, 0, 1, 0, AFTER),
    "no right": ("push", says(403), 0, ALWAYS, 13, BEFORE),
    "no right once": ("push", says(403), 0, 1, 0, AFTER),
    "token refused once": ("push", says(403, HTML), 0, 1, 0, AFTER),
    "token refused": ("push", says(403, HTML), 0, ALWAYS, 13, BEFORE),
    "maintenance": ("push", says(403, b"Site is readonly for maintenance"), 0, 1, 13, BEFORE),
    "not found": ("push", says(404, HTML), 0, 1, 13, BEFORE),
    "conflict": ("push", says(412), 0, 1, 0, AFTER),
    "too large": ("push", says(413, HTML), 0, 1, 13, BEFORE),
    "too many requests": ("push", says(429, b"", RETRY), 0, 1, 0, AFTER),
    "busy": ("push", says(503, HTML, RETRY), 0, 1, 0, AFTER),
    "busy for an hour": ("push", says(503, HTML, LONG), 0, 1, 14, BEFORE),
    "500 before storing": ("push", says(500, HTML), 0, 1, 0, AFTER),
    "500 after storing": ("push", says(500, HTML, stored=True), 0, 1, 0, AFTER),
    "bad gateway": ("push", says(502, HTML), 0, 1, 0, AFTER),
    "gateway timeout after storing": ("push", says(504, HTML, stored=True), 0, 1, 0, AFTER),
    "server fails and fails": ("push", says(500, HTML), 0, ALWAYS, 4, BEFORE),
    "a page of another's": ("push", says(200, HTML), 0, 1, 0, AFTER),
    "login wanted": ("push", says(200, LOGIN), 0, ALWAYS, 13, BEFORE),
    "login wanted once": ("push", says(200, LOGIN), 0, 1, 0, AFTER),
    "sent to the login": ("push", says(302, b"", ("Location", "/en/login/")), 0, 1, 13, BEFORE),
    "form refused": ("push", says(200, b'{"errors": {"rank": ["?"]}, "error": "?"}'), 0, 1, 13, BEFORE),
    "file not seen": ("push", faults.without_filename, 0, 1, 13, BEFORE),
    "arrives twice": ("push", faults.twice, 0, 1, 0, AFTER),
    "arrives late": ("push", faults.late("layer", 1), 0, 1, 0, AFTER),
    "arrives very late": ("push", faults.late("layer", 2), 0, 1, 0, AFTER),
}

READS: dict[str, Row] = {
    "link lost": ("link", faults.drop_before, 0, 1, 0, AFTER),
    "link unknown": ("link", says(403), 0, 1, 13, BEFORE),
    "link not found": ("link", says(404, HTML), 0, 1, 13, BEFORE),
    "page lost": ("page", faults.drop_after, 0, 1, 0, AFTER),
    "page of another's": ("page", says(200, HTML), 0, 1, 14, BEFORE),
    "page truncated": ("page", faults.truncate, 0, 1, 0, AFTER),
    "page busy": ("page", says(503, HTML, RETRY), 0, 1, 0, AFTER),
    "look lost": ("settings", faults.reset_before, 0, 1, 0, AFTER),
    "look lost for good": ("settings", faults.drop_before, 0, ALWAYS, 14, BEFORE),
    "look not found": ("settings", says(404, HTML), 0, 1, 13, BEFORE),
    "settings empty before the push": ("settings", faults.empty, 1, 1, 14, BEFORE),
    "settings stale before the push": ("settings", faults.stale, 1, 1, 0, AFTER),
    "settings stale after the push": ("settings", faults.stale, 2, 1, 0, AFTER),
    "settings forbidden before the push": ("settings", says(403, HTML), 1, 1, 0, AFTER),
    "settings lost after the push": ("settings", faults.drop_before, 2, ALWAYS, 14, AFTER),
    "versions 500": ("versions", says(500, HTML), 0, 1, 0, AFTER),
    "versions 500 for good": ("versions", says(500, HTML), 0, ALWAYS, 14, BEFORE),
    "versions of another's": ("versions", says(200, HTML), 0, 1, 14, BEFORE),
    "versions stale after the push": ("versions", faults.stale, 1, 1, 0, AFTER),
    "versions lost after the push": ("versions", faults.drop_after, 1, ALWAYS, 14, AFTER),
    "layer lost": ("layer", faults.drop_after, 0, 1, 0, AFTER),
    "layer truncated": ("layer", faults.truncate, 0, 1, 0, AFTER),
    "layer cut": ("layer", faults.cut, 0, 1, 0, AFTER),
    "layer empty": ("layer", faults.empty, 0, 1, 0, AFTER),
    "layer empty for good": ("layer", faults.empty, 0, ALWAYS, 13, BEFORE),
    "layer cut after the push": ("layer", faults.cut, 1, 1, 0, AFTER),
    "layer empty after the push": ("layer", faults.empty, 1, 1, 0, AFTER),
    "layer stale after the push": ("layer", faults.stale, 1, 1, 0, AFTER),
    "layer lost after the push": ("layer", faults.reset_after, 1, ALWAYS, 14, AFTER),
    "layer 500": ("layer", says(500, HTML), 0, 1, 0, AFTER),
    "layer busy": ("layer", says(429, b"", RETRY), 0, 1, 0, AFTER),
    "layer not found": ("layer", says(404, HTML), 0, 1, 13, BEFORE),
    "layer forbidden": ("layer", says(403, HTML), 0, 1, 13, BEFORE),
    "layer trickles": ("layer", faults.trickle, 0, 1, 14, BEFORE),
}

ROWS = PUSHES | READS
SLOW = {name for name in ROWS if "trickle" in name}
MOST = 20
"""Requests that a sync may cost, whatever happens."""


@pytest.fixture
def sound(scene: Scene) -> Iterator[Scene]:
    """Whatever the row: no push without a version, or uMap overwrites blindly."""
    yield scene
    assert all(push.headers.get(LOCK, "").strip() for push in scene.proxy.every_push)


@pytest.mark.parametrize("name", ROWS)
def test_a_fault(name: str, sound: Scene) -> None:
    kind, fault, skip, times, code, stands = ROWS[name]
    if name in SLOW:
        sound.bot.bounds = Bounds(read=1.0, push=1.0)
    sound.proxy.fail(kind, fault, skip=skip, times=times)
    assert sound.bot.code() == code
    assert sound.stands == (sound.after if stands == AFTER else sound.before)
    assert sound.bot.requests <= MOST
    sound.proxy.heal()
    assert sound.bot.code() == 0
    assert sound.stands == sound.after
    assert sound.bot.run().outcome == "nothing"
    assert sound.bot.requests == 1
