"""The secrets among the settings: hidden in every text, and refused where they would be shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from umap_bot.errors import SettingsError
from umap_bot.redaction import add_secret
from umap_bot.settings.lent import FORGES
from umap_bot.settings.model import SECRETS
from umap_bot.text import say

_MADE: Final = frozenset({"UMAP_EDIT_LINK", "UMAP_SESSION_COOKIE"})
"""Secrets that uMap makes, and no person thinks of."""


_PASTED: Final = 8
"""Characters from which a value that stands in two settings was put into one of them by mistake."""


def hide_secrets(values: Mapping[str, str]) -> None:
    """Take the secrets among these values out of every text from now on."""
    for name in SECRETS:
        for secret in _secrets_in(name, values.get(name, "").strip()):
            add_secret(secret, random=name in _MADE)
    add_secret(_signature(values.get("UMAP_EDIT_LINK", "")), random=True)


def hide_environment(environ: Mapping[str, str]) -> None:
    """Take out of every text what else of the environment nobody may read: tokens of a forge, which a server
    may be sent by git's own set-up, and the passwords of proxies."""
    for name in FORGES:
        add_secret(environ.get(name, ""))
    for name, value in environ.items():
        if name.lower().endswith("_proxy"):
            add_secret(value.rpartition("@")[0].rpartition("://")[2].partition(":")[2])


def _secrets_in(name: str, value: str) -> tuple[str, ...]:
    """Return what of a setting must never be shown: the whole, and a password in it, which may stand alone.

    The place of an SQLite file is no secret: it is told when that can't be used.
    """
    if name == "NOTIFY_URLS":
        return (value, *value.split())
    if name != "STATE_URL":
        return (value,)
    password = value.partition("://")[2].rpartition("@")[0].partition(":")[2]
    return (password,) if value.startswith("sqlite:") else (value, password)


def _signature(link: str) -> str:
    """Return the part of an edit link that nobody could guess: errors of libraries hold the path alone."""
    return unquote(link).rpartition(":")[2]


def is_edit_link(value: str) -> bool:
    """Return whether a value is the secret edit link of a map."""
    return "/anonymous-edit/" in unquote(value)


def refuse_misplaced(values: Mapping[str, str]) -> None:
    """Raise SettingsError for a secret in the place of a name, where it would be shown.

    An edit link in UMAP_MAP_URL, a likely mistake, is refused when the address is read, with its own advice.
    """
    for name, value in values.items():
        if name not in {"UMAP_EDIT_LINK", "UMAP_MAP_URL"} and is_edit_link(value):
            raise SettingsError(
                say("{name} contains the secret edit link of a map.", name=name),
                way_out=say("Put it in UMAP_EDIT_LINK."),
            )
    held = {values[name]: name for name in SECRETS if len(values.get(name, "")) >= _PASTED}
    for name, value in values.items():
        if value in held and name not in (*SECRETS, "UMAP_USERNAME"):
            raise SettingsError(
                say("{name} has the same value as {secret}, which is secret.", name=name, secret=held[value]),
                way_out=say("Give {name} its own value.", name=name),
            )
