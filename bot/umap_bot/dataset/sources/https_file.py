"""Any file on the web: a table at an address of its own."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import quote

from umap_bot.dataset.sources.answers import Site, conditions, name_of, table_in
from umap_bot.dataset.sources.pasted import Pasted
from umap_bot.dataset.sources.source import Fetched, NotModified, Seen
from umap_bot.dataset.sources.web import Key, Web, password_key, scheme_key
from umap_bot.redaction import add_secret, is_random
from umap_bot.text import say


class HttpsFile:
    """A file at an address; the name in it, or in the answer, or its bytes tell of which kind."""

    kind = "https"

    def __init__(self, pasted: Pasted, token: str, web: Web) -> None:
        """Raise SettingsError if the token is none."""
        self._pasted = pasted
        self._web = web
        self._key = _key(token)
        for _, value in pasted.query:
            if is_random(value):
                add_secret(value)

    @property
    def address(self) -> str:
        """The address without its query, where keys of services stand: four digits of its digest tell two
        of them apart."""
        mark = sha256(self._pasted.search.encode()).hexdigest()[:4]
        return self._pasted.origin + self._pasted.path + (f"?…{mark}" if self._pasted.search else "")

    def fetch(self, seen: Seen | None = None) -> Fetched | NotModified:
        """Return the file, or that it is what was `seen`: one conditional request. Raise SourceError."""
        query = f"?{self._pasted.search}" if self._pasted.search else ""
        url = self._pasted.origin + quote(self._pasted.path, safe="/%:@!$&'()*+,;=~") + query
        answer = self._web.get(url, conditions(seen), self._key)
        return table_in(answer, self._site(), name_of(answer, self._pasted.path), seen)

    def _site(self) -> Site:
        return Site(
            self._pasted.origin.partition("://")[2],
            share=say(
                "Make the file readable for everybody, or set DATASET_TOKEN to a token or to NAME:PASSWORD"
            ),
            table=say(
                "Open DATASET_URL in a browser: it must download the file itself "
                "(.csv, .geojson, .xlsx or .ods)."
            ),
            keyed=bool(self._key.value),
        )


def _key(token: str) -> Key:
    """Return how a file is asked for with a token: one with a colon is a name and a password (RFC 7617)."""
    user, colon, password = token.partition(":")
    return password_key(user, password) if colon else scheme_key("Bearer", token)
