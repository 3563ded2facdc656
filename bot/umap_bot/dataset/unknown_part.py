"""The part of a GeoJSON file that has to be read: the file itself, without the features that base has."""

from __future__ import annotations

from typing import Final

import msgspec

from umap_bot.dataset.known_rows import KnownRows
from umap_bot.model.canon import nfc

_HEAD: Final = 100
"""Bytes by which the features are found: to look for them whole would take as long as to read them."""


class Part(msgspec.Struct):
    """A file without the features that are known as they stand: its `body`.

    `marks` are the number and the source of each feature that is left. The sources hold if the file has the
    `columns` of its first feature and no other. `unchanged` goes from key to number, of those cut out.
    """

    body: bytes
    columns: tuple[str, ...]
    marks: list[tuple[int, str]]
    unchanged: dict[str, int]


class _Top(msgspec.Struct):
    features: msgspec.Raw


class _Names(msgspec.Struct):
    properties: dict[str, msgspec.Raw]


_decode_top = msgspec.json.Decoder(_Top).decode
_decode_features = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_names = msgspec.json.Decoder(_Names).decode


def unknown_part(body: bytes, known_rows: KnownRows) -> Part | None:
    """Return the part that has to be read, None for a file in which nothing can be told apart.

    What is cut out was read when base was made, byte for byte. All else stays, to be proved as it stands.
    """
    try:
        listed = _decode_top(body).features
        features = _decode_features(listed)
        first = _decode_names(features[0]) if features else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    text = memoryview(listed)
    start = body.find(text[:_HEAD])
    # What is more than half of the file stands there once; what begins like it may stand before it.
    if first is None or 2 * text.nbytes <= len(body) or memoryview(body)[start : start + text.nbytes] != text:
        return None
    columns = tuple(map(nfc, first.properties))
    source_of = known_rows.of(columns)
    marks: list[tuple[int, str]] = []
    unchanged: dict[str, int] = {}
    for number, feature in enumerate(features, start=1):
        source = source_of(feature)
        key = known_rows.take(source)
        if key is None:
            marks.append((number, source))
        else:
            unchanged[key] = number
    if unchanged:
        left = b",".join(features[number - 1] for number, _ in marks)
        body = b"".join((body[:start], b"[", left, b"]", body[start + text.nbytes :]))
    return Part(body, columns, marks, unchanged)
