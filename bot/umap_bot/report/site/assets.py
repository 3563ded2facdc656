"""The files beside the pages: styles, scripts and Leaflet, under names that change with what they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Final

FOLDER: Final = "assets"

SOURCES: Final[Mapping[str, str]] = {
    "begin.js": "begin.js",
    "site.css": "site.css",
    "site.js": "site.js",
    "map.js": "map.js",
    "leaflet.css": "leaflet/leaflet.css",
    "leaflet.js": "leaflet/leaflet.js",
    "leaflet-license.txt": "leaflet/LICENSE",
}
"""What pages call a file, and where it is in this room."""

OURS: Final = re.compile(r"(begin|site|map|leaflet|leaflet-license|change)\.[0-9a-f]{12}\.(js|css|txt|png)")
"""The names that such files have, or had."""


def assets() -> tuple[dict[str, str], dict[str, bytes]]:
    """Return the name of each file beside the pages, and what each of these holds."""
    names, contents = {}, {}
    for name, source in SOURCES.items():
        content = files("umap_bot.report.site").joinpath(FOLDER, *source.split("/")).read_bytes()
        names[name] = named(name, content)
        contents[names[name]] = content
    return names, contents


def named(name: str, content: bytes) -> str:
    """Return the name of a file beside the pages, which says what it holds."""
    stem, _, ending = name.rpartition(".")
    return f"{stem}.{sha256(content).hexdigest()[:12]}.{ending}"
