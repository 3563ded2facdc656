"""The form that goes with a layer's file, and the layers that must not be sent one."""

from __future__ import annotations

from typing import Final

from umap_bot.errors import RefusedError
from umap_bot.model.layer import Entry, Live
from umap_bot.model.release import too_old
from umap_bot.text import say
from umap_bot.umap.ways.access import WayIn

NAME: Final = 200
"""Characters that uMap's column holds; people see the name in the settings (protocol 5)."""


def fields_of(entry: Entry) -> dict[str, str]:
    """Return the form's fields, as the page has them: left out, uMap refuses or changes them (protocol 5).

    Without `parent` a layer leaves its group. `settings` stay out: sent, they replace what people set.
    """
    return {
        "name": (entry.name or entry.layer_id)[:NAME],
        "rank": str(entry.rank),
        "parent": entry.parent or "",
        "display_on_load": "true" if entry.display_on_load else "false",
    }


def refuse_unfit(entry: Entry, on: Live, way_in: WayIn) -> None:
    """Raise RefusedError if nothing may be sent: uMap itself would take most of these (protocol 0, fact 6).

    Never without a version: uMap then overwrites blindly.
    """
    name = entry.name
    if not entry.version:
        raise too_old(entry.release)
    if not on.version:
        raise RefusedError(
            say("The layer “{name}” was read without a version, so it can't be changed safely.", name=name),
            way_out=say("Try again later. If the problem persists, ask the site's administrators."),
        )
    if entry.remote is not None:
        raise RefusedError(
            say(
                "The layer “{name}” shows remote data from {url}, so anything saved in it is never shown.",
                name=name,
                url=entry.remote,
            ),
            way_out=say("Set UMAP_MAP_URL and UMAP_LAYER to the layer that holds the data."),
        )
    if entry.group:
        raise RefusedError(
            say("The layer “{name}” is a group of layers.", name=name),
            way_out=say("Set UMAP_LAYER to one of the layers in it."),
        )
    if not entry.editable:
        raise RefusedError(
            say(
                "The layer “{name}” can't be edited with this sign-in method: {way_in}.",
                name=name,
                way_in=way_in.kind,
            ),
            way_out=entry.way_on,
        )
