"""A layer's file: bytes to slices. The way back is `Collection.encode`."""

from __future__ import annotations

import json
from codecs import BOM_UTF8, utf_8_decode
from collections.abc import Callable
from typing import Final, NoReturn

import msgspec

from umap_bot.errors import RefusedError
from umap_bot.model.canon import DEPTH
from umap_bot.model.decoding import is_expansion
from umap_bot.model.layer import Collection
from umap_bot.model.members import decoded, elements, members, nesting, spelled
from umap_bot.text import Text, joined, say
from umap_bot.umap.wire import LARGEST

_CHUNK: Final = 2**20
_MOST: Final = 1_000_000
"""Features, each of which takes 20 µs and 1 kB; and halves of characters, if there are single ones."""
_LONGEST: Final = 40
"""Characters of a uMap id that are told: it has five."""
_RESTORE: Final = say("In uMap, open the layer, then “Versions”, and restore the last good one.")


_TOO_MUCH: Final = say("The layer's data on the map has more values than a map can show.")


def is_readable(file: bytes, features: int) -> bool:
    """Tell whether a file of so many features could be read again once it is on the map."""
    return len(file) <= LARGEST and features <= _MOST and not is_expansion(file)


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
        raise BodyError(say("The layer's data on the map is JSON, but not a FeatureCollection."))
    features = _features(top)
    if len(features) > _MOST:
        raise BodyError(_TOO_MUCH)
    for number, feature in enumerate(features, 1):
        if not feature.startswith(b"{"):
            raise _no_feature(number, len(features), null=feature == b"null")
    others = tuple((name, bytes(value)) for name, value in top.items() if name != "features")
    return Collection(members=others, features=features)


def _no_feature(number: int, count: int, *, null: bool) -> BodyError:
    if null:
        return BodyError(
            say(
                "The layer's data on the map contains a feature that is null: number {number} of {count}.",
                number=number,
                count=count,
            )
        )
    return BodyError(
        say(
            "The layer's data on the map contains a feature that is not an object: number "
            "{number} of {count}.",
            number=number,
            count=count,
        )
    )


def _text(body: bytes) -> bytes:
    """Return the bytes without byte-order mark, proved to be UTF-8: msgspec's Raw looks at syntax only."""
    if not body.strip():
        raise BodyError(say("The layer's data on the map is empty."), passing=True)
    start, whole = 0, len(body)
    while start < whole:  # in parts: as a text, the whole could take four times as much
        try:
            start += utf_8_decode(body[start : start + _CHUNK], "strict", start + _CHUNK >= whole)[1]
        except UnicodeDecodeError as error:
            number = start + error.start
            message = say("The layer's data on the map is not UTF-8 (byte {number}).", number=number)
            raise BodyError(message, passing=True) from error
    if is_expansion(body):
        raise BodyError(_TOO_MUCH)
    return body.removeprefix(BOM_UTF8)


def _members(text: bytes) -> dict[str, msgspec.Raw]:
    try:
        return msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError as error:
        raise BodyError(say("The layer's data on the map is JSON, but not an object.")) from error
    except RecursionError as error:
        raise _too_deep(text) from error
    except msgspec.DecodeError:
        _refuse_broken(text)
    if sum(map(text.count, (b"\\ud", b"\\uD"))) > _MOST:  # each is looked at
        raise BodyError(_TOO_MUCH)
    whole = text.decode().lstrip()  # with half of a character in it, which msgspec does not read
    return {each.name: msgspec.Raw(whole[each.value : each.end].encode()) for each in members(whole)}


def _features(top: dict[str, msgspec.Raw]) -> tuple[bytes, ...]:
    if "features" not in top:
        raise BodyError(say("The layer's data on the map is a FeatureCollection without “features”."))
    try:
        return tuple(bytes(raw) for raw in msgspec.json.decode(top["features"], type=list[msgspec.Raw]))
    except msgspec.ValidationError as error:
        raise BodyError(say("The layer's data on the map has “features” that are not a list.")) from error
    except msgspec.DecodeError as error:  # half of a character
        if not bytes(top["features"]).startswith(b"["):
            raise BodyError(say("The layer's data on the map has “features” that are not a list.")) from error
        return tuple(each.encode() for each in elements(bytes(top["features"]).decode()))


def _too_deep(text: bytes) -> BodyError:
    """Name the feature in which more stands in one another than any decoder goes into."""
    deep = say("The layer's data on the map is nested too deeply.")
    return BodyError(_of_feature(deep, text, lambda each: nesting(each) > DEPTH))


def _of_feature(wrong: Text, text: bytes, is_wrong: Callable[[str], bool]) -> Text:
    """Add the first feature that it is about, if there is one, by its number and uMap id."""
    try:
        features = spelled(text.decode().lstrip(), ("features",)) or "[]"
        number, found = next(
            (number, each) for number, each in enumerate(elements(features), 1) if is_wrong(each)
        )
        own = spelled(found, ("id",)) or ""
        umap_id = decoded(own)[:_LONGEST] if own.startswith('"') else say("no uMap id")
    except (ValueError, IndexError, StopIteration, msgspec.DecodeError):  # none, or no JSON
        return wrong
    return joined((wrong, say("It is feature {number} ({id}).", number=number, id=umap_id)))


def _type(top: dict[str, msgspec.Raw]) -> str | None:
    try:
        return msgspec.json.decode(top["type"], type=str) if "type" in top else None
    except msgspec.DecodeError:
        return None


def _refuse_broken(text: bytes) -> None:
    """Raise BodyError for what is no JSON. msgspec calls NaN an "invalid character", and a half one too."""
    try:
        _loads(text)
    except _ConstantError as error:
        wrong = say("The layer's data on the map contains NaN or Infinity, which JSON does not allow.")
        raise BodyError(_of_feature(wrong, text, _holds_constant)) from error
    except RecursionError as error:
        raise _too_deep(text) from error
    except ValueError as error:
        raise _not_whole() from error


def _not_whole() -> BodyError:
    return BodyError(say("The layer's data on the map is not valid JSON, or is incomplete."), passing=True)


class _ConstantError(Exception):
    """NaN or Infinity, which Python reads and JSON does not have."""


def _loads(text: bytes | str) -> None:
    """Raise ValueError for what is no JSON, _ConstantError, RecursionError."""
    json.loads(text, parse_int=str, parse_constant=_constant)  # no number of thousands of digits is made


def _constant(name: str) -> NoReturn:
    raise _ConstantError(name)


def _holds_constant(text: str) -> bool:
    try:
        _loads(text)
    except _ConstantError:
        return True
    return False
