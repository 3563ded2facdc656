"""A browser's part of HTTP with uMap: a session with its CSRF token, posts, answers that are success."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import requests

from umap_bot.errors import SandboxError
from umap_bot.text import say

TIMEOUT = 60
OK = 200

Json = dict[str, Any]
Fields = Mapping[str, str | list[str]]
Verify = bool | str | None  # as requests has it


def site(url: str) -> str:
    """The address of the uMap that URL is on, with a final slash."""
    return urljoin(url, "/")


def open_session(url: str, verify: Verify = True) -> requests.Session:
    """A fresh browser that holds a CSRF token of the uMap at URL. VERIFY: a file of authorities."""
    session = requests.Session()
    session.trust_env = False  # no proxy, no .netrc: it is for this machine
    session.verify = verify
    session.get(urljoin(url, "/en/login/"), timeout=TIMEOUT).raise_for_status()
    return session


def get(session: requests.Session, url: str, headers: dict[str, str] | None = None) -> requests.Response:
    """Raises SandboxError unless the answer is 200."""
    answer = session.get(url, headers=headers, timeout=TIMEOUT)
    if answer.status_code != OK:
        raise SandboxError(say("uMap answers {status} to {url}.", status=answer.status_code, url=url))
    return answer


def post(
    session: requests.Session,
    url: str,
    fields: Fields,
    content: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> requests.Response:
    """Post FIELDS, and CONTENT as the file part `geojson`. Whatever the answer is, it is given."""
    return session.post(
        url,
        data=fields,
        files={"geojson": ("blob", content, "application/json")} if content is not None else None,
        headers={"X-CSRFToken": session.cookies["csrftoken"], "Referer": url, **(headers or {})},
        timeout=TIMEOUT,
        allow_redirects=False,
    )


def success(answer: requests.Response) -> Json:
    """The JSON of a success. Raises SandboxError for all else: a 200 of uMap's may also hold `errors`."""
    if answer.status_code != OK:
        raise SandboxError(
            say(
                "uMap answers {status} to {url}: {words}",
                status=answer.status_code,
                url=answer.url,
                words=answer.text[:200],
            )
        )
    said: Json = answer.json()
    if said.keys() & {"errors", "error", "login_required"}:
        raise SandboxError(say("uMap refuses {url}: {words}", url=answer.url, words=str(said)))
    return said
