"""The coordinate systems that files name: which names mean WGS 84, and what they are called otherwise."""

from __future__ import annotations

import re
from typing import Final

from umap_bot.model.canon import Value

_LONGEST: Final = 200
"""Characters of a name. Definitions in full (WKT, proj4) are longer, or no names of ours."""
_NAMES: Final = frozenset({"crs84", "crs84h", "wgs84", "wgs 84"})
_CODES: Final = frozenset({"4326", "4979"})
"""EPSG's codes of WGS 84, in two and three dimensions."""
_FORMS: Final = frozenset({"proj4", "ogcwkt", "esriwkt", "json"})
"""How the address of a definition on spatialreference.org may end."""


def system_of(crs: Value) -> str:
    """Return what a `crs` member names, "" if it names nothing.

    The form of the GeoJSON of 2008 is `{"properties": {"name": …}}`, or `href` for a link; older writers have
    `code`, a number of EPSG's, or `urn`, or the bare name.
    """
    if not isinstance(crs, dict):
        return crs if isinstance(crs, str) else ""
    properties = crs.get("properties")
    if not isinstance(properties, dict):
        return ""
    for member in ("name", "urn", "href"):
        if isinstance(name := properties.get(member), str):
            return name.strip()
    code = properties.get("code")
    return f"EPSG:{code}" if isinstance(code, (int, str)) and not isinstance(code, bool) else ""


def is_wgs84(name: str) -> bool:
    """Tell whether a name of a coordinate system, a URN or an address, means WGS 84."""
    if len(name) > _LONGEST:
        return False
    *before, last = (part.strip().casefold() for part in re.split(r"[:/#]+", name.rstrip("/")))
    if before and last in _FORMS:
        *before, last = before
    if last in _CODES:
        return any(part.startswith("epsg") for part in before)
    if last == "84":
        return not {"ogc", "crs"}.isdisjoint(before)
    return last in _NAMES
