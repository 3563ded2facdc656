"""The way to a source: who is asked, with what, and which redirects are followed."""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.dataset.servers import TLS
from tests.dataset.sources.conftest import Open
from tests.dataset.sources.doubles import (
    SHARE,
    TABLE,
    TOKEN,
    File,
    Grist,
    Kind,
    Nextcloud,
    Server,
    answer,
    running,
)
from tests.umap.made import Pauses
from umap_bot.dataset.sources.recognise import recognise
from umap_bot.dataset.sources.source import Fetched
from umap_bot.dataset.sources.web import Manners
from umap_bot.errors import SourceError, UnreachableError
from umap_bot.http.peers import Peers, is_local, is_private

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.20", "169.254.169.254", "100.64.0.1",
    "0.1.2.3", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:db8::1",
]  # fmt: skip
PUBLIC = ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_of_ones_own_network(address: str) -> None:
    assert is_private(address)
    assert is_local(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_public(address: str) -> None:
    assert not is_private(address)
    assert not is_local(address)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True), ("LOCALHOST.", True), ("nuage", True), ("nas.local", True), ("a.b.lan", True),
        ("2130706433", True), ("0x7f000001", True), ("127.1", True), ("grist.internal", True),
        ("example.org", False), ("local.example.org", False), ("10.example.org", False),
    ],
)  # fmt: skip
def test_names_of_ones_own_network(host: str, local: bool) -> None:
    assert is_local(host) is local


@pytest.mark.parametrize(
    ("given", "first", "target", "then", "refused"),
    [
        # A site of the public leads nowhere within, by address, name, or what a name is resolved to.
        ("https://a.example/", "93.184.216.34", "https://b.example/", "93.184.216.35", False),
        ("https://a.example/", "93.184.216.34", "https://10.0.0.1/", "", True),
        ("https://a.example/", "93.184.216.34", "https://localhost/", "", True),
        ("https://a.example/", "93.184.216.34", "https://[::ffff:7f00:1]/", "", True),
        ("https://a.example/", "93.184.216.34", "https://b.example/", "10.0.0.1", True),
        ("https://a.example/", "93.184.216.34", "https://a.example/b", "127.0.0.1", True),
        # What a person gave may be within, by its address or by a name that a certificate proves.
        ("https://cloud.ville.example/", "10.0.0.1", "https://cloud.ville.example/b", "10.0.0.1", False),
        ("http://192.168.1.20/", "192.168.1.20", "http://nas.local/", "192.168.1.21", False),
        ("http://nas.local/", "192.168.1.20", "https://a.example/", "93.184.216.34", False),
        ("https://cloud.ville.example/", "10.0.0.1", "https://a.example/", "93.184.216.34", False),
        # A name that led within when it was asked first, and does not any more, leads nobody there.
        ("https://a.example/", "10.0.0.1 93.184.216.34", "https://10.0.0.1/", "", True),
        # Over http nothing proves a name: it may be anybody's who answers for its DNS.
        ("http://a.example/", "10.0.0.1", "", "", True),
        ("http://a.example/", "169.254.169.254", "", "", True),
    ],
)
def test_nobody_is_sent_into_a_private_network(
    given: str, first: str, target: str, then: str, refused: bool
) -> None:
    def go() -> None:
        peers = Peers(given)
        for peer in first.split():
            peers.look(peer)
        if target:
            peers.follow(target)
        if then:
            peers.look(then)

    if not refused:
        go()
        return
    with pytest.raises(UnreachableError, match=r"in a private network\. If that is intended") as caught:
        go()
    assert "https" in str(caught.value)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every name be this machine's: so a public one is when somebody changes its DNS meanwhile."""
    real = socket.getaddrinfo

    def resolved(host: str, port: Any, *args: Any, **kwargs: Any) -> Any:
        return real("127.0.0.1", port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


@pytest.mark.usefixtures("names")
def test_a_name_that_turns_out_to_be_this_machine_is_told_nothing(server: Server, manners: Manners) -> None:
    server.begin(File())
    port = server.server_address[1]
    with pytest.raises(SourceError, match=r"leads to 127\.0\.0\.1, which is in a private network"):
        recognise(f"http://public.example:{port}/cites.csv", manners=manners).fetch()
    assert server.requests == []


def test_behind_a_proxy_addresses_are_refused_by_what_they_say(
    server: Server, manners: Manners, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There the proxy connects, and it may be within the private network itself."""
    server.begin(File())
    monkeypatch.setenv("HTTP_PROXY", server.origin)
    source = recognise("http://public.example/data/cites.csv", manners=manners)
    server.faults = [answer("200 OK", TABLE)]
    assert isinstance(source.fetch(), Fetched)
    server.faults = [answer("302 Found", b"", "Location: http://169.254.169.254/latest/meta-data")]
    with pytest.raises(SourceError, match=r"leads to 169\.254\.169\.254"):
        source.fetch()
    assert [asked.whole for asked in server.requests] == ["http://public.example/data/cites.csv"] * 2


@pytest.fixture
def other() -> Iterator[Server]:
    with running() as server:
        server.begin(File())
        yield server


def test_a_token_goes_to_its_own_site_alone(opened: Open, server: Server, other: Server) -> None:
    source = opened(File(), TOKEN)
    server.faults = [answer("302 Found", b"", f"Location: {other.origin}/back", "Set-Cookie: a=b")]
    server.pages["/end.csv"] = answer("200 OK", TABLE)
    other.pages["/back"] = answer("302 Found", b"", f"Location: {server.origin}/end.csv", "Set-Cookie: c=d")
    assert isinstance(source.fetch(), Fetched)
    sent = [asked.headers.get("authorization") for asked in (*server.requests, *other.requests)]
    assert sent == [f"Bearer {TOKEN}", f"Bearer {TOKEN}", None]
    assert not any("cookie" in asked.headers for asked in (*server.requests, *other.requests))


def test_gzip_in_several_members_is_one_body(opened: Open, server: Server) -> None:
    """RFC 1952, 2.2: servers that append to a compressed file send such."""
    packed = gzip.compress(TABLE[:9]) + gzip.compress(TABLE[9:])
    server_says = answer("200 OK", packed, "Content-Encoding: gzip")
    source = opened(File())
    server.faults = [server_says]
    found = source.fetch()
    assert isinstance(found, Fetched)
    assert found.data == TABLE


def test_a_password_for_other_programs_is_not_taken(
    opened: Open, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login zoe password geheim\n", "utf-8")
    monkeypatch.setenv("NETRC", str(file))
    opened(File()).fetch()
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("kind", [Nextcloud, Grist, File])
def test_no_secret_is_logged_or_told(
    opened: Open, server: Server, caplog: pytest.LogCaptureFixture, kind: type[Kind]
) -> None:
    caplog.set_level(logging.DEBUG)
    source = opened(kind(), TOKEN)
    server.faults = [answer("403 Forbidden", f'{{"error": "{SHARE} {TOKEN}"}}'.encode())]
    with pytest.raises(SourceError) as caught:
        source.fetch()
    server.faults = [answer("400 Bad Request", f'{{"error": "{SHARE} {TOKEN}"}}'.encode())]
    with pytest.raises(SourceError) as repeated:
        source.fetch()
    told = caplog.text + "".join(traceback.format_exception(caught.value)) + str(repeated.value)
    assert "GET /" in told
    assert TOKEN not in told
    assert kind is not Nextcloud or SHARE not in told


@pytest.fixture
def secure(monkeypatch: pytest.MonkeyPatch, names: None) -> Iterator[tuple[Server, str]]:
    """A server over TLS, within this network, and its origin."""
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "ca.pem"))
    with running() as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / "server.pem", TLS / "server.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.begin(File())
        yield server, f"https://git.example.org:{server.server_address[1]}"


def test_a_name_that_a_certificate_proves_may_be_within(secure: tuple[Server, str], manners: Manners) -> None:
    server, origin = secure
    source = recognise(f"{origin}/data/cites.csv", TOKEN, manners=manners)
    found = source.fetch()
    assert isinstance(found, Fetched)
    server.kind.locked = True
    assert isinstance(source.fetch(), Fetched)


def test_from_https_no_redirect_leads_to_http(secure: tuple[Server, str], manners: Manners) -> None:
    server, origin = secure
    server.faults = [answer("302 Found", b"", "Location: http://elsewhere.example/a.csv?key=geheim")]
    source = recognise(f"{origin}/data/cites.csv", manners=manners)
    words = r"redirects to http://elsewhere\.example, without encryption\. Set DATASET_URL to the https"
    with pytest.raises(SourceError, match=words) as caught:
        source.fetch()
    assert "geheim" not in str(caught.value)


def test_a_certificate_of_nobodys(
    secure: tuple[Server, str], manners: Manners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(SourceError, match="does not trust the certificate"):
        recognise(f"{secure[1]}/data/cites.csv", manners=manners).fetch()


def test_a_table_takes_no_longer_than_all_its_time(server: Server, manners: Manners, pauses: Pauses) -> None:
    """However often it is redirected or asked again: here each wait takes the clock on."""
    server.begin(File())
    server.faults = [answer("503 Service Unavailable", b"", "Retry-After: 50")]
    start = datetime(2026, 12, 1, tzinfo=UTC)
    bounds = msgspec.structs.replace(manners.bounds, pauses=600.0, whole=80.0)
    slow = msgspec.structs.replace(
        manners, bounds=bounds, now=lambda: start + timedelta(seconds=sum(pauses.seconds))
    )
    with pytest.raises(SourceError, match="did not answer in time"):
        recognise(f"{server.origin}/a.csv", manners=slow).fetch()
    assert (pauses.seconds, len(server.requests)) == ([50, 50], 2)


def test_a_site_that_is_not_there(manners: Manners) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(SourceError, match=r"127\.0\.0\.1:\d+ can't be reached\. Check the address"):
        recognise(f"http://127.0.0.1:{port}/a.csv", manners=manners).fetch()
