"""What lies between this machine and a site: proxies, and certificate authorities of one's own."""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dataset.servers import TLS, Proxy
from tests.umap.loopback import Loopback, answer
from tests.umap.made import AGENT, LYON, Pauses, collection
from tests.umap.test_umap_layer import with_one_more
from umap_bot.errors import SettingsError, UnreachableError
from umap_bot.http.trust import NAMES
from umap_bot.sandbox.maps import MadeMap
from umap_bot.umap.layer.layer import UmapLayer
from umap_bot.umap.map import open_map
from umap_bot.umap.wire import Wire

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")


@pytest.fixture(autouse=True)
def _nobodys_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*NAMES, *PROXIES, *(name.lower() for name in PROXIES)):
        monkeypatch.delenv(name, raising=False)


class Forward(Proxy):
    """A proxy for http: it is asked for whole addresses, and hands everything on as it is."""

    def _pass(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._to)) as server:
            other = {client: server, server: client}
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(65_536)
                    if not data:
                        return
                    self.passed += data if ready is client else b""
                    other[ready].sendall(data)


class Secure(Loopback):
    """Answers over TLS as localhost, by an authority that nobody trusts."""

    def __init__(self) -> None:
        super().__init__(answer("200 OK", b"well"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / "server.pem", TLS / "server.key")
        self._listener = context.wrap_socket(self._listener, server_side=True)
        self.port = int(self._listener.getsockname()[1])
        self.origin = f"https://localhost:{self.port}"


@pytest.fixture
def secure() -> Iterator[Secure]:
    server = Secure()
    with server:
        yield server


def to(origin: str) -> Wire:
    return Wire(origin, agent=AGENT, pause=Pauses())


@pytest.mark.parametrize("spared", [False, True])
def test_a_proxy_for_http(made_map: MadeMap, monkeypatch: pytest.MonkeyPatch, spared: bool) -> None:
    """A whole push goes through it, on the real uMap; or past it, if NO_PROXY says so."""
    layer_id = made_map.add_layer("Cités", collection(LYON))
    port = int(made_map.url.split(":")[2].split("/")[0])
    with Forward(port) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        if spared:
            monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        of = open_map(made_map.url, edit_link=made_map.edit_link, agent=AGENT, pause=Pauses())
        layer = UmapLayer(of, layer_id)
        live = layer.read()
        layer.push(with_one_more(live.standing), live)
        assert len(layer.read().standing.features) == 2
        asked = bytes(proxy.passed).count(b" HTTP/1.1\r\n")
    assert asked == (0 if spared else of.wire.requests)


def test_the_environment_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request does not look through it again: a pass has one way to a site."""
    with Loopback(answer("200 OK", b"well"), answer("200 OK", b"well")) as server:
        wire = to(server.origin)
        assert wire.get("/").body == b"well"
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        assert wire.get("/").body == b"well"


@pytest.mark.parametrize("name", NAMES)
def test_a_proxy_and_an_authority_of_ones_own_for_https(
    secure: Secure, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The proxy learns the host, and nothing of what is said."""
    monkeypatch.setenv(name, str(TLS / "ca.pem"))
    with Proxy(secure.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        wire = to(secure.origin)
        wire.keep("sessionid", "geheim")
        assert wire.get("/page").body == b"well"
        assert proxy.connected == [f"localhost:{secure.port}"]
        assert b"geheim" not in proxy.passed
    assert b"sessionid=geheim" in secure.requests[0]


def test_over_https_a_post_names_the_site(secure: Secure, monkeypatch: pytest.MonkeyPatch) -> None:
    """Django wants a Referer of the same host there (protocol 3)."""
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "ca.pem"))
    wire = to(secure.origin)
    wire.keep("csrftoken", "token")
    wire.post("/x/", {"a": "b"}, None, {})
    assert f"Referer: {secure.origin}/".encode() in secure.requests[0]
    assert b"X-CSRFToken: token" in secure.requests[0]
    assert not wire.exposed


def test_an_authority_that_is_not_named(secure: Secure) -> None:
    with pytest.raises(UnreachableError, match="does not trust the certificate") as caught:
        to(secure.origin).get("/")
    assert "REQUESTS_CA_BUNDLE or SSL_CERT_FILE" in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["missing", "no certificates"])
def test_a_file_of_authorities_that_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, kind: str
) -> None:
    file = tmp_path / "ca.pem"
    if kind != "missing":
        file.write_text("does not trust the certificate", "utf-8")
    monkeypatch.setenv(name, str(file))
    with pytest.raises(SettingsError, match=f"{name} is set to .*ca.pem, which is not a certificate file"):
        to("https://localhost:1")


def test_a_site_over_http_needs_no_authorities(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Reading a file of them takes longer than all else that a session needs."""
    monkeypatch.setenv(NAMES[0], str(tmp_path / "ca.pem"))
    to("http://localhost:1")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:9", "can't be reached, or refuses"),
        ("http://", "proxy address for .* is not valid"),
        ("socks5://127.0.0.1:9", "proxy address for .* is not valid"),
        ("ada:geheim@", "proxy address for .* is not valid|can't be reached"),
    ],
)
def test_a_proxy_that_is_none(monkeypatch: pytest.MonkeyPatch, address: str, words: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", address)
    with pytest.raises(UnreachableError, match=words) as caught:
        to("http://umap.example").get("/")
    assert "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY." in str(caught.value)
    assert "geheim" not in str(caught.value)
