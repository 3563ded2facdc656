"""The feed, read by an XML parser: what RFC 4287 asks for is there, whatever a map holds."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from hypothesis import given
from msgspec.structs import replace

from tests.report.told import NOON, done, failed, held, plan, run, texts
from umap_bot.report.formats.feed import feed
from umap_bot.report.language import language

ENGLISH = language("en")
ATOM = "{http://www.w3.org/2005/Atom}"
LAYER = "umap.example:8000/map/1/Cités"
TAG = re.compile(r"tag:[a-z0-9.-]+,\d{4}(-\d\d){0,2}:[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*")
"""RFC 4151, 2.1."""
RUNS = (replace(done(plan()), number=1), replace(held(plan()), number=2), replace(failed(), number=3))


def written(*runs: object, title: str = "Cités", site_url: str = "") -> ET.Element:
    text = feed(runs, tongue=ENGLISH, title=title, layer=LAYER, site_url=site_url)  # type: ignore[arg-type]
    root = ET.fromstring(text)  # noqa: S314  our own
    check(root)
    return root


def text_of(element: ET.Element, name: str) -> str:
    """The text of the one child of that name."""
    (found,) = element.findall(ATOM + name)
    assert found.text
    return found.text


def check(root: ET.Element) -> None:
    """RFC 4287, 4.1.1 and 4.1.2: id, title, updated once, an author for all, a link to read on."""
    assert root.tag == f"{ATOM}feed"
    ids = []
    for element in (root, *root.findall(f"{ATOM}entry")):
        ids.append(text_of(element, "id"))
        assert TAG.fullmatch(ids[-1])
        assert text_of(element, "title")
        assert datetime.fromisoformat(text_of(element, "updated")).tzinfo
        assert [link.get("rel") for link in element.findall(f"{ATOM}link")].count("alternate") == 1
    assert len(set(ids)) == len(ids)
    assert text_of(root.findall(f"{ATOM}author")[0], "name") == "umap-bot"


class Html(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert attrs == []

    def handle_data(self, data: str) -> None:
        self.words += data


def entries(root: ET.Element) -> list[ET.Element]:
    return root.findall(f"{ATOM}entry")


def test_an_entry_for_each_run_worth_reading_the_newest_first() -> None:
    quiet = [replace(run(None, "unfinished"), number=9)]
    titles = [text_of(entry, "title") for entry in entries(written(*RUNS, *quiet))]
    assert [title.partition(":")[0] for title in titles] == ["run 3", "run 2", "run 1"]
    assert "FAILED: cites.csv, row 2: q is Parilly2" in titles[0]
    assert "APPROVAL NEEDED: One would lie outside." in titles[1]
    assert "2 changed (Bron, Bron), 1 added (Bron), 1 removed (Bron)" in titles[2]


def test_what_was_settled_since_is_told_as_settled() -> None:
    """Else a reader who looks at the feed acts on a question that nobody asks any more."""
    later = NOON + timedelta(days=2)
    by = replace(run(None, "nothing"), number=9, started=later)
    (asked,) = entries(written(RUNS[1], by))
    title, content = text_of(asked, "title"), Html(text_of(asked, "content")).words
    assert title.startswith("run 2: approval was needed: One would lie outside.")
    assert title.endswith(" · settled by run 9")
    assert "Approval was needed, and nothing was changed on the map." in content
    assert "APPROVAL NEEDED" not in title + content
    assert datetime.fromisoformat(text_of(asked, "updated")) == later


def test_ids_are_of_layer_and_run_alone() -> None:
    """Else a reader would show every run as new when the pages move."""
    ids = [
        [text_of(entry, "id") for entry in entries(written(*RUNS, site_url=url))]
        for url in ("", "https://x.org/j")
    ]
    assert ids[0] == ids[1]
    assert ids[0][0] == "tag:umap.example,2026:umap-bot/umap.example:8000/map/1/Cit%C3%A9s/run-3"
    renamed = written(*(replace(each, error=each.error, code=1) for each in RUNS), title="Another")
    assert [text_of(entry, "id") for entry in entries(renamed)] == ids[0]


def test_a_layer_without_a_host_has_an_id_too() -> None:
    for layer in ("", "[::1]:8000/map/1/x", "a b/map", "\u202e"):
        root = ET.fromstring(feed((), tongue=ENGLISH, title="t", layer=layer))  # noqa: S314
        assert TAG.fullmatch(text_of(root, "id"))


def links(element: ET.Element) -> dict[str | None, str | None]:
    return {link.get("rel"): link.get("href") for link in element.findall(f"{ATOM}link")}


def test_links_are_relative_or_whole() -> None:
    bare = written(*RUNS)
    assert links(bare) == {"alternate": "index.html"}
    assert links(entries(bare)[0]) == {"alternate": "run-3.html"}
    for url in ("https://x.org/j", "https://x.org/j/"):
        whole = written(*RUNS, site_url=url)
        assert links(whole) == {
            "alternate": "https://x.org/j/index.html",
            "self": "https://x.org/j/feed.atom",
        }
        assert links(entries(whole)[0]) == {"alternate": "https://x.org/j/run-3.html"}


def test_updated_is_when_the_newest_became_known() -> None:
    again = replace(RUNS[1], repeats=2, again=NOON + timedelta(days=1))
    root = written(RUNS[0], again)
    assert datetime.fromisoformat(text_of(root, "updated")) == NOON + timedelta(days=1)
    assert datetime.fromisoformat(text_of(entries(root)[1], "updated")) == RUNS[0].ended


def test_an_empty_feed_is_the_same_each_time() -> None:
    assert ET.tostring(written()) == ET.tostring(written())
    assert entries(written()) == []


def test_an_entry_tells_what_was_done() -> None:
    content = Html(text_of(entries(written(done(plan())))[0], "content"))
    assert content.tags == {"p", "ul", "li"}
    assert 'q "Parilly3" → "Parilly4"' in content.words


@given(texts, texts)
def test_hostile_names_are_text(name: str, value: str) -> None:
    told = plan(name, value)
    runs = [
        replace(each, number=n) for n, each in enumerate((done(told), held(told), failed(value=value)), 1)
    ]
    for entry in entries(written(*runs, title=name)):
        html = Html(text_of(entry, "content"))
        assert html.tags <= {"p", "ul", "li"}
        for text in (html.words, text_of(entry, "title")):
            assert [one for one in text if unicodedata.category(one) in {"Cc", "Cf", "Zl", "Zp"}] == []
