"""The secrets among the settings: hidden in every text, and refused where they would be shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from umap_bot.errors import SettingsError
from umap_bot.redaction import add_secret
from umap_bot.settings.model import SECRETS
from umap_bot.text import say

_MADE: Final = frozenset({"UMAP_EDIT_LINK", "UMAP_SESSION_COOKIE"})
"""Secrets that uMap makes, and no person thinks of."""


def hide_secrets(values: Mapping[str, str]) -> None:
    """Take the secrets among these values out of every text from now on."""
    for name in SECRETS:
        for secret in _secrets_in(name, values.get(name, "").strip()):
            add_secret(secret, random=name in _MADE)
    add_secret(_signature(values.get("UMAP_EDIT_LINK", "")), random=True)


def _secrets_in(name: str, value: str) -> tuple[str, ...]:
    """Return what of a setting must never be shown: the whole, and a password in it, which may stand alone.

    The place of an SQLite file is no secret: it is told when that can't be used.
    """
    if name == "NOTIFY_URLS":
        return (value, *value.split())
    if name != "STATE_URL":
        return (value,)
    password = value.rpartition("@")[0].rpartition("/")[2].partition(":")[2]
    return (password,) if value.startswith("sqlite:") else (value, password)


def _signature(link: str) -> str:
    """Return the part of an edit link that nobody could guess: errors of libraries hold the path alone."""
    return unquote(link).rpartition(":")[2]


def is_edit_link(value: str) -> bool:
    """Return whether a value is the secret edit link of a map."""
    return "/anonymous-edit/" in unquote(value)


def refuse_misplaced_link(values: Mapping[str, str]) -> None:
    """Raise SettingsError for an edit link in the place of a name, where it would be shown.

    In UMAP_MAP_URL, a likely mistake, it is refused when the address is read, with its own advice.
    """
    for name, value in values.items():
        if name not in {"UMAP_EDIT_LINK", "UMAP_MAP_URL"} and is_edit_link(value):
            raise SettingsError(
                say("{name} holds the secret edit link of a map.", name=name),
                way_out=say("Write it into UMAP_EDIT_LINK."),
            )
