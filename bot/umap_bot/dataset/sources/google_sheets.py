"""Google Sheets: the page on which a sheet is edited, or the one that it was published as."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

from umap_bot.dataset.sources.answers import Site, conditions, table_in
from umap_bot.dataset.sources.pasted import Pasted, hide, not_a_table, shortened
from umap_bot.dataset.sources.source import Fetched, NotModified, Seen
from umap_bot.dataset.sources.web import Web
from umap_bot.text import say

_HOST: Final = "docs.google.com"
_SHEET: Final = re.compile(
    r"(?:/a/[^/]+)?/spreadsheets(?:/u/\d+)?/d/(?P<published>e/)?(?P<id>[\w-]{20,})(?:/.*)?"
)
_GID: Final = re.compile(r"(?:^|[?&#])gid=(\d+)")
_EXAMPLE: Final = "https://docs.google.com/spreadsheets/d/1AbC…/edit#gid=0"
_SHARE: Final = say(
    'In Google Sheets, click Share, and under "General access" choose "Anyone with the link" as viewer.'
)


class GoogleSheet:
    """One sheet of a Google spreadsheet, exported as CSV. Google marks no version, so the digest tells."""

    kind = "Google Sheets"

    def __init__(self, pasted: Pasted, sheet: str, *, published: bool, web: Web) -> None:
        """`sheet` is the id in the address: whoever knows it may read what is shared by link."""
        self._pasted = pasted
        self._sheet = sheet
        self._published = published
        self._web = web
        hide(sheet)
        # The page of a browser has it in the fragment, where it moves with the sheet that is looked at.
        found = _GID.search(pasted.fragment)
        self._gid = found[1] if found else pasted.parameter("gid")

    @property
    def address(self) -> str:
        """The address, without most of the id."""
        gid = f"?gid={self._gid}" if self._gid else ""
        return f"{self._pasted.origin}/spreadsheets/d/{shortened(self._sheet)}{gid}"

    def fetch(self, seen: Seen | None = None) -> Fetched | NotModified:
        """Return the sheet, or that it is what was `seen`: one request. Raise SourceError."""
        answer = self._web.get(self._export(), conditions(seen))
        site = Site(_HOST, share=_SHARE, table=_SHARE)
        return table_in(answer, site, "google-sheet.csv", seen)

    def _export(self) -> str:
        gid = {"gid": self._gid} if self._gid else {}
        base = f"{self._pasted.origin}/spreadsheets/d"
        if self._published:
            single = {"single": "true"} if self._gid else {}
            return f"{base}/e/{self._sheet}/pub?{urlencode({'output': 'csv', **gid, **single})}"
        return f"{base}/{self._sheet}/export?{urlencode({'format': 'csv', **gid})}"


def google_sheet(pasted: Pasted, _token: str, web: Web) -> GoogleSheet | None:
    """Return the sheet at an address of Google's, None at any other. Raise SourceError if it is no sheet.

    A token is of no use: what is not shared by link needs a log-in in a browser.
    """
    if pasted.host != _HOST:
        return None
    found = _SHEET.fullmatch(pasted.path)
    if found is None:
        raise not_a_table("Google Docs", _EXAMPLE)
    return GoogleSheet(pasted, found["id"], published=bool(found["published"]), web=web)
