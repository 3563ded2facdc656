"""A layer that the map has not yet: what it will be, and the request that makes it (protocol 5 and 13)."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final

from umap_bot.errors import RefusedError
from umap_bot.http.failures import LostAnswerError
from umap_bot.model.layer import Collection, Entry, Live
from umap_bot.model.release import too_old
from umap_bot.text import say
from umap_bot.umap.entry import Page, derived_id, folded, is_id
from umap_bot.umap.layer.answers import Answer, judge
from umap_bot.umap.layer.form import NAME
from umap_bot.umap.map import UmapMap

_TYPE: Final = ("type", b'"FeatureCollection"')
_IDS: Final = 10
"""How many ids are tried: uMap keeps the id of a layer that was deleted."""
_LAST: Final = 32_767
"""The highest rank that uMap takes (protocol 5)."""


def new_entry(page: Page, name: str, url: str) -> Entry:
    """Return the entry of the layer `name` that the page does not list; `url` is the map's address.

    `editable` tells whether the map is: only who may edit the map may add a layer. `layer_id` stands in for
    the one that it will have. Raise RefusedError if a layer of that name can't be meant.
    """
    _refuse_name(page, name)
    return Entry(
        map_id=page.map_id,
        map_name=page.name,
        map_url=url,
        layer_id=derived_id(page.map_id, name, 0),
        name=name.strip(),
        version="",
        release=page.release,
        editable=page.editable,
        rank=min(_LAST, max((layer.rank for layer in page.layers), default=-1) + 1),
        new=True,
    )


def nothing_yet(entry: Entry) -> Live:
    """Return the layer as it stands before it is made: empty, without a version.

    Its file has the copy of the settings that uMap's page writes up to 3.6: without one, that of 2.9 shows
    nobody the layer (protocol 4, 4).
    """
    copy = ("_umap_options", json.dumps(_settings(entry)).encode())
    empty = Collection(members=(_TYPE, copy), features=())
    return Live(entry=entry, version="", standing=empty, carried=empty)


def refuse_making(page: Page, name: str) -> None:
    """Raise RefusedError if uMap would not let us make a layer, or is too old for what comes after."""
    if "{pk}" not in page.urls.get("datalayer_create", ""):
        raise too_old(page.release)
    if not page.editable:
        raise RefusedError(
            say(
                "The layer “{name}” can't be created, because this sign-in method can't edit the map itself.",
                name=name,
            ),
            way_out=say(
                "Ask someone who can edit the map to add the layer and to let the bot edit it, or "
                "check the sign-in method: umap-bot check"
            ),
        )


def make(of: UmapMap, entry: Entry, file: bytes) -> Answer:
    """Make the layer with this content; what comes of it is told by the next read.

    Its id is derived from map and name, so that a request that is repeated, or two bots at once, make one
    layer and not two. Raise RefusedError, UnreachableError.
    """
    for number in range(1, _IDS + 1):
        page = of.page()
        if any(folded(layer.name) == folded(entry.name) for layer in page.layers):
            return Answer.CONFLICT  # somebody made it meanwhile
        refuse_making(page, entry.name)
        path = page.path("datalayer_create", {"pk": derived_id(entry.map_id, entry.name, number)})
        try:
            reply = of.wire.post(path, _fields(entry), file, {})
        except LostAnswerError:
            return Answer.LOST
        of.wire.pause_as_asked(reply)
        if reply.status != HTTPStatus.BAD_REQUEST:  # else the id is in use: that of a deleted layer
            return judge(reply, "", len(file))
    raise RefusedError(
        say("uMap refuses to create the layer “{name}”.", name=entry.name),
        way_out=say("Add the layer on the map by hand, then run: umap-bot sync"),
    )


def _refuse_name(page: Page, name: str) -> None:
    if is_id(name):
        raise RefusedError(
            say("The map has no layer {id}, and a layer can't be created from an id.", id=name),
            way_out=say("Set UMAP_LAYER to the name of the new layer."),
        )
    if len(name.strip()) > NAME:
        raise RefusedError(
            say("The layer can't be created, because its name has more than {limit} characters.", limit=NAME),
            way_out=say("Set UMAP_LAYER to a shorter name."),
        )
    alike = [layer for layer in page.layers if folded(layer.name).casefold() == folded(name).casefold()]
    if alike:
        raise RefusedError(
            say("The map has a layer “{alike}”, so “{name}” is not created.", alike=alike[0].name, name=name),
            way_out=say("If you mean that layer, set UMAP_LAYER to “{alike}”.", alike=alike[0].name),
        )


def _fields(entry: Entry) -> dict[str, str]:
    """Return the form's fields; people see the name and the display that stand in the settings."""
    return {
        "name": entry.name,
        "settings": json.dumps(_settings(entry)),
        "display_on_load": "true",
        "rank": str(entry.rank),
        "parent": "",
    }


def _settings(entry: Entry) -> dict[str, object]:
    return {"name": entry.name, "displayOnLoad": True}
