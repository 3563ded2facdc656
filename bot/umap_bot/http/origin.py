"""The origin of an address: scheme, host and port (RFC 6454)."""

from __future__ import annotations

from urllib.parse import SplitResult


def origin(parts: SplitResult) -> str:
    """Return scheme, host and port of an http(s) address, the port left out where it is the scheme's own."""
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[parts.scheme]
    port = "" if parts.port in {None, usual} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"
