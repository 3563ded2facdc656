"""The wire: deadlines hold, sizes hold, secrets stay, a busy server is waited for, a POST is sent once."""

from __future__ import annotations

import gzip
import json
import logging
import os
import socket
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import format_datetime
from http.client import HTTPResponse
from math import inf
from pathlib import Path
from unittest.mock import Mock
from urllib.parse import quote
from urllib.request import Request

import pytest
import requests
from pytest_socket import socket_allow_hosts

from tests.umap.loopback import Answer, Loopback, answer, silence, trickle
from tests.umap.made import AGENT, Pauses
from umap_bot.errors import RefusedError, UnreachableError
from umap_bot.http.failures import LostAnswerError
from umap_bot.http.patience import Patience
from umap_bot.redaction import STARS
from umap_bot.umap.wire import Bounds, Wire

OK = answer("200 OK", b"well")
QUICK = Bounds(connect=2.0, read=0.5, push=0.5, page=1_000_000)
SIGNATURE = "x1Ju1mpkM3Qw-signature"
LINK = f"/en/map/anonymous-edit/7:{SIGNATURE}"


def to(server: Loopback, pauses: Pauses, bounds: Bounds | None = None) -> Wire:
    return Wire(server.origin, agent=AGENT, pause=pauses, bounds=bounds)


@pytest.mark.parametrize("slow", [trickle, silence])
def test_a_deadline_holds_however_the_server_dawdles(slow: Answer, pauses: Pauses) -> None:
    with Loopback(slow) as server:
        wire = to(server, pauses, QUICK)
        began = time.monotonic()
        with pytest.raises(LostAnswerError, match=r"too slow|in time"):
            wire.get("/")
        assert time.monotonic() - began < 3
    assert pauses.seconds == []  # what was too slow once is not asked again


def test_a_gzip_bomb_is_cut_off(pauses: Pauses) -> None:
    bomb = answer("200 OK", gzip.compress(bytes(300_000_000), 1), "Content-Encoding: gzip")
    with Loopback(bomb) as server, pytest.raises(LostAnswerError, match="more than"):
        to(server, pauses, Bounds(page=5_000_000)).get("/")


def test_gzip_is_unpacked(pauses: Pauses) -> None:
    with Loopback(answer("200 OK", gzip.compress(b"well"), "Content-Encoding: gzip")) as server:
        assert to(server, pauses).get("/").body == b"well"


@pytest.mark.parametrize(
    "cut",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"",
    ],
)
def test_a_cut_answer_is_none(cut: bytes, pauses: Pauses) -> None:
    """Half a body must never pass for a whole one."""
    with Loopback(cut, OK) as server:
        assert to(server, pauses).get("/").body == b"well"
    with Loopback(cut) as server, pytest.raises(LostAnswerError, match="closed the connection"):
        to(server, pauses).get("/")
    assert pauses.seconds == [1, 1, 2]


def test_a_busy_server_is_waited_for_as_it_asks(pauses: Pauses) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30))
    busy = answer("503 Service Unavailable", b"", "Retry-After: 7")
    later = answer("429 Too Many Requests", b"", f"Retry-After: {date}")
    with Loopback(busy, later, OK) as server:
        assert to(server, pauses).get("/").status == 200
    assert pauses.seconds[0] == 7
    assert pauses.seconds[1] == pytest.approx(30, abs=3)


def test_a_server_that_asks_for_too_long_is_not_waited_for(pauses: Pauses) -> None:
    asking = answer("503 Service Unavailable", b"", "Retry-After: 3600")
    with Loopback(asking) as server, pytest.raises(UnreachableError, match="3600 s"):
        to(server, pauses).get("/")
    assert pauses.seconds == []


def test_what_a_broken_server_says_last_is_given(pauses: Pauses) -> None:
    with Loopback(answer("500 Internal Server Error")) as server:
        wire = to(server, pauses)
        assert wire.get("/").status == 500
        assert wire.requests == 3


def test_a_redirect_within_the_site_is_followed(pauses: Pauses) -> None:
    with Loopback(answer("302 Found", b"", "Location: ../b?c=d#e"), OK) as server:
        reply = to(server, pauses).get("/x/a")
        assert (reply.body, reply.path) == (b"well", "/b?c=d")
        assert server.paths() == ["/x/a", "/b?c=d"]


def test_redirects_without_end_are_left(pauses: Pauses) -> None:
    with Loopback(answer("302 Found", b"", "Location: /a")) as server:
        with pytest.raises(UnreachableError, match="redirect"):
            to(server, pauses).get("/a")
        assert len(server.requests) == 5


@pytest.mark.parametrize(
    "target", ["https://{}/a?key=secret", "http://localhost:1/a?key=secret", "//evil.example/", "ftp://x/"]
)
def test_a_redirect_out_of_the_site_is_refused(target: str, pauses: Pauses) -> None:
    with Loopback(OK) as elsewhere, Loopback(OK) as server:
        server._answers = [answer("302 Found", b"", f"Location: {target.format(elsewhere.origin[7:])}")]
        with pytest.raises(RefusedError, match="redirects to") as caught:
            to(server, pauses).get("/a")
        assert "secret" not in str(caught.value)
        assert elsewhere.requests == []


def test_a_post_is_sent_once_and_not_redirected(pauses: Pauses) -> None:
    """A redirected POST becomes a GET, and a repeated one doubles features."""
    moved = answer("301 Moved Permanently", b"", "Location: /b")
    for first in (moved, answer("503 Service Unavailable", b"", "Retry-After: 1")):
        with Loopback(first) as server:
            assert to(server, pauses).post("/a", {"name": "x"}, b"{}", {}).status in {301, 503}
            assert len(server.requests) == 1
    assert pauses.seconds == []


@pytest.mark.parametrize("lost", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", trickle, silence])
def test_a_post_without_an_answer_may_have_been_stored(lost: Answer, pauses: Pauses) -> None:
    with Loopback(lost) as server:
        with pytest.raises(LostAnswerError):
            to(server, pauses, QUICK).post("/a", {}, b"{}", {})
        assert len(server.requests) == 1


def test_nothing_was_sent_to_a_server_that_is_down(pauses: Pauses) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        origin = f"http://127.0.0.1:{free.getsockname()[1]}"
    wire = Wire(origin, agent=AGENT, pause=pauses)
    with pytest.raises(UnreachableError, match="can't be reached") as caught:
        wire.post("/a", {}, b"{}", {})
    assert not isinstance(caught.value, LostAnswerError)


def test_what_is_sent(pauses: Pauses, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = Path(os.environ["HOME"]) / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Loopback(answer("200 OK", b"", "Set-Cookie: csrftoken=tok; Path=/"), OK) as server:
        wire = to(server, pauses)
        wire.get("/a", plain=True)
        wire.post("/b", {"name": "Cités"}, b'{"a":1}', {"X-Datalayer-Reference": "12"})
        got, posted = server.requests
    assert b"User-Agent: umap-bot/0 (tests)" in got
    assert b"Accept-Encoding: identity" in got
    assert b"Authorization" not in got + posted
    assert b"X-CSRFToken: tok" in posted
    assert b"X-Datalayer-Reference: 12" in posted
    assert f"Referer: {server.origin}/".encode() in posted
    assert b'name="geojson"; filename="layer.geojson"' in posted
    assert wire.requests == 2


UNPARSED = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nSet-Cookie 7:x1Ju1mpkM3Qw-signature\r\n\r\n"


@pytest.mark.parametrize("failing", [b"", silence, trickle, UNPARSED])
def test_an_edit_link_is_in_no_text_and_no_log(
    failing: Answer, pauses: Pauses, caplog: pytest.LogCaptureFixture
) -> None:
    """The libraries put the path into their errors and, at level DEBUG, into their log."""
    caplog.set_level(logging.DEBUG)
    with Loopback(answer("404 Not Found"), failing) as server:
        wire = to(server, pauses, QUICK)
        reply = wire.get(LINK)
        with pytest.raises(LostAnswerError) as caught:
            wire.get(LINK)
    told = "".join(traceback.format_exception(caught.value)) + repr(reply) + caplog.text
    assert SIGNATURE not in told
    assert "anonymous-edit" in caplog.text


def test_a_cookie_can_be_dropped(pauses: Pauses) -> None:
    with Loopback(answer("200 OK", b"", "Set-Cookie: anonymous_owner|7=yes; Path=/")) as server:
        wire = to(server, pauses)
        wire.get("/")
        assert wire.cookie("anonymous_owner|7") == "yes"
        wire.forget("anonymous_owner|7")
        assert wire.cookie("anonymous_owner|7") is None


@pytest.mark.parametrize(
    "origin",
    [
        "http://127.0.0.1",
        "http://127.0.0.1:8000",
        "http://[::1]",
        "http://[::1]:8000",
        "http://[fe80::1]",
        "http://[::ffff:127.0.0.1]",
        "http://[2001:db8::8000]",
        "http://localhost",
        "http://localhost:8000",
        "https://umap.example",
        "https://umap.example:8443",
        "https://cartes.pépinière.example",
        "https://карта.example:8443",
    ],
)
def test_a_cookie_that_is_kept_is_the_sites_own(origin: str, pauses: Pauses) -> None:
    """It is sent, and one that the site sets takes its place."""
    wire = Wire(origin, agent=AGENT, pause=pauses)
    wire.keep("sessionid", "ours")
    request = wire._session.prepare_request(requests.Request("GET", f"{wire.origin}/a"))
    assert request.headers["Cookie"] == "sessionid=ours"
    headers = Message()
    headers["Set-Cookie"] = "sessionid=theirs; Path=/"
    answered = Mock(HTTPResponse, info=lambda: headers)
    asked = Request(f"{wire.origin}/a")  # noqa: S310  it is not sent
    wire._session.cookies.extract_cookies(answered, asked)
    assert [cookie.value for cookie in wire._session.cookies] == ["theirs"]
    assert f"{wire.origin}/".isascii()  # it goes into the Referer


def test_a_site_by_its_ipv6_address(pauses: Pauses) -> None:
    socket_allow_hosts(["::1"])
    try:
        server = Loopback(answer("200 OK", b"", "Set-Cookie: csrftoken=tok; Path=/"), OK, host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server:
        wire = to(server, pauses)
        wire.keep("sessionid", "ours")
        wire.get("/a")
        wire.post("/b", {}, None, {})
        posted = server.requests[1]
    assert b"X-CSRFToken: tok" in posted
    assert b"Cookie: sessionid=ours; csrftoken=tok" in posted or b"csrftoken=tok; sessionid=ours" in posted


def test_no_wait_outlives_the_run(pauses: Pauses) -> None:
    """Begun is only what ends before; without an end, as outside of a run, all is waited for."""
    time = datetime(2026, 11, 30, tzinfo=UTC)

    def pause(seconds: float) -> None:
        nonlocal time
        pauses(seconds)
        time += timedelta(seconds=seconds)

    busy = answer("503 Service Unavailable", b"", "Retry-After: 7")
    with Loopback(busy) as server:
        wire = Wire(server.origin, agent=AGENT, pause=pause, now=lambda: time)
        with (
            wire.patience.until(time + timedelta(seconds=10)),
            pytest.raises(UnreachableError, match="more time than this run has left"),
        ):
            wire.get("/")
        assert pauses.seconds == [7]
        assert wire.get("/").status == 503
        assert pauses.seconds == [7, 7, 7]


def test_a_layer_may_be_larger_than_a_page(pauses: Pauses) -> None:
    with Loopback(answer("200 OK", b"x" * 3_000_000)) as server:
        wire = to(server, pauses, Bounds(page=1_048_576, layer=4_000_000))
        assert len(wire.get("/", layer=True).body) == 3_000_000
        with pytest.raises(
            LostAnswerError,
            match=r"more than 1 MB, which is the limit\. Check that UMAP_MAP_URL is the address",
        ):
            wire.get("/")
    with Loopback(answer("200 OK", b"x" * 5_000_000)) as server:
        wire = to(server, pauses, Bounds(page=1_048_576, layer=4_000_000))
        with pytest.raises(LostAnswerError, match="Split the data into several layers"):
            wire.get("/", layer=True)


def test_a_request_takes_no_longer_than_the_run_and_enough_for_a_last_look(pauses: Pauses) -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    patience = Patience("umap.example", pauses, lambda: noon)
    assert patience.left() == inf
    for seconds, left in ((300, 300), (5, 30), (-900, 30)):
        with patience.until(noon + timedelta(seconds=seconds)):
            assert patience.left() == left


def test_what_needs_no_wait_is_done_beyond_the_end(pauses: Pauses) -> None:
    """A last look at what was pushed."""
    with Loopback(answer("503 Service Unavailable", b"", "Retry-After: 0"), OK) as server:
        wire = to(server, pauses)
        with wire.patience.until(datetime.now(UTC) - timedelta(seconds=5)):
            assert wire.get("/").body == b"well"
            with pytest.raises(UnreachableError, match="more time"):
                wire.patience.wait(0.5)
    assert pauses.seconds == []


COOKIES = (
    "sessionid=9f8k2l0zq1x7c5v3b6n4m8a2s1d0f7g6",
    "csrftoken=abcdefghijklmnopqrstuvwxyzabcdef",
    "anonymous_owner|1=1:1tAbcd:mE3k9Zq2X7v1T5b8R0nW4pL6sK",
)


@pytest.mark.parametrize("cookie", COOKIES)
@pytest.mark.parametrize("spell", [str, lambda text: quote(text, safe=""), json.dumps])
def test_a_cookie_that_a_site_repeats_is_read_by_nobody(
    cookie: str, spell: Callable[[str], str], pauses: Pauses
) -> None:
    """Not in a body, not in a header: what is read ends in the log, and on pages."""
    value = cookie.partition("=")[2]
    repeated = spell(value)
    says = answer("200 OK", f"you sent {repeated}".encode(), f"X-Datalayer-Version: {repeated}")
    with Loopback(answer("200 OK", b"", f"Set-Cookie: {cookie}"), says) as server:
        wire = to(server, pauses)
        wire.get("/")
        reply = wire.get("/")
    assert value.encode() in server.requests[1]
    assert value not in reply.body.decode()
    assert value not in reply.headers["X-Datalayer-Version"]
    with pytest.raises(RefusedError, match="returns the session cookie"):
        reply.intact()


def test_a_cookie_that_comes_with_the_answer_that_repeats_it(pauses: Pauses) -> None:
    value = COOKIES[0].partition("=")[2]
    with Loopback(answer("200 OK", value.encode(), f"Set-Cookie: {COOKIES[0]}")) as server:
        assert to(server, pauses).get("/").body == STARS.encode()


def test_a_cookie_that_anybody_could_guess_stays_in_what_is_read(pauses: Pauses) -> None:
    """Its value may be any word: `true`, or a place on the map."""
    with Loopback(
        answer("200 OK", b'{"Bron": true}', "Set-Cookie: seen=true", "Set-Cookie: town=Bron")
    ) as server:
        reply = to(server, pauses).get("/")
    assert reply.intact() == b'{"Bron": true}'
