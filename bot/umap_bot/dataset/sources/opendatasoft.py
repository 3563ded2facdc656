"""A dataset of a portal made with Opendatasoft: its page, or an export of its API (Explore v2.1)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote, urlencode

from umap_bot.dataset.sources.answers import Site, conditions, plain_name, table_in
from umap_bot.dataset.sources.pasted import Pasted
from umap_bot.dataset.sources.source import Fetched, NotModified, Seen
from umap_bot.dataset.sources.web import Web, scheme_key
from umap_bot.errors import SourceError
from umap_bot.text import say

_PAGE: Final = re.compile(r"(?:/[a-z]{2})?/explore/(?:embed/)?dataset/(?P<id>[^/]+)(?:/.*)?")
_API: Final = re.compile(
    r"/api/(?:explore/)?v2(?:\.\d)?/catalog/datasets/(?P<id>[^/]+)(?:/exports/(?P<format>\w+)|/.*)?"
)
_FORMATS: Final = ("csv", "geojson")
_KEPT: Final = frozenset(
    {"select", "where", "refine", "exclude", "order_by", "lang", "timezone", "use_labels"}
)
"""Parameters of an export that are kept, where the address is one of the API."""


class OpendatasoftDataset:
    """All records of a dataset, exported anew by each request, with the fields' own names as columns."""

    kind = "Opendatasoft"

    def __init__(
        self,
        pasted: Pasted,
        dataset: str,
        form: str,
        query: tuple[tuple[str, str], ...],
        token: str,
        web: Web,
    ) -> None:
        """`form` is "csv" or "geojson", `query` what the API is asked. Raise SettingsError for no token."""
        self._pasted = pasted
        self._dataset = dataset
        self._form = form
        self._query = query
        self._key = scheme_key("Apikey", token)
        self._web = web

    @property
    def address(self) -> str:
        """The page of the dataset."""
        return f"{self._pasted.origin}/explore/dataset/{quote(self._dataset)}/"

    def fetch(self, seen: Seen | None = None) -> Fetched | NotModified:
        """Return the records, or that they are what was `seen`: one request. Raise SourceError."""
        query = f"?{urlencode(self._query)}" if self._query else ""
        path = f"/api/explore/v2.1/catalog/datasets/{quote(self._dataset, safe='')}/exports/{self._form}"
        answer = self._web.get(self._pasted.origin + path + query, conditions(seen), self._key)
        site = Site(
            self._pasted.origin.partition("://")[2],
            share=say(
                "Ask the portal for an API key with access to this dataset, and set DATASET_TOKEN to it."
            ),
            table=say("Open the dataset on the portal, and copy the address of its page again."),
            keyed=bool(self._key.value),
        )
        return table_in(answer, site, f"{plain_name(self._dataset)}.{self._form}", seen)


def opendatasoft_dataset(pasted: Pasted, token: str, web: Web) -> OpendatasoftDataset | None:
    """Return the dataset at an address, None if it is none of a portal. Raise SourceError for a page that
    shows a part of it which can't be asked for."""
    if found := _API.fullmatch(pasted.path):
        query = tuple((name, value) for name, value in pasted.query if name in _KEPT)
        form = found["format"] if found["format"] in _FORMATS else "csv"
    elif found := _PAGE.fullmatch(pasted.path):
        query = tuple(_facets(pasted))
        form = pasted.parameter("format") if pasted.parameter("format") in _FORMATS else "csv"
    else:
        return None
    return OpendatasoftDataset(pasted, unquote(found["id"]), form, query, token, web)


def _facets(pasted: Pasted) -> list[tuple[str, str]]:
    """Return the chosen facets of a page as the API has them (refine.city=Lyon → refine=city:Lyon).

    Raise SourceError if the page is searched or cut to an area: to leave that out would publish more.
    """
    facets = []
    for name, value in pasted.query:
        verb, _, facet = name.partition(".")
        if verb in {"refine", "exclude"} and facet:
            facets.append((verb, f"{facet}:{value}"))
        elif value and (name == "q" or verb in {"q", "geofilter"}):
            raise SourceError(
                say("DATASET_URL shows only part of the dataset: it contains a search or a map area."),
                way_out=say(
                    "Clear them on the portal and copy the address again. "
                    "Facets are kept; DATASET_FILTER selects rows."
                ),
            )
    return facets
