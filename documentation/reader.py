"""Reads a page of the site as a browser does: nothing may come from elsewhere, and no code may stand in it.

So it can be read without a network, and be served with the policy `default-src 'self'; img-src 'self' data:`
(Furo's styles hold their icons).
"""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Final

_LOADING: Final = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "link": "href",
    "object": "data",
}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        loaded = given.get(_LOADING.get(tag, "")) or ""
        if loaded.startswith(("http:", "https:", "//", "data:")):
            self.found.append(f"<{tag}> loads {loaded}")
        if tag == "style" or (tag == "script" and "src" not in given):
            self.found.append(f"<{tag}> stands in the page")
        self.found += [f"<{tag}> has {name}" for name in given if name == "style" or name.startswith("on")]


def troubles(page: Path) -> list[str]:
    """Return what such a policy would stop in a page, each with the page's name."""
    reader = _Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    return [f"{page}: {found}" for found in dict.fromkeys(reader.found)]
