"""Values as bytes for the database: compressed, and read back equal."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, TypeAlias, TypeVar

import msgspec

from umap_bot.journal.failures import unreadable
from umap_bot.model.backup import LayerSettings
from umap_bot.model.base import Base
from umap_bot.model.layer import Collection, Push, Save
from umap_bot.model.plan import Plan
from umap_bot.model.seen import Seen
from umap_bot.text import Text, dec_hook, enc_hook, say

Blob: TypeAlias = Base | Plan | Seen | LayerSettings | Collection | Push | Save
T = TypeVar("T", bound=Blob)

LEVEL: Final = 1
"""Of zlib: geodata shrinks to a tenth at once; higher levels cost much for little."""

_JSON: Final = (Base, Plan, Seen, LayerSettings)
"""These hold values of a dataset or of a map, whose whole numbers may be longer than msgpack's 64 bits."""


_NAMES: Final[Mapping[object, Text]] = {
    Base: say("what was published last"),
    Plan: say("a plan"),
    Seen: say("what was seen of the map"),
    LayerSettings: say("the settings of a layer"),
    Collection: say("a backup"),
    Push: say("a push"),
    Save: say("a save by someone else"),
}


def encode(value: Blob) -> bytes:
    if isinstance(value, _JSON):
        return zlib.compress(msgspec.json.encode(value, enc_hook=enc_hook), LEVEL)
    return zlib.compress(msgspec.msgpack.encode(value), LEVEL)


def decode(data: bytes, kind: type[T]) -> T:
    """Raise StateError if the bytes are none of that kind."""
    with _readable(kind):
        content = zlib.decompress(data)
        if kind in _JSON:
            return msgspec.json.decode(content, type=kind, dec_hook=dec_hook)
        return msgspec.msgpack.decode(content, type=kind)


class _Keys(msgspec.Struct):
    """A base of which only the keys are looked at."""

    known: dict[str, msgspec.Raw]


def keys_of_base(data: bytes) -> frozenset[str]:
    """Return the keys of a base, without reading its rows. Raise StateError if the bytes are none."""
    with _readable(Base):
        return frozenset(msgspec.json.decode(zlib.decompress(data), type=_Keys).known)


@contextmanager
def _readable(kind: object) -> Iterator[None]:
    try:
        yield
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError, OverflowError, RecursionError) as error:
        raise unreadable(_NAMES[kind]) from error
