"""The version list of a layer: what uMap keeps of it, ten by default (protocol 7)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

import msgspec

from umap_bot.errors import RefusedError, UnreachableError
from umap_bot.model.layer import Collection
from umap_bot.text import say
from umap_bot.umap.entry import Page
from umap_bot.umap.http.wire import Reply, Wire
from umap_bot.umap.layer import body

_SUFFIX: Final = ".geojson"
_TIMED: Final = re.compile(r".*_(\d+)_\w+\.geojson")


class Version(msgspec.Struct, frozen=True):
    """A version in the list.

    `version` is the text that page and header give for it, "" before 2.8; `name` that of its file, "" on
    sites that store on S3. `at` is the time of storing in milliseconds since 1970, `size` in bytes; 0 if
    uMap does not say.
    """

    version: str
    name: str
    at: int = 0
    size: int = 0


def stored_at(version: Version) -> datetime:
    """Return when a version was stored, by uMap's clock; of one whose `at` is known."""
    return datetime.fromtimestamp(version.at / 1000, UTC)


def read_versions(wire: Wire, page: Page, layer_id: str) -> tuple[Version, ...]:
    """Return the version list, in the order of the file names: not that of storing (protocol 7).

    Raise RefusedError, UnreachableError.
    """
    reply = _answered(wire.get(page.path("datalayer_versions", {"pk": layer_id}), plain=True))
    try:
        said = msgspec.json.decode(reply.body, type=dict[str, Any])
        return tuple(_version(listed) for listed in said["versions"])
    except (msgspec.MsgspecError, KeyError, TypeError, AttributeError) as error:
        message = say("uMap's version list of the layer can't be understood.")
        raise UnreachableError(message, way_out=say("Try again later.")) from error


def read_content(wire: Wire, page: Page, layer_id: str, version: Version) -> Collection | None:
    """Return the content of a version, or None if uMap no longer keeps it. Raise as read_versions."""
    path = page.path(
        "datalayer_version", {"pk": layer_id, "ref": _handle(layer_id, version), "name": version.name}
    )
    reply = wire.get(path, plain=True)
    return None if reply.status == HTTPStatus.NOT_FOUND else body.decode(_answered(reply).body)


def _version(listed: dict[str, Any]) -> Version:
    name = str(listed.get("name") or "")
    return Version(
        version=str(listed.get("ref") or ""),
        name=name,
        at=_time_in(name) or _number(listed.get("at")),
        size=_number(listed.get("size")),
    )


def _time_in(name: str) -> int:
    """Read the time in a file's name: of a version with letters uMap gives the letters for its time."""
    found = _TIMED.fullmatch(name)
    return int(found[1]) if found else 0


def _number(value: Any) -> int:
    """Read milliseconds, which come as text, or bytes."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else 0


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
            way_out=say("Was the map deleted, or made private?"),
        )
    raise UnreachableError(
        say("uMap answers HTTP {status} for the layer's versions.", status=reply.status),
        way_out=say("Try again later."),
    )
