"""The gate that every request goes through: which host it asked for, where it came from, how long it is; and
what every answer tells the browser not to do."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from umap_bot.dataset.limits import MOST_BYTES
from umap_bot.desk.place import Place

LONGEST: Final = 100_000
"""Bytes of a form."""

UPLOAD: Final = re.compile(r"/layers/[0-9a-f]+/file")
"""Where a form may hold a file."""

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: https://tile.openstreetmap.org",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

ALWAYS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # without any, browsers hide the origin of our own forms too
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Gate:
    """Refuses, before anything else looks at it, what no page of the desk has sent."""

    def __init__(self, app: ASGIApp, place: Place) -> None:
        self._app = app
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(ALWAYS)
                if "cache-control" not in headers:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        most = MOST_BYTES + LONGEST if UPLOAD.fullmatch(scope["path"]) else LONGEST
        refused = self._refusal(scope["method"], Headers(scope=scope), most)
        await (refused or self._app)(scope, receive, answered)

    def _refusal(self, method: str, headers: Headers, most: int) -> PlainTextResponse | None:
        if _name(headers.get("host", "")) not in self._place.hosts:
            return PlainTextResponse("This is not the address of the desk (DESK_URL).", 421)
        if method in {"GET", "HEAD"}:
            return None
        if method != "POST":
            return PlainTextResponse("Not allowed.", 405)
        if not self._is_ours(headers):
            return PlainTextResponse("This was not sent by a page of the desk. Nothing was done.", 403)
        length = headers.get("content-length", "")
        if not (length.isascii() and length.isdigit()):
            return PlainTextResponse("The length is missing.", 411)
        return PlainTextResponse("Too long.", 413) if int(length[:20]) > most else None

    def _is_ours(self, headers: Headers) -> bool:
        """Return whether a form was sent by a page of ours: the browser says so, no page of others can."""
        origin = headers.get("origin", "")
        site = headers.get("sec-fetch-site", "")
        if site:
            return site == "same-origin"
        if not origin:
            return False
        return origin in {self._place.origin, f"{_scheme(self._place)}://{headers.get('host', '')}"}


def _name(host: str) -> str:
    """Return the name that a request calls the desk by, without the port; "" for what is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _scheme(place: Place) -> str:
    return "https" if place.secure else "http"
