"""A browser's part of HTTP with uMap: a session with its CSRF token, posts, answers that are success."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urljoin

import requests

from umap_bot.errors import SandboxError
from umap_bot.text import say

TIMEOUT = 60

AGAIN: Final = say("Run the command again. If it fails again, please report it as a bug.")

Json = dict[str, Any]
Fields = Mapping[str, str | list[str]]
Verify = bool | str | None  # as requests has it


def site(url: str) -> str:
    """Return the address of the uMap that a URL is on, with a final slash."""
    return urljoin(url, "/")


def open_session(url: str, verify: Verify = True) -> requests.Session:
    """Return a new session with a CSRF token of the uMap at `url`. `verify` is as requests has it."""
    session = requests.Session()
    session.trust_env = False  # no proxy, no .netrc: it is for this machine
    session.verify = verify
    session.get(urljoin(url, "/en/login/"), timeout=TIMEOUT).raise_for_status()
    return session


def get(session: requests.Session, url: str, headers: dict[str, str] | None = None) -> requests.Response:
    """Return the answer. Raise SandboxError unless it is 200."""
    answer = session.get(url, headers=headers, timeout=TIMEOUT)
    if answer.status_code != HTTPStatus.OK:
        raise SandboxError(
            say("uMap answered {url} with {status}.", status=answer.status_code, url=url), way_out=AGAIN
        )
    return answer


def post(
    session: requests.Session,
    url: str,
    fields: Fields,
    content: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> requests.Response:
    """Post `fields`, and `content` as the file part `geojson`. Return the answer, whatever it is."""
    return session.post(
        url,
        data=fields,
        files={"geojson": ("blob", content, "application/json")} if content is not None else None,
        headers={"X-CSRFToken": session.cookies["csrftoken"], "Referer": url, **(headers or {})},
        timeout=TIMEOUT,
        allow_redirects=False,
    )


def success(answer: requests.Response) -> Json:
    """Return the JSON of a success. Raise SandboxError for all else: a 200 may also hold `errors`."""
    if answer.status_code != HTTPStatus.OK:
        raise SandboxError(
            say(
                "uMap answered {url} with {status}: {words}",
                status=answer.status_code,
                url=answer.url,
                words=answer.text[:200],
            ),
            way_out=AGAIN,
        )
    said: Json = answer.json()
    if said.keys() & {"errors", "error", "login_required"}:
        raise SandboxError(say("uMap refused {url}: {words}", url=answer.url, words=str(said)), way_out=AGAIN)
    return said
