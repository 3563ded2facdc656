"""The layers of a map, as its page lists them."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec

from umap_bot.errors import GoneError, RefusedError
from umap_bot.http.mask import mask_query
from umap_bot.model.canon import Value, nfc
from umap_bot.model.layer import Entry
from umap_bot.text import Text, joined, say, say_n

# What the server puts beside a layer's settings; up to 3.6 it lies among them (protocol 2 and 5).
_SERVERS: Final = frozenset(
    {
        "id",
        "old_id",
        "rank",
        "parent",
        "layers",
        "editMode",
        "permissions",
        "referenceVersion",
        "_referenceVersion",
    }
)
_OF_FEATURES: Final = frozenset(
    {
        *("labelKey", "sortKey", "slugKey", "filterKey", "facetKey", "advancedFilterKey", "filters", "rules"),
        *("popupContentTemplate", "outlink", "iconUrl", "iconClass", "iconOpacity", "iconSize"),
        *("color", "fillColor", "opacity", "fillOpacity", "weight", "dashArray"),
    }
)
"""Settings of a map or a group that hold for the features in it and may name one of their columns."""
_SHOWN: Final = 20
_LONGEST: Final = 300
"""Characters of a name. uMap's own column holds 200 (protocol 5)."""
_ID: Final = re.compile(r"[\w-]{1,64}", re.ASCII)
"""A uuid, or a number before 2.1. It is put into paths, so nothing else is taken for one."""
_VERSION: Final = re.compile(r"[!-~]{1,1024}")
"""Opaque, but it goes back in a header."""
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

Listed = Mapping[str, Value]


class MissingLayerError(GoneError):
    """The page has no layer of that name or id."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What the page says of the map and its layers. Nothing secret: it can be printed.

    `editable` is for the map itself; each layer has its own. `owned` tells that the map has an owner.
    `sharing` is uMap's number for who is shown the map (protocol 1), None if it does not say. `owner` is the
    owner's name. `user` is the name of whoever is logged in, "" if nobody is, None if the page does not say;
    `is_owner` tells that it is the owner. `edit_status` and, of each layer, `rights` are uMap's numbers for
    who may edit (protocol 2), 0 if it does not say. `changed` is the time of its last save as uMap writes it
    (ISO), "" before 2.9. `live_sync`: those who edit the map share their edits at once. `urls` are uMap's
    templates of the layers' paths. `old_ids` goes from the number that a layer had before 2.1 to its id.
    """

    map_id: str
    name: str
    release: str
    editable: bool
    owned: bool
    owner: str
    user: str | None
    is_owner: bool
    edit_status: int
    rights: dict[str, int]
    sharing: int | None
    changed: str
    urls: dict[str, str]
    layers: tuple[Entry, ...]
    old_ids: dict[str, str]
    live_sync: bool = False

    def path(self, name: str, values: Mapping[str, str]) -> str:
        """Return the path of that name with its places filled in. Raise RefusedError if the page has none."""
        path = self.urls.get(name, "")
        if not path.startswith("/") or path.startswith("//"):
            raise RefusedError(
                say("The map's page has no path “{name}”, which umap-bot needs.", name=name),
                way_out=say("Check whether a newer umap-bot supports this version of uMap."),
            )
        for place, value in {"map_id": self.map_id, **values}.items():
            path = path.replace(f"{{{place}}}", quote(value, safe=""))
        return path


def read_page(properties: Mapping[str, Value], url: str) -> Page:
    """Read the map's properties. `url` is the map's address as people see it."""
    permissions = _object(properties.get("permissions"))  # holds the secret edit link: goes no further
    sharing = permissions.get("share_status")
    urls = _object(properties.get("urls"))
    listed = list(_flattened(properties.get("datalayers")))
    map_id = _words(properties.get("id") or properties.get("umap_id"))
    about: dict[str, Any] = {"map_id": map_id, "map_name": _words(properties.get("name")), "map_url": url}
    about["release"] = _words(properties.get("umap_version"))
    around = _Around({_text(layer["id"]): (_settings(layer), parent) for layer, parent in listed})
    about["map_settings"] = _naming(properties)
    return Page(
        map_id=map_id,
        name=about["map_name"],
        release=about["release"],
        editable=properties.get("editMode") == "advanced",
        owned=bool(permissions.get("owner")),
        owner=_words(_object(permissions.get("owner")).get("name")),
        user=_user(properties.get("user")),
        is_owner=_object(properties.get("user")).get("is_owner") is True,
        edit_status=_status(permissions),
        rights={_text(layer["id"]): _status(_object(layer.get("permissions"))) for layer, _ in listed},
        sharing=sharing if isinstance(sharing, int) else None,
        changed=_words(properties.get("modified_at")),
        urls={n: path for n, path in urls.items() if n.startswith("datalayer_") and isinstance(path, str)},
        layers=tuple(
            _entry(layer, parent, index, {**about, "group_settings": around.of(parent)})
            for index, (layer, parent) in enumerate(listed)
        ),
        live_sync=properties.get("websocketEnabled") is True and properties.get("syncEnabled") is True,
        old_ids={_text(layer["old_id"]): _text(layer["id"]) for layer, _ in listed if layer.get("old_id")},
    )


def _user(user: Value) -> str | None:
    """Return the name of whoever is logged in: uMap gives it with an id, and to others neither."""
    if not isinstance(user, dict):
        return None
    return _words(user.get("name") or user["id"]) if user.get("id") else ""


def _status(permissions: Listed) -> int:
    status = permissions.get("edit_status")
    return status if isinstance(status, int) else 0


def _flattened(layers: Value) -> Iterator[tuple[Listed, str | None]]:
    """Return each layer with the id of its group, in the page's order (a tree since 3.7), without
    recursion."""
    waiting: list[tuple[Value, str | None]] = [(layer, None) for layer in reversed(_list(layers))]
    while waiting:
        layer, parent = waiting.pop()
        if isinstance(layer, dict) and _ID.fullmatch(_text(layer.get("id"))):
            yield layer, parent
            waiting += [(child, _text(layer["id"])) for child in reversed(_list(layer.get("layers")))]


class _Around:
    """What layers inherit from the groups that they are in. `layers`: id → settings, and the group's id."""

    def __init__(self, layers: Mapping[str, tuple[Listed, str | None]]) -> None:
        self._layers = layers
        self._found: dict[str, dict[str, Value]] = {}

    def of(self, group: str | None) -> dict[str, Value]:
        """Return the settings of a group that may name a column, over those of the groups around it. A group
        that a hostile page puts into itself ends there."""
        waiting: dict[str, None] = {}
        while group is not None and group not in self._found and group not in waiting:
            waiting[group] = None
            group = self._layers[group][1]
        settings = self._found.get(group, {}) if group is not None else {}
        for inner in reversed(waiting):
            settings = self._found[inner] = {**settings, **_naming(self._layers[inner][0])}
        return settings


def _naming(settings: Listed) -> dict[str, Value]:
    """Return the settings of a map or a group that may name a column of a feature; nothing else of them goes
    further."""
    return {name: value for name, value in settings.items() if name in _OF_FEATURES and value}


def _settings(layer: Listed) -> dict[str, Value]:
    own = layer.get("properties")
    listed = own if isinstance(own, dict) else layer
    return {name: value for name, value in listed.items() if name not in _SERVERS}


def _entry(layer: Listed, parent: str | None, index: int, about: dict[str, Any]) -> Entry:
    settings = _settings(layer)
    rank = layer.get("rank", settings.get("rank"))
    version = _text(layer.get("referenceVersion") or layer.get("_referenceVersion"))
    return Entry(
        **about,
        layer_id=_text(layer["id"]),
        name=_words(settings.get("name")),
        version=version if _VERSION.fullmatch(version) else "",
        editable=layer.get("editMode") == "advanced",
        rank=rank if type(rank) is int else index,  # uMap's editor sends the index (protocol 2)
        parent=parent,
        display_on_load=settings.get("displayOnLoad") is not False,
        remote=_remote(settings.get("remoteData")),
        group=bool(layer.get("group") or settings.get("group") or layer.get("layers")),
        new=False,
        planned_id=derived_id(about["map_id"], _words(settings.get("name")), 0),
        settings=settings,
    )


def _remote(data: Value) -> str | None:
    """Return the masked address of remote data; it counts only if url and format are both set (protocol
    12)."""
    remote = _object(data)
    url = remote.get("url")
    return mask_query(str(url))[:_LONGEST] if url and remote.get("format") else None


def find_layer(page: Page, wanted: str | None) -> Entry:
    """Return the layer with that id, its number from before 2.1, or its name; without a name, the only one.

    Raise MissingLayerError if there is none, RefusedError if there is more than one.
    """
    if not wanted:
        return _only(page)
    ids = {wanted, page.old_ids.get(wanted, wanted)}
    by_id = [layer for layer in page.layers if layer.layer_id in ids]
    named = [layer for layer in page.layers if folded(layer.name) == folded(wanted)]
    found = by_id or [layer for layer in named if not layer.group] or named
    if len(found) == 1:
        return found[0]
    if found:
        raise _shared(page, wanted, found)
    raise MissingLayerError(
        joined((say("The map has no layer “{name}”.", name=wanted), _existing(page))),
        way_out=_way_out(wanted),
    )


def is_id(wanted: str) -> bool:
    """Tell whether a text looks like a layer's id: a uuid, or a number before 2.1."""
    return _UUID.fullmatch(wanted) is not None or (wanted.isascii() and wanted.isdigit())


def _way_out(wanted: str) -> Text:
    if is_id(wanted):
        return say("It may have been deleted. Set UMAP_LAYER to the name or id of a layer.")
    return say(
        "It may have been deleted or renamed. Set UMAP_LAYER to the name or id of a layer, "
        "or create this one: umap-bot sync --create-layer"
    )


def _shared(page: Page, name: str, found: Sequence[Entry]) -> RefusedError:
    groups = {layer.layer_id: layer.name for layer in page.layers}
    return RefusedError(
        say_n(
            "The map has {count} layer named “{name}”: {layers}.",
            "The map has {count} layers named “{name}”: {layers}.",
            len(found),
            name=name,
            layers=say("{layers:, }", layers=tuple(_where(layer, groups) for layer in found)),
        ),
        way_out=say("Set UMAP_LAYER to the id of the right one, or rename the other."),
    )


def _where(layer: Entry, groups: Mapping[str, str]) -> Text:
    """Name a layer by its id, and by the group it is in."""
    if layer.parent is None:
        return say("“{name}” ({id})", name=layer.name, id=layer.layer_id)
    group = groups.get(layer.parent, "")
    return say("“{name}” ({id}) in “{group}”", name=layer.name, id=layer.layer_id, group=group)


def _only(page: Page) -> Entry:
    """Return the only layer that can hold features: a group holds layers."""
    layers = [layer for layer in page.layers if not layer.group]
    if not layers:
        raise RefusedError(
            say("The map has no layer that can hold features."),
            way_out=say("Set UMAP_LAYER to a name, and create the layer: umap-bot sync --create-layer"),
        )
    if len(layers) > 1:
        raise RefusedError(
            joined(
                (
                    say("The map has several layers, and UMAP_LAYER does not say which one to use."),
                    _existing(page),
                )
            ),
            way_out=say("Set UMAP_LAYER to the name or id of one of them."),
        )
    return layers[0]


def _existing(page: Page) -> Text:
    if not page.layers:
        return say("It has no layers.")
    return say("Layers: {layers}.", layers=_names(page.layers))


def _names(layers: Sequence[Entry]) -> Text:
    named = tuple(say("“{name}” ({id})", name=each.name, id=each.layer_id) for each in layers[:_SHOWN])
    if len(layers) <= _SHOWN:
        return say("{layers:, }", layers=named)
    return say("{layers:, } and {more} more", layers=named, more=len(layers) - _SHOWN)


def derived_id(map_id: str, name: str, number: int) -> str:
    """Derive an id of the form that uMap gives layers (a uuid of version 4). Number 0 is of the layer while
    it is planned, the others are those that it may get: a layer that was deleted keeps its own."""
    text = f"{map_id}\x00{folded(name)}\x00{number}"
    return str(uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))


def folded(name: str) -> str:
    """Return a layer's name in the form that is compared."""
    return nfc(name[:_LONGEST]).strip()


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _words(value: Value) -> str:
    """Return a text that people are told: as much of it as they can read."""
    return _text(value)[:_LONGEST]


def _list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _object(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}
