"""Whatever is pasted or answered: a table, or one line that says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dataset.sources.doubles import RESOURCE, SHARE, SHEET, TABLE
from tests.dataset.sources.test_addresses import ADDRESSES
from umap_bot.dataset.sources import https_file, pasted, web
from umap_bot.dataset.sources.answers import Site, name_of, table_in
from umap_bot.dataset.sources.data_gouv import DataGouvResource
from umap_bot.dataset.sources.forms import SUFFIXES, form_of
from umap_bot.dataset.sources.grist import GristTable
from umap_bot.dataset.sources.pasted import read_pasted
from umap_bot.dataset.sources.recognise import recognise
from umap_bot.dataset.sources.source import Fetched
from umap_bot.dataset.sources.web import NO_KEY, Answer, Key, Manners, Web
from umap_bot.errors import BotError
from umap_bot.text import say

SITE = Site("a.example", share=say("Share it."), table=say("Paste another."))
PIECES = st.sampled_from(
    [
        *("https://", "http://", "docs.google.com", "data.gouv.fr", "a.example", "/spreadsheets/d/", "/s/"),
        *("/o/docs/", "/doc/", "/p/", "/api/docs/", "/explore/dataset/", "/exports/csv", "/datasets/"),
        *(SHEET, SHARE, RESOURCE, "#gid=", "?path=", "&files=", "?refine.a=", "x" * 5000),
        *(
            ":",
            "@",
            "[",
            "]",
            "%",
            "%2e%2e",
            "..",
            "//",
            "\\",
            "?",
            "#",
            "&",
            "=",
            "é",
            "\0",
            "\n",
            " ",
            "\ud800",
        ),
    ]
)
PASTED = st.one_of(
    st.text(),
    st.lists(PIECES | st.text(max_size=3), max_size=9).map("".join),
    st.tuples(st.sampled_from([address for address, *_ in ADDRESSES]), st.text(max_size=9)).map("".join),
)
MAGIC = (b"PK\x03\x04", b"<html", b"<?xml", b"{", b"[" * 9, b"\xff\xfe", b"\xef\xbb\xbf", TABLE)
NAMES = (
    "states",
    "tables",
    "records",
    "resources",
    "id",
    "fields",
    "tableRef",
    "h",
    "url",
    "format",
    "error",
)
JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=4) | st.lists(inner, max_size=3),
)
BODIES = st.one_of(
    st.binary(),
    st.tuples(st.sampled_from(MAGIC), st.binary()).map(b"".join),
    JSON.map(msgspec.json.encode),
)


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_hidden() -> Iterator[None]:
    """Or every word that is made up here would be a secret for the tests that come after."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (pasted, web, https_file):
            patch.setattr(module, "add_secret", lambda secret, *, random=False: None)
        yield


class Scripted(Web):
    """Answers with the same, whatever is asked."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(Manners())
        self._answer = answer

    def get(self, url: str, headers: object, key: Key = NO_KEY) -> Answer:
        return self._answer


@given(PASTED)
@settings(max_examples=150, deadline=None)
def test_whatever_is_pasted(address: str) -> None:
    with suppress(BotError):
        source = recognise(address)
        assert source.kind
        assert source.address


@given(
    BODIES,
    st.sampled_from([200, 200, 200, 304, 400, 404, 999]),
    st.text(max_size=20),
    st.sampled_from(["", ".csv", ".xlsx"]),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_answered(body: bytes, status: int, header: str, ending: str) -> None:
    words = header.encode("latin-1", "replace").decode("latin-1")
    headers = {"ETag": words, "Last-Modified": words, "Content-Disposition": f"attachment; filename={words}"}
    answer = Answer(status, headers, body, "https://a.example/x")
    form_of(body)
    with suppress(BotError):
        found = table_in(answer, SITE, name_of(answer, f"/{header}") + ending)
        assert isinstance(found, Fetched)
        assert found.data == body
        assert f".{found.name.rpartition('.')[2]}".lower() in SUFFIXES
        assert found.seen.etag.isascii()
    site = Scripted(answer)
    for source in (
        DataGouvResource("https://a.example", "x", "", site),
        GristTable(read_pasted("https://a.example/doc/x"), "/api/docs/x", "", "5", "", site),
    ):
        with suppress(BotError):
            source.fetch()
