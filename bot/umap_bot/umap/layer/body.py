"""A layer's file: bytes to slices. The way back is `Collection.encode`."""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from typing import Final

import msgspec

from umap_bot.errors import RefusedError
from umap_bot.model.canon import DEPTH
from umap_bot.model.layer import Collection
from umap_bot.model.members import elements, nesting, spelled
from umap_bot.text import Text, joined, say

_HALF_CHARACTER: Final = re.compile(r"\\u[dD][89a-fA-F]")
_RESTORE: Final = say("Open the map, layer, “Versions”, and restore the last good one.")


class BodyError(RefusedError):
    """The file is not what this bot can write back without loss.

    `passing` tells that reading once more may help: empty, cut, not JSON. Behind nginx such an answer can
    come right after a write (protocol 0, fact 8); but uMap also stores whatever it is sent (fact 4).
    """

    def __init__(self, message: Text, *, passing: bool = False) -> None:
        super().__init__(message, way_out=_RESTORE)
        self.passing = passing


def decode(body: bytes) -> Collection:
    """Cut the file into slices; each feature keeps its bytes, each other member those of its value.

    A byte-order mark is taken away. Of a name that stands twice on top the last counts, as for uMap.
    Raise BodyError if it is no FeatureCollection, or a feature is no object.
    """
    top = _members(_text(body))
    if _type(top) != "FeatureCollection":
        raise BodyError(say("The layer's file on the map is JSON, but no FeatureCollection."))
    features = _features(top)
    for number, feature in enumerate(features, 1):
        if not feature.startswith(b"{"):
            raise _no_feature(number, len(features), null=feature == b"null")
    members = tuple((name, bytes(value)) for name, value in top.items() if name != "features")
    return Collection(members=members, features=features)


def _no_feature(number: int, count: int, *, null: bool) -> BodyError:
    if null:
        return BodyError(
            say(
                "The layer's file on the map has a feature that is null: number {number} of {count}.",
                number=number,
                count=count,
            )
        )
    return BodyError(
        say(
            "The layer's file on the map has a feature that is no object: number {number} of {count}.",
            number=number,
            count=count,
        )
    )


def _text(body: bytes) -> bytes:
    """Return the bytes without byte-order mark, proved to be UTF-8: msgspec's Raw looks at syntax only."""
    if not body.strip():
        raise BodyError(say("The layer's file on the map is empty."), passing=True)
    try:
        body.decode()
    except UnicodeDecodeError as error:
        message = say("The layer's file on the map is not UTF-8 (byte {number}).", number=error.start)
        raise BodyError(message, passing=True) from error
    return body.removeprefix(BOM_UTF8)


def _members(text: bytes) -> dict[str, msgspec.Raw]:
    try:
        return msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError as error:
        raise BodyError(say("The layer's file on the map is JSON, but no object.")) from error
    except RecursionError as error:
        raise _too_deep(text) from error
    except msgspec.DecodeError as error:
        raise _broken(text) from error


def _features(top: dict[str, msgspec.Raw]) -> tuple[bytes, ...]:
    if "features" not in top:
        raise BodyError(say("The layer's file on the map is a FeatureCollection without features."))
    try:
        return tuple(bytes(raw) for raw in msgspec.json.decode(top["features"], type=list[msgspec.Raw]))
    except msgspec.ValidationError as error:
        raise BodyError(say("The layer's file on the map has “features” that are no list.")) from error


def _too_deep(text: bytes) -> BodyError:
    """Name the feature in which more stands in one another than any decoder goes into."""
    deep = say("The layer's file on the map is nested too deep.")
    try:
        features = spelled(text.decode().lstrip(), ("features",)) or "[]"
        depth, number = max((nesting(each), number) for number, each in enumerate(elements(features), 1))
    except (ValueError, IndexError, msgspec.DecodeError):  # none, or no JSON
        return BodyError(deep)
    return BodyError(joined((deep, say("It is feature {number}.", number=number))) if depth > DEPTH else deep)


def _type(top: dict[str, msgspec.Raw]) -> str | None:
    try:
        return msgspec.json.decode(top["type"], type=str) if "type" in top else None
    except msgspec.ValidationError:
        return None


def _broken(text: bytes) -> BodyError:
    """Say what is wrong. msgspec calls half a character "truncated", and NaN an "invalid character"."""
    try:
        json.loads(text, parse_int=str)  # Python turns no text of thousands of digits into a number
    except (ValueError, RecursionError):
        return BodyError(say("The layer's file on the map is not JSON, or not whole."), passing=True)
    if _HALF_CHARACTER.search(text.decode("utf-8")):
        return BodyError(
            say(
                "The layer's file on the map holds half of a character "
                "(\\ud800 or the like without its other half)."
            )
        )
    return BodyError(say("The layer's file on the map holds NaN or Infinity, which JSON does not know."))
