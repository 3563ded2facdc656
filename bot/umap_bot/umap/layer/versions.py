"""The version list of a layer: what uMap keeps of it, ten by default (protocol 7)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import accumulate
from typing import Any, Final

import msgspec

from umap_bot.errors import RefusedError, UnreachableError
from umap_bot.http.content import read_json
from umap_bot.model.layer import Collection, Entry
from umap_bot.text import say
from umap_bot.umap.entry import Page
from umap_bot.umap.layer import body
from umap_bot.umap.wire import Reply, Wire

_SUFFIX: Final = ".geojson"
_TIMED: Final = re.compile(r".*_([0-9]{13})_\w+\.geojson")
_TIMES: Final = range(10**12, 10**13)
"""Milliseconds since 1970, of the years 2001 to 2286: what is beyond is no time."""

_MOST: Final = 10_000
"""Versions in a list: a site keeps ten, and a bucket on S3 lists a thousand."""

_BLIND: Final = "null"
"""The version of whatever a bucket on S3 holds while its versioning is suspended (protocol 7)."""

UNLISTED: Final = say(
    "This site keeps no earlier versions of its layers. If someone saves the layer at "
    "the same moment as umap-bot, their save may be lost without notice. To prevent "
    "this, ask the site's administrators to turn on versioning for the S3 bucket that "
    "holds the layers."
)


class Version(msgspec.Struct, frozen=True):
    """A version in the list.

    `version` is the text that page and header give for it, "" before 2.8; `name` that of its file, "" on
    sites that store on S3. `at` is the time of storing in milliseconds since 1970, `size` in bytes (on S3
    compressed); 0 if uMap does not say.
    """

    version: str
    name: str
    at: int = 0
    size: int = 0


class _Listed(msgspec.Struct):
    ref: str | None = None
    name: str | None = None
    at: Any = None
    size: Any = None


class _Answer(msgspec.Struct):
    versions: list[_Listed]


def is_listed(version: str) -> bool:
    """Tell whether the version of a page is one of a list.

    On S3, if the bucket keeps no versions, it is a digest of the content, in quotes (protocol 7).
    """
    return bool(version) and not version.startswith('"')


def refuse_blind(entry: Entry) -> None:
    """Raise RefusedError for a layer whose version tells nothing: neither a lock nor news could be seen."""
    if entry.version == _BLIND:
        raise RefusedError(
            say(
                "uMap does not change the version of the layer “{name}” when it is saved, so a sync "
                "could silently overwrite people's edits.",
                name=entry.name,
            ),
            way_out=say(
                "Ask the site's administrators to turn on versioning for the S3 bucket that holds "
                "the layers, then save the layer once on the map."
            ),
        )


def stored_at(version: Version) -> datetime:
    """Return when a version was stored, by uMap's clock; of one whose `at` is known."""
    return datetime.fromtimestamp(version.at / 1000, UTC)


def read_versions(wire: Wire, page: Page, layer_id: str) -> tuple[Version, ...]:
    """Return the version list, in the order of the file names: not that of storing (protocol 7).

    Raise RefusedError, UnreachableError.
    """
    reply = _answered(wire.get(page.path("datalayer_versions", {"pk": layer_id}), plain=True))
    said = read_json(reply.body, _Answer)
    if said is None or len(said.versions) > _MOST:
        raise UnreachableError(
            say("uMap's list of versions of the layer can't be read."), way_out=say("Try again later.")
        )
    versions = tuple(map(_version, said.versions))
    return versions if any(version.name for version in versions) else _told_apart(versions)


def read_content(wire: Wire, page: Page, layer_id: str, version: Version) -> Collection | None:
    """Return the content of a version, or None if uMap no longer keeps it. Raise as read_versions."""
    path = page.path(
        "datalayer_version", {"pk": layer_id, "ref": _handle(layer_id, version), "name": version.name}
    )
    reply = wire.get(path, plain=True, layer=True)
    return None if reply.status == HTTPStatus.NOT_FOUND else body.decode(_answered(reply).intact())


def _version(listed: _Listed) -> Version:
    found = _TIMED.fullmatch(listed.name or "")
    return Version(
        version=listed.ref or "",
        name=listed.name or "",
        # Of a version with letters uMap gives the letters for its time.
        at=_time(found[1] if found else listed.at),
        size=listed.size if type(listed.size) is int else 0,
    )


def _time(value: Any) -> int:
    """Read milliseconds: a text, on S3 a number; 0 for what is no time."""
    try:
        time = round(float(value))
    except (TypeError, ValueError, OverflowError):
        return 0
    return time if time in _TIMES else 0


def _told_apart(versions: Iterable[Version]) -> tuple[Version, ...]:
    """Return what S3 lists, newest first, each at least a millisecond after the one before it.

    S3 tells whole seconds, and its order, unlike that of files, is the order of storing (protocol 7).
    """

    def after(before: Version, version: Version) -> Version:
        return msgspec.structs.replace(version, at=version.at and max(version.at, before.at + 1))

    return tuple(accumulate(reversed(tuple(versions)), after))[::-1]


def _handle(layer_id: str, version: Version) -> str:
    """Return what a version is asked for by.

    Two writes in one millisecond: the second has 7 random letters for its version, and is given only for
    <ms>_<letters>, which stand in its name. A layer from before 2.1 has other names: then the version.
    """
    prefix = f"{layer_id}_"
    if version.name.startswith(prefix) and version.name.endswith(_SUFFIX):
        return version.name[len(prefix) : -len(_SUFFIX)]
    return version.version


def _answered(reply: Reply) -> Reply:
    if reply.status == HTTPStatus.OK:
        return reply
    if reply.status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
        raise RefusedError(
            say("uMap does not show the layer's versions."),
            way_out=say("The map may have been deleted or made private. Check it in uMap."),
        )
    raise UnreachableError(
        say("uMap answered HTTP {status} for the layer's versions.", status=reply.status),
        way_out=say("Try again later."),
    )
