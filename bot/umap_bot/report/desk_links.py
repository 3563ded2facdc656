"""Where the desk shows a layer: its pages are linked by messages and by the change log's pages."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

DIGITS: Final = 10
"""Of a layer's id at the desk: its name in the state may hold anything."""


def id_of(layer: str) -> str:
    """Return what the desk's addresses call a layer, by its name in the state."""
    return sha256(layer.encode()).hexdigest()[:DIGITS]


def page_of(desk: str, layer: str) -> str:
    """Return the address of a layer's page; "" if nobody said where the desk is."""
    return f"{desk.rstrip('/')}/layers/{id_of(layer)}" if desk else ""
