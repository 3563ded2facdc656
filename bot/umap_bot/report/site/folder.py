"""The folder of a site: nothing of anybody else's is touched, and no reader ever meets half a page."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import mkstemp
from typing import Final, TypeVar

from umap_bot.errors import SettingsError
from umap_bot.report.site.pages import GENERATOR
from umap_bot.text import say

T = TypeVar("T")

FILE_MODE: Final = 0o644
FOLDER_MODE: Final = 0o755
"""A web server reads as somebody else."""

HEAD: Final = 2_000
"""Bytes of a page that tell whose it is."""

_OURS: Final = f'<meta name="generator" content="{GENERATOR}">'.encode()
_STAMP: Final = re.compile(rb'<meta name="umap-bot-page" content="([0-9a-f]+)">')


class Folder:
    """A folder that we write a site into. Raise SettingsError if it can't be written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written = 0
        self.removed = 0

    def claim(self) -> None:
        """Make the folder if it is not there.

        Raise SettingsError if it is somebody else's: nothing is written.
        """
        index = self.path / "index.html"
        if self._try(lambda: index.exists() or index.is_symlink()) and not self.is_ours("index.html"):
            raise SettingsError(
                say("{folder} has an index.html that is not of umap-bot.", folder=str(self.path)),
                way_out=say("Name a folder of its own; nothing was written."),
            )
        self._make(self.path)

    def is_ours(self, name: str) -> bool:
        """Return whether a page is there, and one of ours."""
        return _OURS in self._head(name)

    def stamp(self, name: str) -> str:
        """Return the stamp of a page of ours, "" without one."""
        head = self._head(name)
        found = _STAMP.search(head) if _OURS in head else None
        return found[1].decode() if found else ""

    def write(self, name: str, content: bytes) -> None:
        """Write a file as a whole, if it is not there as it should be."""
        file = self.path / name
        if self._try(lambda: file.is_file() and not file.is_symlink() and file.read_bytes() == content):
            return
        if file.parent != self.path:
            self._make(file.parent)
        self._try(lambda: _replace(file, content))
        self.written += 1

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names of the files in a folder below this one, as `write` takes them."""
        path = self.path / folder
        found = self._try(lambda: sorted(path.iterdir()) if path.is_dir() else [])
        return tuple(file.relative_to(self.path).as_posix() for file in found if file.is_file())

    def remove(self, name: str) -> None:
        self._try(lambda: (self.path / name).unlink(missing_ok=True))
        self.removed += 1

    def _head(self, name: str) -> bytes:
        file = self.path / name
        if not self._try(file.is_file):
            return b""
        with self._try(lambda: file.open("rb")) as page:
            return page.read(HEAD)

    def _make(self, path: Path) -> None:
        if self._try(path.is_dir):
            return
        self._try(lambda: path.mkdir(parents=True, exist_ok=True))
        self._try(lambda: path.chmod(FOLDER_MODE))

    def _try(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise SettingsError(
                say("The folder {folder} can't be used: {reason}.", folder=str(self.path), reason=reason),
                way_out=say("Name one that can be written."),
            ) from error


def _replace(file: Path, content: bytes) -> None:
    """Write beside, then put in place: who reads meanwhile has the old page or the new one."""
    handle, beside = mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(content)
        Path(beside).chmod(FILE_MODE)
        Path(beside).replace(file)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise
