"""Whatever a site answers, it ends in a value or a BotError: hostile, broken, or not uMap at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.umap.loopback import Loopback, answer
from tests.umap.made import AGENT, LYON, Pauses, collection
from umap_bot.errors import BotError, RefusedError, UnreachableError
from umap_bot.model.layer import Entry
from umap_bot.reconcile.slices import decode
from umap_bot.umap.entry import Page, find_layer, read_page
from umap_bot.umap.layer.answers import judge
from umap_bot.umap.layer.layer import UmapLayer
from umap_bot.umap.layer.versions import read_content, read_versions, stored_at
from umap_bot.umap.map import open_map
from umap_bot.umap.page import settings_of_json, settings_of_page
from umap_bot.umap.wire import Bounds, Reply, Wire

DIGITS = "9" * 5000
"""More than Python makes a number of."""
OK = answer("200 OK", b"well")
QUICK = Bounds(read=0.5, push=0.5, page=1_000_000)
URL = "http://umap.example/en/map/m_1"


def to(server: Loopback, pauses: Pauses) -> Wire:
    return Wire(server.origin, agent=AGENT, pause=pauses, bounds=QUICK)


@pytest.mark.parametrize(
    "asked",
    [
        "9" * 400,
        DIGITS,
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
    ],
)
def test_a_wait_for_ages_is_told_and_not_begun(asked: str, pauses: Pauses) -> None:
    busy = answer("503 Service Unavailable", b"", f"Retry-After: {asked}")
    with Loopback(busy) as server, pytest.raises(UnreachableError, match=r"asks to wait \d{4,10} s"):
        to(server, pauses).get("/")
    assert pauses.seconds == []


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "-5",
        "+5",
        "1.5",
        "1e5",
        "NaN",
        "inf",
        "\u0663",
        "\u00b2",
        "soon",
        "Fri, ",
        ", , , ",
        "1 2 3 4 5 6",
        f"Fri, 31 Dec {'9' * 20} 23:59:59 GMT",
        f"Fri, 31 Dec {DIGITS} 23:59:59 GMT",
        f"Fri, 31 Dec 2026 23:59:{DIGITS}",
        "Fri, 31 Dec 2026 99:59:59 GMT",
        "Fri, 31 Dec 2026 23:59:59 +99999999",
    ],
)
def test_a_wait_that_is_none_is_as_long_as_ours(asked: str, pauses: Pauses) -> None:
    busy = answer("503 Service Unavailable", b"", f"Retry-After: {asked}")
    with Loopback(busy, OK) as server:
        assert to(server, pauses).get("/").body == b"well"
    assert pauses.seconds == [1]


@pytest.mark.parametrize(
    "asked", ["Mon, 01 Jan 0001 00:00:00 +2300", "Thu, 01 Jan 1970 00:00:00 GMT", "0000"]
)
def test_a_wait_until_what_is_over_is_none(asked: str, pauses: Pauses) -> None:
    busy = answer("503 Service Unavailable", b"", f"Retry-After: {asked}")
    with Loopback(busy, OK) as server:
        assert to(server, pauses).get("/").body == b"well"
    assert pauses.seconds == []


@pytest.mark.parametrize(
    "target",
    [
        "http://[",
        "http://[::1",
        "//[",
        "http://\u2100/",
        "http://127.0.0.1:99999999999/",
        "http://",
        "::",
        "javascript:1",
    ],
)
def test_a_redirect_to_what_is_no_address(target: str, pauses: Pauses) -> None:
    with Loopback(answer("302 Found", b"", f"Location: {target}"), OK) as server, suppress(RefusedError):
        to(server, pauses).get("/a")
    assert all(path.startswith("/") for path in server.paths())


@pytest.mark.parametrize(
    "written", ["http://anna@{}/b?c", "http://a:b@{}/b?c", "HTTP://{}/b?c#d", " http://{}/b?c"]
)
def test_a_redirect_within_the_site_however_its_address_is_written(written: str, pauses: Pauses) -> None:
    """Cut to a length, the address of the first would be one of another host."""
    with Loopback(OK) as server:
        location = written.format(server.origin.removeprefix("http://"))
        server._answers = [answer("302 Found", b"", f"Location: {location}"), OK]
        assert to(server, pauses).get("/a").path == "/b?c"
        assert server.paths() == ["/a", "/b?c"]


@pytest.mark.parametrize("ends", ["Max-Age=" + "9" * 30, "Max-Age=999999999999", "Max-Age=" + DIGITS])
def test_a_cookie_until_the_end_of_time(ends: str, pauses: Pauses) -> None:
    with Loopback(answer("200 OK", b"", f"Set-Cookie: sessionid=7; {ends}")) as server:
        wire = to(server, pauses)
        wire.get("/")
        assert wire.expiry("sessionid", "7") is None


RAW = [
    b"HTTP/1.1 999 x\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 -5 x\r\n\r\n",
    b"HTTP/1.1 %b OK\r\n\r\n" % DIGITS.encode(),
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: %b\r\n\r\n" % DIGITS.encode(),
    b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab",
    b"HTTP/1.1 200 OK\r\n%b\r\n" % (b"A: b\r\n" * 200),
    b"HTTP/1.1 200 OK\r\nA: %b\r\n\r\n" % (b"b" * 70_000),
    b"HTTP/1.1 200 OK\r\n\xff\xfe: \xff\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%b\r\nabc" % (b"F" * 5000),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nContent-Length: 3\r\n\r\nabc" % (b"gzip," * 50),
    b"HTTP/1.1 100 Continue\r\n\r\n" * 100,
    b"HTTP/1.1 101 Switching\r\n\r\n",
    b"\x00\x01\x02\xff",
]


@pytest.mark.parametrize("raw", RAW)
@pytest.mark.parametrize("posted", [False, True])
def test_what_is_hardly_http(raw: bytes, posted: bool, pauses: Pauses) -> None:
    with Loopback(raw) as server, suppress(BotError):
        wire = to(server, pauses)
        reply = wire.post("/a", {}, b"{}", {}) if posted else wire.get("/a")
        assert isinstance(reply, Reply)


# What stands in an answer's JSON. Texts have no halves of characters: uMap's database takes none.

odd = st.sampled_from(
    [
        "9" * 400,
        DIGITS,
        "-1",
        "1e999",
        "nan",
        "\u0661\u0662",
        "\u20ac",
        "a\r\nb: c",
        "../..",
        "//x/{pk}",
        "",
        10**30,
        -(10**300),
        10**13,
        1.5e300,
        1_764_000_000_000.25,
        float(2**63),
        True,
        None,
        "null",
    ]
)
leaves = (
    odd
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=2),
    max_leaves=4,
)


def record(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with some of these members, of any value."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, anything))


layers = record(
    "id",
    "referenceVersion",
    "rank",
    "parent",
    "permissions",
    "editMode",
    "name",
    "remoteData",
    "group",
    "old_id",
)
tree = layers.flatmap(
    lambda layer: st.fixed_dictionaries(
        {"layers": st.lists(layers, max_size=2), "properties": layers | anything}
    ).map(lambda more: layer | more)
)
maps = st.builds(
    lambda listed, permissions, urls, user, own: {
        **own,
        "datalayers": listed,
        "permissions": permissions,
        "urls": urls,
        "user": user,
    },
    st.lists(tree | anything, max_size=3) | anything,
    record("share_status", "edit_status", "owner") | anything,
    record("datalayer_view", "datalayer_update") | anything,
    record("id", "name", "is_owner") | anything,
    record("id", "umap_id", "name", "umap_version", "editMode", "modified_at"),
)


@settings(deadline=None, max_examples=200)
@given(maps | anything)
def test_any_settings_of_a_map(properties: Any) -> None:
    body = json.dumps({"properties": properties})
    written = f"<script>new U.Map('map', {body.replace('<', '&lt;')})</script>".encode()
    for read, text in ((settings_of_json, body.encode()), (settings_of_page, written)):
        with suppress(BotError):
            page = read_page(read(text), URL)
            assert all(fit_to_be_sent(layer) for layer in page.layers)
            with suppress(BotError):
                find_layer(page, None)
            with suppress(BotError):
                page.path("datalayer_view", {"pk": "x"}).encode()


def fit_to_be_sent(layer: Entry) -> bool:
    """The version goes into a header, the id into a path."""
    return layer.version.isascii() and layer.version.isprintable() and layer.layer_id.isascii()


class Said(Wire):
    """A site that answers with this, whatever it is asked."""

    def __init__(self, body: bytes) -> None:  # the wire itself is not used, and takes long to make
        self._reply = Reply(200, {}, body, "/")
        self.asked: list[str] = []

    def get(self, path: str, *, plain: bool = False, layer: bool = False) -> Reply:
        self.asked.append(path)
        return self._reply


def page_of(**members: Any) -> Page:
    urls = {"datalayer_versions": "/en/{pk}/versions/", "datalayer_version": "/en/{pk}/{ref}"}
    own: dict[str, Any] = {"id": 1, "urls": urls, **members}
    return read_page(own, URL)


@settings(deadline=None, max_examples=200)
@given(st.lists(record("ref", "name", "at", "size") | anything, max_size=4) | anything)
def test_any_version_list(listed: Any) -> None:
    with suppress(UnreachableError):
        for version in read_versions(Said(json.dumps({"versions": listed}).encode()), page_of(), "7"):
            assert isinstance(version.at, int)
            assert not version.at or 2001 <= stored_at(version).year <= 2286
            assert isinstance(version.size, int)
            site = Said(b"")
            with suppress(BotError):
                read_content(site, page_of(), "7", version)
            assert all(path.count("/") == 3 and path.isascii() for path in site.asked)


@pytest.mark.parametrize(
    "at",
    [
        DIGITS,
        "9" * 30,
        "-1",
        -1,
        "0",
        0,
        "NaN",
        "\u0661" * 13 + "x",
        True,
        None,
        [],
        {},
        1e300,
        -1.5,
        10**300,
        10**14,
    ],
)
def test_a_time_that_is_none_is_not_known(at: Any) -> None:
    (version,) = read_versions(
        Said(json.dumps({"versions": [{"ref": "7", "at": at}]}).encode()), page_of(), "7"
    )
    assert (version.version, version.at) == ("7", 0)


@pytest.mark.parametrize(
    "at",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        '"\\ud800"',
        "[" * 100_000,
        "[" * 300 + "]" * 300,
        '"\xff"',
        DIGITS,
    ],
)
def test_a_version_list_that_is_none(at: str) -> None:
    body = f'{{"versions":[{{"ref":"7","at":{at}}}]}}'.encode("latin-1")
    with pytest.raises(UnreachableError, match="list of versions of the layer can't be read"):
        read_versions(Said(body), page_of(), "7")


def test_a_version_list_longer_than_any_site_keeps() -> None:
    body = json.dumps({"versions": [{"ref": "7"}] * 10_001}).encode()
    with pytest.raises(UnreachableError, match="list of versions of the layer can't be read"):
        read_versions(Said(body), page_of(), "7")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"[1]",
        b"\xff",
        b'{"a":"\xff"}',
        b'{"errors":%b}' % (b"[" * 300 + b"]" * 300),
        b"[" * 100_000,
    ],
)
def test_an_answer_to_a_push_that_is_none(body: bytes) -> None:
    judge(Reply(200, {}, body, "/"), "1", 1)


@pytest.mark.parametrize(
    "page",
    [
        f"<p>&#{DIGITS};</p>",
        f"<p data-settings='&#{DIGITS};'></p>",
        "<![foo[",
        "<!DOCTYPE [<!ENTITY",
        "<div>" * 5000,
        *(
            f'<p data-settings=\'{{"properties":{{"id":{value}}}}}\'>'
            for value in ("[" * 300 + "]" * 300, "[" * 100_000, DIGITS, "1e999", '"\\ud800"', '"&#xD800;"')
        ),
    ],
)
def test_a_page_that_is_none(page: str) -> None:
    with suppress(UnreachableError):
        json.dumps(settings_of_page(page.encode()), ensure_ascii=False).encode()


@pytest.mark.parametrize("version", ["\u20ac", "a\r\nX-Evil: b", "\u00e9", "x" * 2000])
def test_a_version_that_no_header_holds_is_none(version: str) -> None:
    """It would go back as the lock."""
    page = page_of(datalayers=[{"id": 7, "referenceVersion": version}])
    assert page.layers[0].version == ""


ABSURD: dict[str, Callable[[], dict[str, Any]]] = {
    "deep": lambda: {**LYON, "properties": {"a": json.loads("[" * 300 + "]" * 300)}},
    "deep members": lambda: {**LYON, "b": json.loads('{"a":' * 300 + "1" + "}" * 300)},
}


@pytest.mark.parametrize("name", ABSURD)
def test_a_layer_that_would_end_the_program_is_read_and_stays_as_it_is(name: str) -> None:
    """What is nested too deep is found when sides are compared, and goes back byte for byte."""
    body = json.dumps(collection(ABSURD[name]())).encode()
    version = read_versions(Said(b'{"versions":[{"ref":"7"}]}'), page_of(), "7")[0]
    content = read_content(Said(body), page_of(), "7", version)
    assert content
    (raw,) = content.features
    assert raw in body
    assert decode(raw).unread


def test_nothing_of_it_is_asked_of_a_map(pauses: Pauses) -> None:
    """A site that is no uMap at all."""
    with Loopback(answer("200 OK", b"[" * 100_000)) as server:
        of = open_map(f"{server.origin}/en/map/m_1", agent=AGENT, pause=pauses)
        with pytest.raises(UnreachableError):
            UmapLayer(of, "x").read()
