"""A desk as that of the command line's tests."""

from __future__ import annotations

from tests.commands.conftest import desk, folder, ten_cites, traffic

__all__ = ["desk", "folder", "ten_cites", "traffic"]
