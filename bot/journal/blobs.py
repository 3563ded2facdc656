"""Values as bytes for the database: compressed, and read back equal."""

from __future__ import annotations

import zlib
from typing import Final, TypeAlias, TypeVar

import msgspec

from bot.journal.failures import unreadable
from bot.model.base import Base
from bot.model.layer import Collection, Push, Save
from bot.model.plan import Plan

Blob: TypeAlias = Base | Plan | Collection | Push | Save
T = TypeVar("T", bound=Blob)

LEVEL: Final = 1
"""Of zlib: geodata shrinks to a tenth at once; higher levels cost much for little."""

_JSON: Final = (Base, Plan)
"""These hold values of a dataset, whose whole numbers may be longer than msgpack's 64 bits."""


def encode(value: Blob) -> bytes:
    data = msgspec.json.encode(value) if isinstance(value, _JSON) else msgspec.msgpack.encode(value)
    return zlib.compress(data, LEVEL)


def decode(data: bytes, kind: type[T]) -> T:
    """Raise StateError if the bytes are none of that kind."""
    try:
        text = zlib.decompress(data)
        return (
            msgspec.json.decode(text, type=kind) if kind in _JSON else msgspec.msgpack.decode(text, type=kind)
        )
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise unreadable(f"a {kind.__name__.lower()}") from error
