"""A table of a Grist document, by the address of one of its pages, or by an address of its API."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import quote, unquote, urlencode

import msgspec

from umap_bot.dataset.sources.answers import Site, conditions, content_of, plain_name, table_in
from umap_bot.dataset.sources.pasted import Pasted, hide, not_a_table, shortened
from umap_bot.dataset.sources.source import Fetched, NotModified, Seen
from umap_bot.dataset.sources.web import Web, scheme_key
from umap_bot.errors import SourceError
from umap_bot.http.content import read_json
from umap_bot.redaction import words_of_server
from umap_bot.text import say

T = TypeVar("T")

_ORG: Final = r"(?P<org>/o/[\w-]+)?"
_API: Final = re.compile(rf"{_ORG}/api/docs/(?P<id>[^/]+)(?:/tables/(?P<table>\w+))?(?:/.*)?")
_DOC: Final = re.compile(rf"{_ORG}/doc/(?P<id>[^/.]+)(?:/.*?)??(?:/p/(?P<page>\w+)(?:/.*)?)?")
_SLUG: Final = re.compile(
    rf"{_ORG}/(?P<id>[\w~%=.-]{{12,}})/(?P<slug>[^/]+)(?:/m/\w+)?(?:/p/(?P<page>\w+)(?:/.*)?)?/?"
)
_SHOWN: Final = 20
_HOSTED: Final = ".getgrist.com"
_EXAMPLE: Final = "https://docs.getgrist.com/doc/sT4…/p/2"


class _State(msgspec.Struct):
    h: str


class _States(msgspec.Struct):
    states: list[_State]


class _TableFields(msgspec.Struct):
    tableRef: int  # noqa: N815  as in Grist's answers
    summarySourceTable: int = 0  # noqa: N815


class _Table(msgspec.Struct):
    id: str
    fields: _TableFields


class _Tables(msgspec.Struct):
    tables: list[_Table]


class _SectionFields(msgspec.Struct):
    tableRef: int = 0  # noqa: N815


class _Section(msgspec.Struct):
    fields: _SectionFields


class _Sections(msgspec.Struct):
    records: list[_Section]


class GristTable:
    """One table of a document, exported as CSV with the columns' ids, or with their labels if the
    address says so. The document's last action tells whether anything in it changed."""

    kind = "Grist"

    def __init__(self, pasted: Pasted, document: str, table: str, page: str, token: str, web: Web) -> None:
        """`document` is the path of the document in the API; without `table` it is the only one, or the only
        one on `page`. Raise SettingsError if the token is none."""
        self._pasted = pasted
        self._document = document
        self._id = document.rpartition("/")[2]
        hide(self._id)
        self._table = table
        self._page = page
        self._header = "label" if pasted.parameter("header") == "label" else "colId"
        self._key = scheme_key("Bearer", token)
        self._web = web

    @property
    def address(self) -> str:
        """The address of the document, without most of its id: of a public one that is all that is needed."""
        place = f"{self._pasted.origin}/doc/{shortened(self._id)}"
        page = f"/p/{self._page}" if self._page else ""
        return f"{place}?tableId={self._table}" if self._table else f"{place}{page}"

    def fetch(self, seen: Seen | None = None) -> Fetched | NotModified:
        """Return the table, or that it is what was `seen`: one request. Raise SourceError."""
        state = self._state()
        if seen is not None and state and seen.state == state:
            return NotModified(seen)
        table = self._table or self._only_table()
        query = urlencode({"tableId": table, "header": self._header})
        answer = self._web.get(self._url(f"/download/csv?{query}"), conditions(seen), self._key)
        if answer.status == HTTPStatus.NOT_MODIFIED and seen is not None:
            return NotModified(msgspec.structs.replace(seen, state=state))
        return table_in(answer, self._site(), f"{plain_name(table)}.csv", seen, state=state)

    def _state(self) -> str:
        """Return the mark of the document's last action. It is asked for before the table: what is changed
        between the two is then found the next time."""
        states = self._read("/states", _States).states
        return states[0].h if states else ""

    def _only_table(self) -> str:
        """Return the table that is meant. Raise SourceError, with all that there are, if nothing tells it."""
        found = self._read("/tables", _Tables).tables
        tables = [each for each in found if not each.fields.summarySourceTable]
        if len(tables) > 1 and self._page.isdigit():
            query = urlencode({"filter": f'{{"parentId":[{self._page}]}}'})
            sections = self._read(f"/tables/_grist_Views_section/records?{query}", _Sections)
            shown = {each.fields.tableRef for each in sections.records}
            tables = [each for each in tables if each.fields.tableRef in shown] or tables
        if len(tables) == 1:
            return tables[0].id
        if not tables:
            raise SourceError(
                say("The document on {host} has no table.", host=self._site().host),
                way_out=say("Check the document in Grist."),
            )
        raise SourceError(
            say("The document on {host} has several tables.", host=self._site().host),
            way_out=say(
                "Add one to the end of DATASET_URL, for example {example}. The tables are: {tables:, }",
                example=f"?tableId={tables[0].id}",
                tables=tuple(words_of_server(each.id) for each in tables[:_SHOWN]),
            ),
        )

    def _read(self, path: str, form: type[T]) -> T:
        answer = self._web.get(self._url(path), {}, self._key)
        value = read_json(content_of(answer, self._site()), form)
        if value is None:
            raise SourceError(
                say("{host} answers in a form that is not Grist's.", host=self._site().host),
                way_out=self._site().table,
            )
        return value

    def _url(self, path: str) -> str:
        return f"{self._pasted.origin}{self._document}{path}"

    def _site(self) -> Site:
        return Site(
            self._pasted.origin.partition("://")[2],
            share=say(
                "In Grist, set DATASET_TOKEN to an API key of an account that may see the document "
                "(profile picture, Profile settings, API), or share the document publicly "
                "(Share, Manage users, Public access)."
            ),
            table=say("Open the document in Grist, and copy the address of its page again."),
            keyed=bool(self._key.value),
        )


def grist_table(pasted: Pasted, token: str, web: Web) -> GristTable | None:
    """Return the table at an address, None if it is none of Grist's. Raise SourceError for another page of
    getgrist.com."""
    hosted = pasted.host.endswith(_HOSTED)
    found = _API.fullmatch(pasted.path) or _DOC.fullmatch(pasted.path)
    if found is None and (by_slug := _SLUG.fullmatch(pasted.path)):
        # A page without /doc/ looks like many an address: it is Grist's where host or page say so.
        sure = hosted or "grist" in pasted.host or by_slug["page"] or by_slug["org"]
        found = by_slug if sure else None
    if found is None:
        if hosted:
            raise not_a_table("Grist", _EXAMPLE)
        return None
    parts = found.groupdict()
    document = f"{parts['org'] or ''}/api/docs/{quote(unquote(parts['id']), safe='~')}"
    table = parts.get("table") or pasted.parameter("tableId")
    return GristTable(pasted, document, table, parts.get("page") or "", token, web)
