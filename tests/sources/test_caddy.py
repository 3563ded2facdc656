"""A file on a real web server: Caddy, with TLS by an authority of its own, gzip, a log-in and redirects.

`make test-sources` fetches it; CADDY names the program.
"""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import NamedTuple

import pytest

from tests.umap.made import Pauses
from umap_bot.dataset.sources.recognise import recognise
from umap_bot.dataset.sources.source import Fetched, NotModified
from umap_bot.dataset.sources.web import Manners
from umap_bot.errors import SourceError

TABLE = "id,nom,lat,lon\n" + "".join(f"k{i},Cité {i},45.{i},4.{i}\n" for i in range(500))
CONFIG = """
{{
	admin off
	auto_https disable_redirects
	skip_install_trust
	storage file_system {folder}/store
}}
https://localhost:{secure} {{
	tls internal
	encode gzip
	root * {folder}/www
	redir /moved.csv /cites.csv
	redir /plain.csv http://localhost:{plain}/cites.csv
	basic_auth /private/* {{
		zoe {password}
	}}
	respond /gone.csv 410
	respond /busy.csv 503
	file_server browse
}}
http://localhost:{plain} {{
	root * {folder}/www
	file_server
}}
"""


class Site(NamedTuple):
    secure: str
    plain: str
    www: Path
    authority: Path


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        return int(unused.getsockname()[1])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("caddy")
    caddy, www = os.environ["CADDY"], folder / "www"
    (www / "private").mkdir(parents=True)
    for place in (www, www / "private"):
        (place / "cites.csv").write_text(TABLE, "utf-8")
    hashed = subprocess.run(
        [caddy, "hash-password", "--plaintext", "geheim2026"], capture_output=True, check=True
    )
    secure, plain = _free(), _free()
    password = hashed.stdout.decode().strip()
    config = CONFIG.format(folder=folder, secure=secure, plain=plain, password=password)
    (folder / "Caddyfile").write_text(config, "utf-8")
    authority = folder / "store" / "pki" / "authorities" / "local" / "root.crt"
    command = [caddy, "run", "--config", str(folder / "Caddyfile")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            while not _is_ready(secure, authority):
                assert server.poll() is None
                Event().wait(0.05)
            yield Site(f"https://localhost:{secure}", f"http://localhost:{plain}", www, authority)
        finally:
            server.terminate()


@pytest.fixture(autouse=True)
def _trusted(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(site.authority))


def _is_ready(port: int, authority: Path) -> bool:
    """Tell whether it has made its authority, and a certificate by it."""
    try:
        context = ssl.create_default_context(cafile=str(authority))
        with socket.create_connection(("127.0.0.1", port), 1) as client:
            context.wrap_socket(client, server_hostname="localhost").close()
    except OSError:  # ssl.SSLError is one
        return False
    return True


@pytest.mark.parametrize("path", ["/cites.csv", "/moved.csv"])
def test_a_file_and_what_becomes_of_it(site: Site, path: str) -> None:
    """Gzip, and an ETag that names it: an unchanged file is a 304, a changed one is found."""
    source = recognise(site.secure + path)
    found = source.fetch()
    assert isinstance(found, Fetched)
    assert found.data.decode() == TABLE
    assert found.seen.etag
    assert found.moment
    assert source.fetch(found.seen) == NotModified(found.seen)
    file = site.www / "cites.csv"
    file.write_text(TABLE + "x,X,45.0,4.0\n", "utf-8")
    try:
        assert isinstance(source.fetch(found.seen), Fetched)
    finally:
        file.write_text(TABLE, "utf-8")


def test_without_encryption_if_the_address_says_so(site: Site) -> None:
    assert isinstance(recognise(f"{site.plain}/cites.csv").fetch(), Fetched)


def test_a_name_and_a_password(site: Site) -> None:
    address = f"{site.secure}/private/cites.csv"
    assert isinstance(recognise(address, "zoe:geheim2026").fetch(), Fetched)
    with pytest.raises(SourceError, match=r"does not accept DATASET_TOKEN \(401\)"):
        recognise(address, "zoe:falsch").fetch()
    with pytest.raises(SourceError, match=r"does not show this table without a login \(401\)"):
        recognise(address).fetch()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/plain.csv", r"redirects to http://localhost:\d+, without encryption"),
        ("/gone.csv", r"no table at this address \(410\)"),
        ("/nothing.csv", r"no table at this address \(404\)"),
        ("/busy.csv", r"has a server error \(503\)"),
        ("/", "shows a web page, not a table"),
    ],
)
def test_what_is_no_table(site: Site, path: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        recognise(site.secure + path, manners=Manners(pause=Pauses())).fetch()


def test_an_authority_that_nobody_knows(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(SourceError, match="does not trust the certificate"):
        recognise(f"{site.secure}/cites.csv").fetch()
