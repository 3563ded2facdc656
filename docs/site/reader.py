"""Reads the site as a browser does: links lead somewhere, nothing comes from elsewhere, no code is in a page.

So it can be read without a network, and be served with the policy `default-src 'self'; img-src 'self' data:`
(Furo's styles hold their icons).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

_LOADING: Final = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "link": "href",
    "object": "data",
}


class Page(HTMLParser):
    """What a page holds: the names that can be linked, where its links lead, and what a policy would stop."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.links: dict[str, None] = {}
        self.stopped: dict[str, None] = {}
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.names.add(given.get("id", ""))
        if tag == "a" and "href" in given:
            self.links[given["href"]] = None
        loaded = given.get(_LOADING.get(tag, ""), "")
        if loaded.startswith(("http:", "https:", "//", "data:")):
            self.stopped[f"<{tag}> loads {loaded}"] = None
        if tag == "style" or (tag == "script" and "src" not in given):
            self.stopped[f"<{tag}> stands in the page"] = None
        own = [name for name in given if name == "style" or name.startswith("on")]
        self.stopped |= {f"<{tag}> has {name}": None for name in own}


def troubles(site: Path) -> list[str]:
    """Return what is wrong in the pages of a folder, each with the page's name."""
    pages = {file: Page(file) for file in sorted(site.rglob("*.html"))}
    return [
        f"{file.relative_to(site)}: {trouble}"
        for file, page in pages.items()
        for trouble in (*page.stopped, *_dead(file, page, pages))
    ]


def _dead(file: Path, page: Page, pages: Mapping[Path, Page]) -> Iterator[str]:
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = Path(os.path.normpath(file.parent / unquote(parts.path))) if parts.path else file
        if not target.exists() or (parts.fragment and unquote(parts.fragment) not in _names(target, pages)):
            yield f"{link} leads nowhere"


def _names(target: Path, pages: Mapping[Path, Page]) -> set[str]:
    return pages[target].names if target in pages else set()
