"""What each kind of source offers: it recognises an address as people paste it, and fetches what is new."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec


class Seen(msgspec.Struct, frozen=True):
    """How the last answer can be known again; stored between runs.

    `etag` and `modified` are the server's own words (RFC 9110, 8.8), `state` is a kind's own mark (Grist's
    hash of its last action), `digest` that of the bytes.
    """

    etag: str = ""
    modified: str = ""
    state: str = ""
    digest: str = ""


class Fetched(msgspec.Struct, frozen=True):
    """A table as its source holds it now.

    `data` are the bytes of a file of the kind that the suffix of `name` says (.csv, .xlsx, .ods, .geojson …);
    `moment` is when the source says that it was last changed, aware; None if it does not say.
    """

    data: bytes
    name: str
    seen: Seen
    moment: datetime | None = None


class NotModified(msgspec.Struct, frozen=True):
    """The source holds what it held; `seen` is how it can be known again from now on."""

    seen: Seen


class Source(Protocol):
    """One table at one address."""

    @property
    def kind(self) -> str:
        """The name of the kind, as people know it: "Grist", "Nextcloud", "Google Sheets"…"""

    @property
    def address(self) -> str:
        """The address as a person gave it, without what is secret in it."""

    def fetch(self, seen: Seen | None = None) -> Fetched | NotModified:
        """Return what the source holds, or that it is what was `seen`: one conditional request then.

        Raise SourceError: no answer, refused, or an answer that is no table of that kind.
        """
