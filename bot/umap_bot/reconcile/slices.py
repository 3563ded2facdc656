"""One feature as a slice of bytes: decoded to be looked at, rewritten where a change wants it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec import UNSET

from umap_bot.model.canon import Canon, Geometry, Value, canonical, canonical_geometry, compared, digest
from umap_bot.model.change import Update
from umap_bot.model.decoding import property_names, values_of
from umap_bot.model.layer import GEOMETRY, Entry, Feature
from umap_bot.model.members import put, spelled

VALID_ID: Final = re.compile(r"[A-Za-z0-9]{5}")
"""What uMap's editor takes for a feature's id; with any other it deals out a random one at each load."""

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class _Id(msgspec.Struct):
    id: Value = None


_decode_id = msgspec.json.Decoder(_Id).decode


def decode(raw: bytes) -> Feature:
    """Decode a slice. What is no object where one belongs counts as missing."""
    members, unread, within = values_of(raw)
    members.pop("type", None)
    properties, geometry, umap_id = (members.pop(name, None) for name in ("properties", "geometry", "id"))
    return Feature(
        properties=properties if isinstance(properties, dict) else {},
        geometry=geometry if isinstance(geometry, dict) else None,
        umap_id=umap_id if isinstance(umap_id, str) and "id" not in unread else None,
        others={**members, "geometry": geometry} if "geometry" in unread else members,
        unread=(*unread, *within),
    )


def content(feature: Feature) -> str:
    """Return the digest of what a feature holds, styles included; only its uMap id is left out."""
    properties: Canon = canonical(feature.properties)
    return digest([properties, canonical_geometry(feature.geometry), canonical(feature.others)])


def ids(slices: Iterable[bytes]) -> list[str | None]:
    """Return each feature's uMap id if uMap's editor keeps it: valid, and unique in the layer."""
    return kept_ids(map(_id_of, slices))


def kept_ids(own: Iterable[Value]) -> list[str | None]:
    """Return, of the ids that a layer's features have, those that uMap's editor keeps; None for others."""
    seen: set[str] = set()
    found: list[str | None] = []
    for umap_id in own:
        if isinstance(umap_id, str) and VALID_ID.fullmatch(umap_id) and umap_id not in seen:
            seen.add(umap_id)
            found.append(umap_id)
        else:
            found.append(None)
    return found


def _id_of(raw: bytes) -> Value:
    try:
        return _decode_id(raw).id
    except (msgspec.DecodeError, RecursionError):  # nested deep, or no id that anybody could read
        return decode(raw).umap_id


def derive_id(seed: str, taken: set[str]) -> str:
    """Derive a uMap id from a seed: five characters, none of those taken. Adds it to them."""
    attempt = 0
    while True:
        number = int.from_bytes(blake2b(f"{seed}\x00{attempt}".encode(), digest_size=8).digest())
        umap_id = "".join(_ALPHABET[number // 62**place % 62] for place in range(5))
        if umap_id not in taken:
            taken.add(umap_id)
            return umap_id
        attempt += 1


def id_for(layer_id: str, key: str, taken: set[str]) -> str:
    """Return the uMap id of a feature that we make for a row: the same each time, unless it is taken."""
    return derive_id(f"{layer_id}\x00{key}", taken)


def is_made_for(umap_id: str | None, entry: Entry, key: str) -> bool:
    """Tell whether a uMap id is that of the feature that we made for a row of this layer. In the run that
    made the layer, it was made of the id that the layer had until then."""
    return umap_id in {id_for(layer_id, key, set()) for layer_id in (entry.layer_id, entry.planned_id)}


def compose(properties: Mapping[str, Value], geometry: Geometry | None, umap_id: str) -> bytes:
    """Write a new feature, of the four members that survive a save in uMap's editor."""
    return msgspec.json.encode(
        {"type": "Feature", "geometry": geometry, "properties": properties, "id": umap_id}
    )


def rewrite(raw: bytes, update: Update, spelling: Mapping[str, str]) -> bytes:
    """Write the fields and the geometry of an update into a slice; all else keeps its bytes.

    A property is written where it stands, however its name is spelled there; one that the feature lacks, by
    the `spelling` of the layer.
    """
    text = raw.decode()
    for field in update.fields:
        text = put(text, _path(field.name, raw, spelling), field.after)
    if update.move:
        text = put(text, ("geometry",), update.move.after)
    return text.encode()


def spelling_of(slices: Iterable[bytes], names: Iterable[str]) -> dict[str, str]:
    """Return how a layer spells these names of properties, where that is not in NFC: name → its spelling.

    Where one feature has it in NFC, it is that; else as most features have it.
    """
    wanted = {name for name in names if not name.isascii()}
    found: dict[str, Counter[str]] = {name: Counter() for name in wanted}
    for raw in slices if wanted else ():
        for spelled_so, name in compared(property_names(raw)).items():
            if name in wanted:
                found[name][spelled_so] += 1
    return {
        name: max(counts, key=lambda spelled_so: (counts[spelled_so], spelled_so))
        for name, counts in found.items()
        if counts and name not in counts
    }


MEMBER: Final = "\x00member "
"""Before the name of a cell that is another member of the feature, such as its own style."""


def cells_of(feature: Feature) -> dict[str, Value]:
    """Return all that a feature holds but its uMap id, cell by cell: properties, geometry, other members."""
    others = {MEMBER + name: value for name, value in feature.others.items()}
    return {**feature.properties, GEOMETRY: feature.geometry, **others}


def copy_cells(raw: bytes, names: Iterable[str], source: bytes) -> bytes:
    """Write cells into a slice as another one spells them. All else keeps its bytes."""
    text, other = raw.decode(), source.decode()
    for name in names:
        there = _path(name, source, {})
        own = spelled(other, there)
        path = _path(name, raw, {name: there[-1]})
        text = put(text, path, UNSET if own is None else msgspec.Raw(own.encode()))
    return text.encode()


def _path(cell: str, raw: bytes, spelling: Mapping[str, str]) -> tuple[str, ...]:
    """Return where in a feature a cell stands, or would."""
    if cell == GEOMETRY:
        return ("geometry",)
    if cell.startswith(MEMBER):
        return (cell.removeprefix(MEMBER),)
    if cell.isascii():
        return ("properties", cell)
    own = (spelled_so for spelled_so, name in compared(property_names(raw)).items() if name == cell)
    return ("properties", next(own, spelling.get(cell, cell)))


def with_id(raw: bytes, umap_id: str) -> bytes:
    """Write a uMap id into a slice; all else keeps its bytes."""
    return put(raw.decode(), ("id",), umap_id).encode()
