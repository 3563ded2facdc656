"""Columns that look like places, offered where no name told it: none is lost in silence."""

from __future__ import annotations

import re
from itertools import islice
from typing import Final

from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.missing import means_missing
from umap_bot.dataset.places.coordinate_columns import CoordinateColumns, GeometryColumn, LatLonColumns
from umap_bot.dataset.places.earth import in_france, is_lambert, on_earth
from umap_bot.dataset.places.errors import ExtraNumbersError, GeometryError
from umap_bot.dataset.places.position import coordinate_text, degrees, parse_place
from umap_bot.dataset.table import Record
from umap_bot.text import Text, say

_RECORDS: Final = 200
_SAMPLE: Final = 20
"""Records, and cells of a column, by which it is judged."""
_UNREAD: Final = re.compile(
    r"\D{0,3}\d{1,3} ?[°º].*\d ?[°º].*|[-+]?\d{1,3},\d+ ?[,;/ ] ?[-+]?\d{1,3},\d+"
    r"|(?:POINT|MULTI|LINE|POLY)[ A-Z]*\(.*|0[01][0-9A-F]{40,}",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
"""Places that are no good as they are: two angles with degree signs, decimal commas, WKT, WKB."""
_LONGEST: Final = 1_000
_OUTLINE: Final = re.compile(
    r"\s*(?:(?:SRID ?= ?\d+ ?; ?)?(?:MULTI)?(?:LINE|POLYGON)[ A-Z]*\(|\{\s*\"(?:type|coordinates)\"\s*:)",
    re.ASCII | re.IGNORECASE,
)
"""How a cell of more characters begins, if it is an outline: it is not read for an offer."""
_PRECISE: Final = re.compile(r"[-+]?\d{1,3}[.,]\d{3,}", re.ASCII)
"""A number as precise as a place is: prices and shares have fewer decimals."""


def offer_places(names: list[str], records: list[Record], findings: Findings) -> bool:
    """Warn of the first columns that look like places, with the settings that name them; tell if any do."""
    samples = {name: sample for name in names if (sample := _sample(name, records))}
    text = _single(samples) or _pair(samples) or _metres(samples)
    if text:
        findings.warn(text)
    return text is not None


def settings_of(source: CoordinateColumns) -> Text:
    """Return the settings that name coordinate columns, for a sentence."""
    if isinstance(source, GeometryColumn):
        return say("DATASET_GEOMETRY={column}", column=source.column)
    return say(
        "DATASET_LATITUDE={latitude} and DATASET_LONGITUDE={longitude}",
        latitude=source.latitude,
        longitude=source.longitude,
    )


def _sample(name: str, records: list[Record]) -> list[str]:
    texts = (coordinate_text(record.cells.get(name)) for record in records[:_RECORDS])
    return list(islice((text for text in texts if text and not means_missing(text)), _SAMPLE))


def _single(samples: dict[str, list[str]]) -> Text | None:
    for name, sample in samples.items():
        if all(map(_looks_like_place, sample)):
            return say(
                'no coordinates found, but the column "{column}" looks like it holds them ("{value}"); '
                "if so, set {settings}",
                column=excerpt(name),
                value=excerpt(sample[0]),
                settings=settings_of(GeometryColumn(name)),
            )
    return None


def _looks_like_place(text: str) -> bool:
    if len(text) > _LONGEST:
        return _OUTLINE.match(text) is not None
    if _UNREAD.fullmatch(text):
        return True
    try:
        place = parse_place(text)
    except ExtraNumbersError:
        return True
    except GeometryError:
        return False
    if isinstance(place, tuple):
        return "." in text and (on_earth(*place) or on_earth(*place[::-1]))
    return place is not None


def _pair(samples: dict[str, list[str]]) -> Text | None:
    """Offer two columns of precise numbers that are latitudes and longitudes in metropolitan France."""
    numbers = {
        name: found
        for name, sample in samples.items()
        if sum(map(bool, map(_PRECISE.fullmatch, sample))) * 2 >= len(sample) and (found := _numbers(sample))
    }
    for latitude, ys in numbers.items():
        for longitude, xs in numbers.items():
            if all(in_france(y, x) for y, x in zip(ys, xs, strict=False)):
                return say(
                    'no coordinates found, but the columns "{latitude}" and "{longitude}" look like '
                    "latitude and longitude; if so, set {settings}",
                    latitude=excerpt(latitude),
                    longitude=excerpt(longitude),
                    settings=settings_of(LatLonColumns(latitude, longitude)),
                )
    return None


def _metres(samples: dict[str, list[str]]) -> Text | None:
    """Say which two columns are metres of Lambert 93."""
    numbers = {name: found for name, sample in samples.items() if (found := _numbers(sample))}
    for northing, ys in numbers.items():
        for easting, xs in numbers.items():
            if all(is_lambert(x, y) for x, y in zip(xs, ys, strict=False)):
                return say(
                    'no coordinates found, but the columns "{easting}" and "{northing}" look like '
                    "Lambert 93 metres (EPSG:2154); convert them to degrees (WGS 84, EPSG:4326) in "
                    "columns lat and lon",
                    easting=excerpt(easting),
                    northing=excerpt(northing),
                )
    return None


def _numbers(sample: list[str]) -> list[float]:
    """Return the numbers of a column, none if a cell holds something else."""
    try:
        return [degrees(text) for text in sample]
    except GeometryError:
        return []
