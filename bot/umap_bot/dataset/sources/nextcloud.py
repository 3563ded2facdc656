"""A share of Nextcloud, of Framaspace, which is one, or of ownCloud: a file, or one in a folder."""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from umap_bot.dataset.sources.answers import Site, conditions, name_of, table_in
from umap_bot.dataset.sources.forms import SUFFIXES
from umap_bot.dataset.sources.pasted import Pasted, hide, shortened
from umap_bot.dataset.sources.source import Fetched, NotModified, Seen
from umap_bot.dataset.sources.web import NO_KEY, Answer, Web, password_key
from umap_bot.errors import SourceError
from umap_bot.text import say

_SHARE: Final = re.compile(
    r"(?P<base>.*?)(?:/index\.php)?/s/(?P<token>[\w-]{4,})(?:/(?P<rest>(?:download|preview)(?:/[^/]*)?)?)?"
)
_FILES: Final = "dav/files"
"""Public WebDAV since Nextcloud 29: the share's token in the path, any name and its password as log-in."""
_OLDER: Final = "webdav"
"""The same of ownCloud and of Nextcloud before: the token is the name of the log-in."""
_IS_FOLDER: Final = frozenset({HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.METHOD_NOT_ALLOWED})
_PASSWORD: Final = say("If the share has a password, set DATASET_TOKEN to it.")
_TABLE: Final = say(
    "Share the file by a link in Nextcloud, and set DATASET_URL to that link; "
    "if it has a password, set DATASET_TOKEN to it."
)


class NextcloudShare:
    """A file that is shared by link, read by WebDAV, which knows an ETag."""

    kind = "Nextcloud"

    def __init__(self, pasted: Pasted, base: str, share: str, password: str, web: Web) -> None:
        """`base` is the path that Nextcloud lives under, `share` the token in the link, a secret as it is."""
        self._pasted = pasted
        self._base = base
        self._share = share
        self._password = password
        self._web = web
        named = PurePosixPath(pasted.parameter("path", "dir"), pasted.parameter("files"))
        self._file = PurePosixPath("/", *(part for part in named.parts if part not in {"/", ".."}))
        hide(share)

    @property
    def address(self) -> str:
        """The link, without most of its token."""
        file = f" ({self._file})" if self._file.name else ""
        return f"{self._pasted.origin}{self._base}/s/{shortened(self._share)}{file}"

    def fetch(self, seen: Seen | None = None) -> Fetched | NotModified:
        """Return the file, or that it is what was `seen`: one conditional request. Raise SourceError."""
        service = seen.state if seen and seen.state in {_FILES, _OLDER} else _FILES
        answer = self._ask(service, seen)
        if answer.status == HTTPStatus.NOT_FOUND and service == _FILES:
            older = self._ask(_OLDER, seen)
            # Asked for a share that it does not know, the older one wants a log-in.
            if older.status != HTTPStatus.UNAUTHORIZED or self._password:
                service, answer = _OLDER, older
        if answer.status in _IS_FOLDER:
            raise _folder(self._site())
        return table_in(answer, self._site(), name_of(answer, self._file.name), seen, state=service)

    def _ask(self, service: str, seen: Seen | None) -> Answer:
        file = quote(str(self._file).lstrip("/"))
        url = f"{self._pasted.origin}{self._base}/public.php/{service}/"
        if service == _FILES:
            key = password_key("anonymous", self._password) if self._password else NO_KEY
            return self._web.get(f"{url}{self._share}/{file}", conditions(seen), key)
        # What is no request of a browser's is refused where the administrators closed shares to other clouds.
        headers = {**conditions(seen), "X-Requested-With": "XMLHttpRequest"}
        return self._web.get(f"{url}{file}", headers, password_key(self._share, self._password))

    def _site(self) -> Site:
        host = self._pasted.origin.partition("://")[2]
        return Site(host, share=_PASSWORD, table=_TABLE, keyed=bool(self._password))


def _folder(site: Site) -> SourceError:
    return SourceError(
        say("The share on {host} is a folder.", host=site.host),
        way_out=say(
            "Share the file itself, or add its place to the end of DATASET_URL: {example}",
            example="?path=/&files=places.csv",
        ),
    )


def nextcloud_share(pasted: Pasted, token: str, web: Web) -> NextcloudShare | None:
    """Return the share at an address, None if it is none. `token` is its password, "" if it has none."""
    found = _SHARE.fullmatch(pasted.path)
    if found is None or PurePosixPath(found["token"]).suffix.lower() in SUFFIXES:
        return None
    return NextcloudShare(pasted, found["base"], found["token"], token, web)
