"""The settings that are the way into a map: a map has one, or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from umap_bot.errors import SettingsError
from umap_bot.settings.model import Settings
from umap_bot.text import Text, joined, say

WAYS: Final = (
    ("UMAP_EDIT_LINK",),
    ("UMAP_USERNAME", "UMAP_PASSWORD"),
    ("UMAP_SESSION_COOKIE", "UMAP_SESSION_UNTIL"),
)
"""The settings of each way in; the first of a way that is there names it."""


def refuse_unclear_way(settings: Settings, where: Text) -> None:
    """Raise SettingsError for two ways in, or half of one. `where` says where the settings are."""
    given = [[name for name in way if getattr(settings, name.lower())] for way in WAYS]
    named = [names[0] for names in given if names]
    if len(named) > 1:
        raise SettingsError(
            say(
                "{first} and {second} are both set, but only one sign-in method can be used.",
                first=named[0],
                second=named[1],
            ),
            way_out=joined((say("Keep only the one that you want to use."), where)),
        )
    for names, way in zip(given, WAYS, strict=True):
        missing = next((name for name in way if name not in names and name != "UMAP_SESSION_UNTIL"), None)
        if names and missing:
            raise SettingsError(
                say("{name} is missing. {given} needs it.", name=missing, given=names[0]), way_out=where
            )


def merged(outer: Mapping[str, Any], nearer: Mapping[str, Any]) -> dict[str, Any]:
    """Return both, the nearer winning: a way in that it names stands in for one that is further away."""
    named = {way for way in WAYS if any(name in nearer for name in way)}
    left_out = {name for way in WAYS if named and way not in named for name in way}
    return {**{name: value for name, value in outer.items() if name not in left_out}, **nearer}
