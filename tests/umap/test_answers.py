"""Every answer to a push that uMap was seen to give (protocol 5)."""

from __future__ import annotations

import pytest

from umap_bot.errors import RefusedError
from umap_bot.umap.layer.answers import Answer, TooLargeError, judge
from umap_bot.umap.wire import Reply


def reply(status: int, body: bytes = b"", version: str = "") -> Reply:
    return Reply(status, {"X-Datalayer-Version": version} if version else {}, body, "/")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (reply(200, b'{"id":"x"}', "2"), Answer.STORED),
        (reply(200, b'{"id":"x"}'), Answer.STORED),
        (reply(200, b'{"id":"x","geojson":{}}', "2"), Answer.MERGED),
        (reply(200, b'{"id":"x"', "2"), Answer.LOST),
        (reply(200, b"<html>Please log in to the network"), Answer.LOST),
        (reply(200, b"[]"), Answer.LOST),
        (reply(200, b"\xff"), Answer.LOST),
        (reply(412), Answer.CONFLICT),
        (reply(403, b"\n<!DOCTYPE html><html>Forbidden"), Answer.CSRF),
        (reply(403), Answer.SHUT),
        (reply(200, b'{"login_required":"/en/login/"}'), Answer.SHUT),
        (reply(408), Answer.LOST),
        (reply(429), Answer.LOST),
        (reply(500, b"<h1>Server Error (500)</h1>"), Answer.LOST),
        (reply(502), Answer.LOST),
        (reply(504), Answer.LOST),
    ],
)
def test_an_answer_that_the_next_read_decides(given: Reply, meant: Answer) -> None:
    assert judge(given, "1", 100) is meant


@pytest.mark.parametrize(
    ("given", "because"),
    [
        (reply(200, b'{"errors":{"rank":["Ce champ est obligatoire."]},"error":"x"}', "1"), "rank: Ce champ"),
        (reply(200, b'{"error":"Bad form"}', "1"), "Bad form"),
        (reply(200, b'{"id":"x"}', "1"), "did not save the data"),
        (reply(301), "another address"),
        (reply(400), "HTTP 400"),
        (reply(401), "HTTP 401"),
        (reply(403, b"Site is readonly for maintenance"), "maintenance"),
        (reply(404), "does not have this layer"),
        (reply(405), "HTTP 405"),
        (reply(413, b"<html>413"), "does not accept a layer of 3.5 MB"),
        (reply(204), "HTTP 204"),
    ],
)
def test_an_answer_that_is_a_refusal(given: Reply, because: str) -> None:
    with pytest.raises(RefusedError, match=because):
        judge(given, "1", 3_500_000)


def test_uMaps_own_words_are_one_line_that_people_read() -> None:  # noqa: N802  its name
    words = b'{"error":"very\\n%b bad"}' % (b"very " * 100_000)
    with pytest.raises(RefusedError) as caught:
        judge(reply(200, words), "1", 1)
    assert len(caught.value.message) < 400
    assert "\n" not in str(caught.value)


def test_a_body_limit_is_told_from_other_refusals() -> None:
    with pytest.raises(TooLargeError):
        judge(reply(413), "1", 1)
