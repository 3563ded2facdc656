"""A key for every feature: the one that it has, or one made from its name or place."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

import msgspec

from umap_bot.dataset.keys import key_text, slug
from umap_bot.dataset.made_keys import FreeKeys, base_of_place
from umap_bot.dataset.naming import names_in
from umap_bot.model.canon import Value, canonical, canonical_geometry, digest
from umap_bot.model.layer import Feature
from umap_bot.model.natural import natural

_NOT_IN_XML: Final = "\ufffe\uffff"
"""No characters, by Unicode: a workbook with one holds nothing in that cell."""

_encode: Final = msgspec.json.Encoder(order="deterministic").encode


class Keyed(msgspec.Struct, frozen=True):
    """A feature and its key in the file. `own` tells that this key stands on the map too.

    `clash` is the key that it has on the map, if another feature keeps that one in the file.
    `displaced` is a value that stands in the key property, but can't be a key.
    """

    key: str
    feature: Feature
    own: bool = False
    clash: str = ""
    displaced: Value = None


def keyed(features: Iterable[Feature], key: str) -> list[Keyed]:
    """Return each feature its key, sorted by keys. The order of the features makes no difference.

    A made key is the next number if all keys that stand on the map are numbers. Else it is not changed by
    what happens to features of another name. It is never the uMap id: uMap deals out new ones (protocol 8).
    Of several features of one name their places decide who is -2.
    """
    ordered = sorted(features, key=rank)
    names = FreeKeys()
    found: list[Keyed] = []
    keyless: list[tuple[str, Keyed]] = []
    for feature in ordered:
        value = feature.properties.get(key)
        own = key_text(value)
        if own and _writable(own) and names.take(own):
            found.append(Keyed(own, feature, own=True))
        elif own and _writable(own):
            keyless.append((own, Keyed("", feature, clash=own)))
        else:
            displaced = value if own or isinstance(value, (list, dict)) else None
            keyless.append((_base(feature, own), Keyed("", feature, displaced=displaced)))
    for base, one in sorted(keyless, key=lambda pair: pair[0]):  # stable: of one base, by rank
        found.append(msgspec.structs.replace(one, key=names.free(base)))
    return sorted(found, key=lambda one: natural(one.key))


def _writable(key: str) -> bool:
    """Tell whether a key can be written in one line, as keys.check_key wants it, and in a spreadsheet too."""
    return not any(unicodedata.category(char) in ("Cc", "Cs") or char in _NOT_IN_XML for char in key)


def _base(feature: Feature, own: str) -> str:
    """Return what a key is made from: the unusable one, the name, or the place."""
    return (
        slug(own, fallback="")
        or slug(next(names_in(feature.properties), ""), fallback="")
        or base_of_place(feature.properties, feature.geometry)
    )


def rank(feature: Feature) -> tuple[bytes, str, str, bytes]:
    """Order features whatever the map's order is: by place, then content; the spelling decides last."""
    place = _encode(canonical_geometry(feature.geometry))
    held = digest([canonical(feature.properties), canonical(feature.others)])
    return place, held, feature.umap_id or "", msgspec.json.encode(feature)
