"""Ids in the text of a GeoJSON file: a property for each feature, all else byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from umap_bot.dataset.charset import BOM_8
from umap_bot.dataset.ids.splices import Splice, spliced
from umap_bot.model.members import element_spans, members, put


def write(data: bytes, key: str, ids: Mapping[int, str]) -> bytes:
    """Return the file with these ids, by the numbers of their features."""
    mark = BOM_8 if data.startswith(BOM_8) else b""
    text = data[len(mark) :].decode()
    return mark + spliced(text, _splices(text, key, ids)).encode()


def _splices(text: str, key: str, ids: Mapping[int, str]) -> Iterator[Splice]:
    top = text.index("{")
    features = [member for member in members(text, top) if member.name == "features"][-1]
    for number, (start, end) in enumerate(element_spans(text, features.value), start=1):
        if number in ids:
            yield start, end, put(text[start:end], ("properties", key), ids[number])
