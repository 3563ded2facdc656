"""Where the desk is on the web: its address, and who may speak for the people behind a proxy."""

from __future__ import annotations

import ipaddress
from typing import TypeAlias
from urllib.parse import urlsplit

import msgspec

from umap_bot.encryption import is_this_machine, refuse_plain
from umap_bot.errors import SettingsError
from umap_bot.settings import Settings
from umap_bot.text import say

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


class Place(msgspec.Struct, frozen=True):
    """`origin` is the address that browsers open, without a path; `hosts` are the names that requests may
    call it by. `header` names people whom a proxy signed in ("": none does), from `trusted` addresses alone;
    of them `keepers` may act."""

    origin: str
    hosts: tuple[str, ...]
    header: str = ""
    trusted: tuple[str, ...] = ()
    keepers: tuple[str, ...] = ()

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by TLS."""
        return self.origin.startswith("https://")

    def trusts(self, peer: str) -> bool:
        """Return whether an address is the proxy's."""
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in _network(each) for each in self.trusted)


def place_of(settings: Settings, host: str, port: int) -> Place:
    """Return the place of a desk that listens at this host and port.

    Raise SettingsError if it would be open to others without an address, or without encryption; or if the
    settings of the proxy can't be used.
    """
    shown = f"[{host}]" if ":" in host else host
    url = settings.desk_url or f"http://{shown}:{port}"
    parts = urlsplit(url)
    if not settings.desk_url and not is_this_machine(host):
        raise SettingsError(
            say("The desk would listen at {host}, and DESK_URL is not set.", host=host),
            way_out=say(
                "Set DESK_URL to the address that people open, such as https://desk.example.org, or "
                "listen at 127.0.0.1."
            ),
        )
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise SettingsError(
            say("DESK_URL is no address of a web site: it has to be a whole one, without a path."),
            way_out=say("Write it as https://desk.example.org"),
        )
    if parts.scheme == "http":
        refuse_plain("DESK_URL", parts.hostname, settings.secrets_over_http)
    _refuse_half_a_proxy(settings)
    names = {parts.hostname, *(("localhost", "127.0.0.1", "::1") if is_this_machine(host) else ())}
    return Place(
        f"{parts.scheme}://{parts.netloc}",
        tuple(sorted(names)),
        settings.desk_user_header,
        settings.desk_trusted,
        settings.desk_keepers,
    )


def _refuse_half_a_proxy(settings: Settings) -> None:
    if settings.desk_user_header and not settings.desk_trusted:
        raise SettingsError(
            say("DESK_USER_HEADER is set, and DESK_TRUSTED is not: anybody could send that header."),
            way_out=say("Set DESK_TRUSTED to the address of the proxy, such as 127.0.0.1"),
        )
    for each in settings.desk_trusted:
        try:
            _network(each)
        except ValueError as error:
            raise SettingsError(
                say('DESK_TRUSTED: "{value}" is no address of a network.', value=each),
                way_out=say("Write addresses or networks with commas between: 127.0.0.1, 10.0.0.0/8"),
            ) from error


def _network(text: str) -> Network:
    return ipaddress.ip_network(text, strict=False)


def listening_at(text: str) -> tuple[str, int]:
    """Return host and port of HOST:PORT. Raise SettingsError."""
    host, colon, port = text.rpartition(":")
    number = int(port) if port.isascii() and port.isdigit() and len(port) <= len("65535") else 0
    if not colon or not host or not 0 < number <= 65_535:  # noqa: PLR2004  the largest port
        raise SettingsError(
            say('"{value}" is no host with a port.', value=text), way_out=say("Write it as 127.0.0.1:8765")
        )
    return host.strip("[]"), number
