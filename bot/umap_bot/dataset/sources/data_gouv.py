"""data.gouv.fr: the page of a dataset, or one of its resources, wherever the file itself lies."""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote, unquote

import msgspec

from umap_bot.dataset.sources.answers import Site, conditions, content_of, name_of, table_in
from umap_bot.dataset.sources.forms import SUFFIXES
from umap_bot.dataset.sources.pasted import Pasted, not_a_table
from umap_bot.dataset.sources.source import Fetched, NotModified, Seen
from umap_bot.dataset.sources.web import Web
from umap_bot.errors import SourceError
from umap_bot.http.content import read_json
from umap_bot.redaction import words_of_server
from umap_bot.text import say

_HOSTS: Final = re.compile(r"(?:(?:www|demo|explore)\.)?data\.gouv\.fr")
_ID: Final = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_RESOURCE: Final = re.compile(
    rf"(?:/[a-z]{{2}}|/api/1)?/(?:datasets/r|resources)/(?P<id>{_ID})/?", re.IGNORECASE
)
_DATASET: Final = re.compile(r"(?:/[a-z]{2}|/api/[12])?/datasets/(?P<id>[^/]+)(?:/.*)?")
_CHOSEN: Final = re.compile(_ID, re.IGNORECASE)
_EXAMPLE: Final = "https://www.data.gouv.fr/fr/datasets/cites-educatives/"
_SHOWN: Final = 8
_SITE: Final = Site(
    "data.gouv.fr",
    share=say("Choose a dataset that everybody may read."),
    table=say("Open the dataset on data.gouv.fr, and copy the address of its page again."),
)


class _Resource(msgspec.Struct):
    id: str
    title: str | None = ""
    format: str | None = ""
    url: str | None = ""

    @property
    def ending(self) -> str:
        """The ending of a table that it is said to be, "" if it is said to be none."""
        by_name = PurePosixPath((self.url or "").partition("?")[0]).suffix.lower()
        said = (f".{(self.format or '').lower()}", by_name)
        return next((ending for ending in said if ending in SUFFIXES), "")


class _Dataset(msgspec.Struct):
    resources: list[_Resource]


class DataGouvResource:
    """One file of a dataset, by its lasting address, which leads to where the file lies now."""

    kind = "data.gouv.fr"

    def __init__(self, origin: str, dataset: str, resource: str, web: Web) -> None:
        """`resource` is its id; without one it is the only table of `dataset`, its id or its page's name."""
        self._origin = origin
        self._dataset = dataset
        self._resource = resource
        self._web = web

    @property
    def address(self) -> str:
        """The page of the dataset, or the lasting address of the resource."""
        if self._resource:
            return f"{self._origin}/fr/datasets/r/{self._resource}"
        return f"{self._origin}/fr/datasets/{quote(self._dataset)}/"

    def fetch(self, seen: Seen | None = None) -> Fetched | NotModified:
        """Return the file, or that it is what was `seen`: one conditional request, with its redirect.

        Raise SourceError, also if the dataset has several tables, or another one in place of what was seen.
        """
        known = self._resource or (seen.state if seen else "")
        resource = known or self._only_table()
        path = f"/api/1/datasets/r/{quote(resource)}"
        answer = self._web.get(self._origin + path, conditions(seen if known else None))
        if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE} and known and not self._resource:
            return self.fetch()
        return table_in(answer, _SITE, name_of(answer, ""), seen, state=resource)

    def _only_table(self) -> str:
        answer = self._web.get(f"{self._origin}/api/1/datasets/{quote(self._dataset)}/", {})
        dataset = read_json(content_of(answer, _SITE), _Dataset)
        if dataset is None:
            raise SourceError(
                say("data.gouv.fr answers in a form that umap-bot doesn't know."),
                way_out=say("Set DATASET_URL to the address of the file itself."),
            )
        tables = [each for each in dataset.resources if each.ending and _CHOSEN.fullmatch(each.id)]
        if len(tables) == 1:
            return tables[0].id
        if not tables:
            raise SourceError(
                say("The dataset on data.gouv.fr has no file that can be read as a table."),
                way_out=say("Such files end in one of: {endings:, }.", endings=tuple(SUFFIXES)),
            )
        raise SourceError(
            say("The dataset on data.gouv.fr has {count} tables.", count=len(tables)),
            way_out=say(
                "Set DATASET_URL to one of: {tables:; }", tables=tuple(map(self._told, tables[:_SHOWN]))
            ),
        )

    def _told(self, table: _Resource) -> str:
        title = words_of_server(table.title or "")[:60]
        return f"{self._origin}/fr/datasets/r/{table.id} ({title}, {table.ending})"


def data_gouv_resource(pasted: Pasted, _token: str, web: Web) -> DataGouvResource | None:
    """Return the resource at an address of data.gouv.fr, None at any other. Raise SourceError if it is none.

    A token is of no use: all that can be read there is public.
    """
    if not _HOSTS.fullmatch(pasted.host):
        return None
    origin = pasted.origin.replace("://explore.", "://www.").replace("://data.", "://www.data.")
    if found := _RESOURCE.fullmatch(pasted.path):
        return DataGouvResource(origin, "", found["id"].lower(), web)
    found = _DATASET.fullmatch(pasted.path)
    if found is None:
        raise not_a_table("data.gouv.fr", _EXAMPLE)
    chosen = _CHOSEN.search(pasted.parameter("resource_id") or pasted.fragment)
    return DataGouvResource(origin, unquote(found["id"]), chosen[0].lower() if chosen else "", web)
