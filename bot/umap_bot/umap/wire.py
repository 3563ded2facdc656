"""One requests session with one site: deadlines that hold, sizes, redirects, patience with a busy server."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

import msgspec
import requests
from requests.auth import AuthBase
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError

from umap_bot.errors import RefusedError, UnreachableError
from umap_bot.http.deadline import DeadlineAdapter
from umap_bot.http.failures import LostAnswerError, failure
from umap_bot.http.mask import hush
from umap_bot.http.patience import BUSY, Patience
from umap_bot.http.trust import authorities
from umap_bot.redaction import Secrets, add_cookie
from umap_bot.text import say, verbatim
from umap_bot.umap.address import origin_of

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HOPS: Final = 5
_SLICE: Final = 65536
LARGEST: Final = 64 * 2**20
"""Bytes of a layer's file: 1 GiB of memory is enough to compare it."""
_IS_IT_UMAP: Final = say("Check that UMAP_MAP_URL is the address of a uMap map.")
_PORT: Final = re.compile(r":[0-9]+$")
_SECRET_COOKIE: Final = re.compile(r"sessionid|csrftoken|anonymous_owner\|.*")
"""Cookies of uMap's that are keys, whatever their values look like (protocol 3)."""


class Bounds(msgspec.Struct, frozen=True):
    """Seconds and bytes that one request may take.

    `layer` is for what holds a layer's file, of which 100 000 features are 35 MB (protocol 14); `page` for
    all else, of which a map of 10 000 layers is 5 MB.
    """

    connect: float = 10.0
    read: float = 60.0
    push: float = 120.0
    pauses: float = 60.0
    page: int = 8 * 1024 * 1024
    layer: int = LARGEST


class Reply:
    """An answer, read whole, without the cookies of its session where the site repeats them. Its text form
    holds neither body nor headers: secrets stand in both.
    """

    __slots__ = ("_repeats", "body", "headers", "path", "status")

    def __init__(
        self, status: int, headers: Mapping[str, str], body: bytes, path: str, *, repeats: bool = False
    ) -> None:
        """`repeats`: the body held cookies, and stars are in their place."""
        self.status = status
        self.headers = headers
        self.body = body
        self.path = path
        self._repeats = repeats

    def intact(self) -> bytes:
        """Return a body that may be written back, so that it must be as the site has it.

        Raise RefusedError if it held cookies of the session: they would be shown to everybody.
        """
        if self._repeats:
            raise RefusedError(
                say("The site returns the session cookie inside the layer, which anyone can read."),
                way_out=say("Nothing was changed. Report this to the site's administrators."),
            )
        return self.body

    def __repr__(self) -> str:
        return f"Reply({self.status}, {len(self.body)} bytes)"


class _NoLogin(AuthBase):
    """Stands where requests would else take a password from .netrc, which is not meant for uMap."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Find none: it would be read even where it is not followed, and may be no address at all."""


class Wire:
    """A session with one site. Proxies and certificates are those of the environment, .netrc is not read.

    `agent` is the User-Agent: name, version, and where to complain. `pause` waits some seconds; `now` is the
    time, aware. `requests` counts what was sent. `exposed` tells that the site is spoken to over http and has
    set cookies that are for https alone: they are sent all the same, or it would know nobody.
    """

    def __init__(
        self,
        origin: str,
        *,
        agent: str,
        pause: Callable[[float], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        bounds: Bounds | None = None,
    ) -> None:
        """Raise SettingsError if a site over https needs certificate authorities that can't be used."""
        hush()
        self.origin = _as_sent(origin)
        self.host = origin.partition("://")[2]
        self.requests = 0
        self.exposed = False
        self._bounds = bounds or Bounds()
        self.patience = Patience(self.host, pause, now)
        self._secrets = Secrets()
        self._session = _Session()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, DeadlineAdapter())
        self._session.auth = _NoLogin()
        self._session.verify = (authorities() if origin.startswith("https:") else None) or True
        # Read once: else each request would look through the whole environment, twice.
        self._session.trust_env = False
        self._session.proxies.update(get_environ_proxies(self.origin))
        own = {"User-Agent": agent, "Accept-Encoding": "gzip", "Cache-Control": "no-cache"}
        self._session.headers.update(own)

    def cookie(self, name: str) -> str | None:
        """Return the value of a cookie that the site set and that has not run out."""
        return next((c.value for c in self._session.cookies if c.name == name and not c.is_expired()), None)

    def expiry(self, name: str, value: str) -> datetime | None:
        """Return when a cookie of this value runs out, if the site said so: of a kept one that is not
        known."""
        held = (c for c in self._session.cookies if (c.name, c.value) == (name, value))
        end = next((c.expires for c in held if c.expires), None)
        try:
            return datetime.fromtimestamp(end, UTC) if end else None
        except (ValueError, OverflowError, OSError):  # beyond the year 9999, in any number of digits
            return None

    def keep(self, name: str, value: str) -> None:
        """Send a cookie that comes from elsewhere, as if the site had set it."""
        host = _PORT.sub("", urlsplit(self.origin).netloc)  # an IPv6 address keeps its brackets
        # The domain is the one that the cookie jar gives the site's own: else both would be sent.
        domain = host if "." in host else f"{host}.local"
        self._hide(name, value)
        self._session.cookies.set(name, value, domain=domain, path="/")

    def hide(self, secret: str) -> None:
        """Take what a site is sent beside cookies out of what it says from now on."""
        self._secrets.add(secret)

    def forget(self, name: str) -> None:
        """Drop a cookie: only then can its coming back be seen."""
        for held in [c for c in self._session.cookies if c.name == name]:
            self._session.cookies.clear(held.domain, held.path, held.name)

    def get(self, path: str, *, plain: bool = False, layer: bool = False) -> Reply:
        """Get a path of the site, over redirects within it.

        `plain` asks for no compression: behind nginx a compressed layer right after a write can be cut
        (protocol 0, fact 8). `layer`: it is a layer's file, and may be large. Raise UnreachableError, or
        RefusedError for a redirect elsewhere.
        """
        headers = {"Accept-Encoding": "identity"} if plain else {}
        most = self._bounds.layer if layer else self._bounds.page
        for _ in range(_HOPS):
            reply = self._get_patiently(path, headers, most)
            if reply.status not in _REDIRECTS:
                return reply
            path = self._within(reply)
        raise UnreachableError(
            say("{host} redirects too many times.", host=self.host), way_out=say("Try again later.")
        )

    def post(
        self, path: str, fields: Mapping[str, str], file: bytes | None, headers: Mapping[str, str]
    ) -> Reply:
        """Post a form, once. Redirects are not followed: they would become a GET (protocol 5).

        The CSRF token is that of the cookie now; over https Django wants a Referer (protocol 3).
        Raise UnreachableError if nothing was sent, LostAnswerError if that can't be told.
        """
        form: dict[str, Any] = {"data": dict(fields)}
        if file is not None:
            form["files"] = {"geojson": ("layer.geojson", file, "application/geo+json")}
        own = {"X-CSRFToken": self.cookie("csrftoken") or "", "Referer": f"{self.origin}/"}
        # urllib3 sends the body under the connect timeout: a large one on a slow line takes its time.
        seconds = self._bounds.push
        # The answer to a merge holds the layer (protocol 5).
        most = self._bounds.page if file is None else self._bounds.layer
        return self._send("POST", path, {**own, **headers}, (seconds, seconds), most, **form)

    def _get_patiently(self, path: str, headers: Mapping[str, str], most: int) -> Reply:
        return self.patience.ask(lambda: self._get_once(path, headers, most), longest=self._bounds.pauses)

    def _get_once(self, path: str, headers: Mapping[str, str], most: int) -> Reply:
        return self._send("GET", path, headers, (self._bounds.connect, self._bounds.read), most)

    def pause_as_asked(self, reply: Reply) -> None:
        """Wait if a busy server asks for it. Raise UnreachableError if it asks for too long."""
        if reply.status in BUSY:
            self.patience.wait_as_asked(reply.headers, usual=0.0, longest=self._bounds.pauses)

    def _within(self, reply: Reply) -> str:
        """Return the path that a redirect leads to. Raise RefusedError if it leaves the site.

        A redirect to another host would carry the CSRF token along; one from http to https is for the
        settings to follow.
        """
        try:
            target = urljoin(self.origin + reply.path, reply.headers.get("Location", "")).strip()
        except ValueError:  # an unclosed bracket
            target = ""
        origin = origin_of(target)
        if origin != self.origin:
            raise RefusedError(
                say(
                    "{host} redirects to {target}.",
                    host=self.origin,
                    target=verbatim(origin) if origin else say("an invalid address"),
                ),
                way_out=say("If the map has moved there, set UMAP_MAP_URL to its new address."),
            )
        # Not what follows the length of our origin: theirs may hold a user's name, or its usual port.
        parts = urlsplit(target)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        timeout: tuple[float, float],
        most: int,
        **form: Any,
    ) -> Reply:
        self.requests += 1
        connect, read = (min(self.patience.left(), seconds) for seconds in timeout)
        try:
            answer = self._session.request(
                method,
                self.origin + path,
                headers=dict(headers),
                timeout=(connect, read),
                stream=True,
                allow_redirects=False,
                **form,
            )
            with closing(answer):
                body = self._drain(answer.raw, most)
        except (requests.RequestException, HTTPError) as error:
            raise failure(self.host, error) from None  # its text holds the address, which may be a secret
        for cookie in self._session.cookies:
            self._hide(cookie.name, cookie.value or "")
        if self.origin.startswith("http:"):
            self._expose()
        return self._without_cookies(answer, body, path)

    def _without_cookies(self, answer: requests.Response, body: bytes, path: str) -> Reply:
        """Return the answer without our cookies: what a site repeats of a request ends in log and pages."""
        own = self._secrets
        headers = CaseInsensitiveDict(
            {name: own.out_of_data(value) for name, value in answer.headers.items()}
        )
        clean = own.out_of_bytes(body)
        return Reply(answer.status_code, headers, clean, path, repeats=clean is not body)

    def _hide(self, name: str, value: str) -> None:
        """Take a cookie out of what the site says from now on, and out of every text."""
        of_umap = _SECRET_COOKIE.fullmatch(name) is not None
        self._secrets.add(value, random=of_umap, passing=True)
        add_cookie(value, random=of_umap)

    def _expose(self) -> None:
        for cookie in self._session.cookies:
            self.exposed = self.exposed or cookie.secure
            cookie.secure = False

    def _drain(self, raw: BaseHTTPResponse, most: int) -> bytes:
        """Read the body, up to the size that is allowed: a compressed one can grow beyond all bounds."""
        body = bytearray()
        while data := raw.read1(_SLICE, decode_content=True):
            body += data
            if len(body) > most:
                raise LostAnswerError(
                    say(
                        "{host} sent more than {limit} MB, which is the limit.",
                        host=self.host,
                        limit=most // 1024**2,
                    ),
                    way_out=say("Split the data into several layers.")
                    if most > self._bounds.page
                    else _IS_IT_UMAP,
                )
        return bytes(body)


def _as_sent(origin: str) -> str:
    """Return an origin as it goes over the wire: letters that are not ASCII in the spelling of host names."""
    try:
        return str(requests.Request("GET", origin).prepare().url).removesuffix("/")
    except requests.RequestException:  # the first request tells what is wrong with it
        return origin
