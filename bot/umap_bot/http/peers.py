"""Which machines may be spoken to: no site may send us into the network that we stand in (CWE-918)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from umap_bot.errors import UnreachableError
from umap_bot.text import say

_LOCAL_NAMES: Final = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
"""Endings that no public name has (RFC 6761, 6762, 8375; ICANN keeps .internal free)."""
_NAT64: Final = ip_network("64:ff9b::/96")


class Peers:
    """Who may be asked on the way from one address through its redirects.

    What a person writes down may be within their own network: an address that says so by itself, or one
    whose certificate proves the name. A redirect leads there only from there.
    It is the machine that is connected to that counts, not what a name was resolved to before.
    """

    def __init__(self, given: str) -> None:
        """`given` is the address of the first request."""
        parts = urlsplit(given)
        self._within = is_local(parts.hostname or "")
        self._may_be_within = self._within or parts.scheme == "https"

    def follow(self, target: str) -> None:
        """Go on to where a redirect leads. Raise UnreachableError if it is no address for the public."""
        self._may_be_within = self._within
        host = urlsplit(target).hostname or ""
        if is_local(host) and not self._within:  # behind a proxy no connection tells
            raise _within(host)

    def look(self, peer: str) -> None:
        """Look at the IP address that is connected to. Raise UnreachableError if it may not be asked."""
        private = is_private(peer)
        if private and not self._may_be_within:
            raise _within(peer)
        self._within = private


def is_local(host: str) -> bool:
    """Tell whether the name or IP address of a host says that it is in a network of one's own."""
    name = host.casefold().rstrip(".")
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        # A number alone, or one in hexadecimal, is an IPv4 address in another spelling: it has no dot either.
        return "." not in name or name.endswith(_LOCAL_NAMES) or name.rpartition(".")[2].isdigit()
    return is_private(name)


def is_private(address: str) -> bool:
    """Tell whether an IP address is not one of the public internet, in whatever form it is written."""
    ip = ip_address(address.partition("%")[0])
    inner = _inner(ip) if isinstance(ip, IPv6Address) else None
    return any(not each.is_global or each.is_multicast for each in (ip, inner) if each and not _mapped(each))


def _inner(ip: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for, None if it stands for itself."""
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def _mapped(ip: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is but the IPv4 address in it: that one counts then."""
    return isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None


def _within(host: str) -> UnreachableError:
    return UnreachableError(
        say("The address leads to {host}, which is in a private network.", host=host),
        way_out=say("If that is intended, use the final address itself, with https."),
    )
