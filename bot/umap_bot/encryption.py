"""Secrets go over encrypted connections: without encryption only within this machine, or where it is said."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from umap_bot.errors import SettingsError
from umap_bot.text import say


def refuse_plain(secret: str, host: str, allowed: Collection[str]) -> None:
    """Raise SettingsError if a secret would go to a host in the clear.

    `secret` is the setting that holds it; `allowed` are the hosts of SECRETS_OVER_HTTP.
    """
    if is_this_machine(host) or host.casefold() in {each.casefold() for each in allowed}:
        return
    raise SettingsError(
        say("{setting} would be sent to {host} unencrypted.", setting=secret, host=host),
        way_out=say("Use an https address. If {host} has no https, set SECRETS_OVER_HTTP={host}", host=host),
    )


def is_this_machine(host: str) -> bool:
    """Tell whether what goes to a host stays on this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
