"""One address asked over the web: where it redirects, what lets us in, how long it is waited for."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from threading import Event
from typing import Final
from urllib.parse import urldefrag, urljoin, urlsplit

import msgspec
import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from umap_bot.errors import SettingsError, SourceError, UnreachableError
from umap_bot.http.body import read_body
from umap_bot.http.deadline import DeadlineAdapter
from umap_bot.http.failures import failure, too_slow
from umap_bot.http.mask import hush
from umap_bot.http.origin import origin
from umap_bot.http.patience import Patience
from umap_bot.http.peers import Peers
from umap_bot.http.trust import authorities
from umap_bot.redaction import add_secret
from umap_bot.text import say, verbatim

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HOPS: Final = 5


class Bounds(msgspec.Struct, frozen=True):
    """Seconds and bytes that one request may take; `pauses` are the seconds of all waits for a busy site,
    `whole` those of a table with all tries and redirects."""

    connect: float = 10.0
    read: float = 60.0
    pauses: float = 60.0
    whole: float = 180.0
    most: int = 64 * 2**20


def _pause(seconds: float) -> None:
    Event().wait(seconds)


class Manners(msgspec.Struct, frozen=True):
    """How sites are asked: `agent` is the User-Agent, `pause` waits seconds, `now` is the time, aware."""

    agent: str = "umap-bot"
    pause: Callable[[float], None] = _pause
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    bounds: Bounds = Bounds()


class Answer:
    """An answer, read whole. `url` is where it came from, after redirects; its text form holds no secret."""

    __slots__ = ("body", "headers", "status", "url")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes, url: str) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.url = url

    def __repr__(self) -> str:
        return f"Answer({self.status}, {len(self.body)} bytes)"


class Key(AuthBase):
    """What lets us in: one header, sent to the site that it is for and to no other; "" is none.

    It has no truth value: requests would take a false one for none, and look for a password in .netrc, which
    is meant for other programs.
    """

    def __init__(self, value: str = "") -> None:
        self.value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.value:
            request.headers["Authorization"] = self.value
        return request


NO_KEY: Final = Key()


def scheme_key(scheme: str, token: str) -> Key:
    """Return a key such as "Bearer TOKEN", none without a token. Raise SettingsError if it is no token."""
    if not all("!" <= char <= "~" for char in token):
        raise SettingsError(
            say("DATASET_TOKEN contains a character that no token has, such as a space or a line break."),
            way_out=say("Copy the token again, without anything around it."),
        )
    if not token:
        return NO_KEY
    add_secret(token)
    return Key(f"{scheme} {token}")


def password_key(user: str, password: str) -> Key:
    """Return a key of a user name and a password (RFC 7617)."""
    if password:
        add_secret(password)
    return Key(f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}")


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Find none: it would be read even where it is not followed, and may be no address at all."""


class Web:
    """Asks sites of one source. Proxies and certificates are those of the environment; no cookie is kept."""

    def __init__(self, manners: Manners) -> None:
        hush()
        self._manners = manners

    def get(self, url: str, headers: Mapping[str, str], key: Key = NO_KEY) -> Answer:
        """Get an address, over five redirects at most. The key goes to its own site alone.

        Raise SourceError: no answer, cut, too large, too slow, or a redirect that is not followed;
        SettingsError if certificate authorities are named that can't be used.
        """
        peers = Peers(url)
        end = self._manners.now() + timedelta(seconds=self._manners.bounds.whole)
        with self._session(peers, url) as session:
            target = url
            for _ in range(_HOPS + 1):
                own = key if _origin(target) == _origin(url) else NO_KEY
                answer = self._ask(partial(self._get, session, target, headers, own, end), target)
                if answer.status not in _REDIRECTS:
                    return answer
                target = _next(answer, url)
                with _as_source_error():
                    peers.follow(target)
        raise SourceError(
            say("{host} redirects too many times.", host=_host(url)), way_out=say("Try again later.")
        )

    def _session(self, peers: Peers, url: str) -> requests.Session:
        session = _Session()
        for scheme in ("http://", "https://"):
            session.mount(scheme, DeadlineAdapter(peers.look))
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.verify = (authorities() if url.startswith("https:") else None) or True
        own = {"User-Agent": self._manners.agent, "Accept-Encoding": "gzip", "Cache-Control": "no-cache"}
        session.headers.update(own)
        return session

    def _ask(self, get: Callable[[], Answer], url: str) -> Answer:
        patience = Patience(_host(url), self._manners.pause, self._manners.now)
        with _as_source_error():
            return patience.ask(get, longest=self._manners.bounds.pauses)

    def _get(
        self, session: requests.Session, url: str, headers: Mapping[str, str], key: Key, end: datetime
    ) -> Answer:
        bounds = self._manners.bounds
        left = (end - self._manners.now()).total_seconds()
        if left <= 0:
            raise too_slow(_host(url))
        try:
            answer = session.get(
                url,
                headers=dict(headers),
                auth=key,
                timeout=(min(bounds.connect, left), min(bounds.read, left)),
                stream=True,
                allow_redirects=False,
            )
            with closing(answer):
                body = read_body(answer.raw, _host(url), bounds.most)
        except (requests.RequestException, HTTPError) as error:
            raise failure(_host(url), error) from None  # its text holds the address, which may be a secret
        return Answer(answer.status_code, answer.headers, body, url)


def as_utf8(header: str) -> str:
    """Return a header as it was meant: servers send UTF-8, and it is read as Latin-1."""
    return header.encode("latin-1", "replace").decode("utf-8", "replace")


def _next(answer: Answer, given: str) -> str:
    """Return the address that a redirect leads to. Raise SourceError if it is not one to follow."""
    said = as_utf8(answer.headers.get("Location", ""))
    try:
        target = urldefrag(urljoin(answer.url, said.strip())).url
        parts = urlsplit(target)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # an unclosed bracket, or a port that is no number
        usable = False
    if not usable:
        raise SourceError(
            say("{host} redirects to something that is not a web address.", host=_host(answer.url)),
            way_out=say(
                "Open the address in a browser, and copy the address that the table is downloaded from."
            ),
        )
    if parts.scheme == "http" and given.startswith("https:"):
        raise SourceError(
            say(
                "{host} redirects to {target}, without encryption.",
                host=_host(answer.url),
                target=verbatim(origin(parts)),
            ),
            way_out=say("Set DATASET_URL to the https address of the table, if there is one."),
        )
    return target


@contextmanager
def _as_source_error() -> Iterator[None]:
    try:
        yield
    except UnreachableError as error:
        raise SourceError(error.message, way_out=error.way_out) from None


def _origin(url: str) -> str:
    return origin(urlsplit(url))


def _host(url: str) -> str:
    """Return host and port, for people: no user, no path."""
    return _origin(url).partition("://")[2]
